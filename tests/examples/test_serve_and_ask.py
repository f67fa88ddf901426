"""The example that serves a model and asks it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import models_on_disk
from BaseDT import image

pytest.importorskip("uvicorn")

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "serve_and_ask.py"


def test_the_example_gets_an_answer_and_leaves_nothing_running(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("serve_and_ask", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    photo = image.write(tmp_path / "照 片.jpg", models_on_disk.picture("blue"))
    answer = example.main(models_on_disk.classifier(tmp_path / "颜 色.onnx"), photo, port=0)
    assert answer["预测结果"] == "蓝色"
