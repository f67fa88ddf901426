"""``examples/count_at_a_line.py``: a converted detector, and pictures in which what it finds moves."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import models_on_disk
from XEdu.hub import Workflow

FILE = Path(__file__).resolve().parents[2] / "examples" / "count_at_a_line.py"


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("count_at_a_line", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_thing_that_goes_down_is_counted_in(example, tmp_path, monkeypatch, capsys):
    model = models_on_disk.detector(tmp_path / "检测.onnx", ((6, 0, 10, 4, 0.9),), (1,))
    inference = Workflow.inference

    def moved(self, frame, **options):
        """The model on disk finds always the same box: it is moved as the frame says."""
        (box,) = inference(self, frame, **options)
        for edge in ("y1", "y2"):
            box["坐标"][edge] += int(frame[0, 0, 0])
        return [box]

    monkeypatch.setattr(Workflow, "inference", moved)
    frames = [np.full((160, 160, 3), 6 * step, np.uint8) for step in range(20)]
    name = models_on_disk.CLASSES[1]
    assert example.main(model, frames) == {name: {"in": 1, "out": 0}}
    assert capsys.readouterr().out == f"{name} in {{'{name}': {{'in': 1, 'out': 0}}}}\n"
