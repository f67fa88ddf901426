"""What running a model costs before it runs: no training part, no runtime that is not needed, little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import models_on_disk as models
from BaseDT import image

HEAVY = ("torch", "torchvision", "matplotlib", "sklearn", "scipy", "onnx", "typer", "rich", "openvino", "ncnn")
UNUSED = ("PIL.ImageFont", "BaseDT.dataset", "XEdu.outputs.detection")
"""By a classifier that draws nothing."""


def python(code: str, *arguments: str) -> str:
    """Run code in a fresh Python and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_imports_bring_nothing_heavy_along() -> None:
    code = f"""
import sys
import XEdu.hub, BaseDT, BaseDeploy
from XEdu.hub import Workflow
print([name for name in {(*HEAVY, "onnxruntime")!r} if name in sys.modules])
"""
    assert python(code) == "[]"


@pytest.mark.parametrize("package", ["XEdu.hub", "XEdu.runtime", "XEdu.teach", "BaseDeploy"])
def test_a_package_alone_is_almost_nothing(package: str) -> None:
    code = f"import sys, {package}; print([m for m in ('numpy', 'cv2', 'PIL', 'onnxruntime') if m in sys.modules])"
    assert python(code) == "[]"


def test_an_inference_brings_onnxruntime_and_nothing_else(folder: Path) -> None:
    model = models.classifier(folder / "x.onnx")
    picture = image.write(folder / "图 片.jpg", models.picture("green"))
    code = f"""
import json, sys
from XEdu.hub import Workflow
import BaseDeploy
said = Workflow("mmedu", sys.argv[1]).inference(sys.argv[2])["预测结果"]
deployed = BaseDeploy(sys.argv[1])
deployed.inference(sys.argv[2])
loaded = [name for name in {(*HEAVY, *UNUSED)!r} if name in sys.modules]
print(json.dumps([said, "onnxruntime" in sys.modules, loaded]))
"""
    assert json.loads(python(code, str(model), str(picture))) == ["绿色", True, []]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak that Linux keeps")
def test_importing_the_hub_takes_less_than_70_mb() -> None:
    # Not ru_maxrss: a child inherits the peak of the process that started it.
    code = """
from XEdu.hub import Workflow
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
    assert int(python(code)) / 1024 < 70


@pytest.mark.parametrize("statement", ["import XEdu.hub", "import BaseDeploy"])
def test_a_scripts_mistake_is_shown_without_a_traceback(statement: str, folder: Path) -> None:
    script = folder / "脚 本.py"
    call = "XEdu.hub.Workflow('mmedu', 'no.onnx')" if "hub" in statement else "BaseDeploy('no.onnx')"
    script.write_text(f"{statement}\n{call}\n", "utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Error Code: -102" in done.stderr
    assert "line 2" in done.stderr
