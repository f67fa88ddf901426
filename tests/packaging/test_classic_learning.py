"""What BaseML brings along: nothing until it is used, scikit-learn when an algorithm is, torch never."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import BaseML

HEAVY = ("torch", "torchvision", "matplotlib", "sklearn", "scipy", "onnx", "onnxruntime", "joblib", "pandas")
USED = """
import json, sys
from BaseML import Classification
before = [name for name in {heavy!r} if name in sys.modules]
model = Classification('KNN', n_neighbors=1)
model.load_dataset([[0, 0], [1, 1], [0, 1], [1, 0]], [0, 1, 0, 1], split=False)
model.train()
model.inference([[1, 1]])
foreign = ('torch', 'matplotlib', 'onnx', 'MMEdu', 'BaseNN')
print(json.dumps([before, [name for name in foreign if name in sys.modules]]))
"""


def python(code: str) -> list[object]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.strip().splitlines()[-1]))


def test_no_module_of_it_imports_what_is_heavy() -> None:
    names = [module.name for module in pkgutil.walk_packages(BaseML.__path__, "BaseML.")]
    # What writes ONNX is imported when something is converted.
    names = [name for name in names if not name.startswith("BaseML.export.") or name == "BaseML.export.onnx"]
    assert len(names) > 20
    code = f"""
import importlib, json, sys
for name in {names!r}:
    importlib.import_module(name)
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""
    assert python(code) == []


def test_using_an_algorithm_brings_scikit_learn_and_nothing_of_networks() -> None:
    assert python(USED.format(heavy=HEAVY)) == [[], []]
