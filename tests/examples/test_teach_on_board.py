"""``examples/teach_on_board.py``: what a button does, without a screen, a camera or pins."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import models_on_disk as models
from XEdu.hub import Workflow

FILE = Path(__file__).resolve().parents[2] / "examples" / "teach_on_board.py"


@pytest.fixture
def example() -> ModuleType:
    pytest.importorskip("tkinter")
    spec = importlib.util.spec_from_file_location("teach_on_board", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Window:
    """Keys that are held at each frame, and the lines that were shown."""

    def __init__(self, held: list[set[str]]) -> None:
        self.held, self.shown, self.open = iter(held), [], True
        self.keys = next(self.held)

    def show(self, frame: np.ndarray, text: str) -> None:
        self.shown.append(text)
        self.keys = next(self.held, set())


def test_a_button_teaches_and_without_one_the_answer_is_shown(example, folder, monkeypatch, capsys):
    model = models.teachable(folder / "x.onnx")
    red, blue = models.picture("red"), models.picture("blue")
    window = Window([set(), {"a"}, {"a"}, {"b"}, set(), set()])
    monkeypatch.setattr(example, "Window", lambda: window)
    monkeypatch.setattr(example, "pins", list)
    example.main(model, [red, red, red, blue, blue, red])
    assert window.shown[0].startswith("Hold A")
    assert window.shown[1:4] == ["A: 1", "A: 2", "B: 1"]
    assert [line.split()[0] for line in window.shown[4:]] == ["B", "A"]
    assert "mine.onnx: {'A': 2, 'B': 1}" in capsys.readouterr().out
    assert Workflow("mmedu", "mine.onnx").inference(blue)["预测结果"] == "B"


def test_a_wired_button_is_as_good_as_a_key(example, folder, monkeypatch):
    class Wired:
        def __init__(self, is_pressed: bool) -> None:
            self.is_pressed = is_pressed

    window = Window([set(), {"b"}])
    monkeypatch.setattr(example, "Window", lambda: window)
    monkeypatch.setattr(example, "pins", lambda: [Wired(False), Wired(True)])
    example.main(models.teachable(folder / "x.onnx"), [models.picture("red")] * 2)
    assert window.shown == ["B: 1", "B: 2"]
    assert not Path("mine.onnx").exists()


def test_a_pc_has_no_pins(example, monkeypatch):
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    assert example.pins() == []
