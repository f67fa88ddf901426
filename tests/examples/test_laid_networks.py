"""``examples/iris_mmbase.py`` and ``examples/lay_layers.py``."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def loaded(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "作 品"
    folder.mkdir()
    monkeypatch.chdir(folder)


def test_iris_of_the_documents(capsys: pytest.CaptureFixture[str]) -> None:
    share, flower = loaded("iris_mmbase").main()
    assert share >= 0.96
    assert flower == "变色鸢尾"
    assert "4" in capsys.readouterr().out


def test_layers_are_laid_and_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    share, told, is_one = loaded("lay_layers").main(epochs=40)
    assert share >= 0.85
    assert told == is_one
    assert "Layer 3, linear: gets 16 × 3 × 3 = 144" in capsys.readouterr().out
    assert Path("digits.onnx").is_file()
