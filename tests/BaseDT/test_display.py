"""Where a picture can be shown; that a viewer does not block is tested with ``inference``."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from BaseDT import display


class ZMQInteractiveShell:
    """Has the name of a notebook's shell."""


def _ipython(monkeypatch: pytest.MonkeyPatch, shell: object) -> list[Any]:
    shown: list[Any] = []
    fake: Any = ModuleType("IPython")
    fake.get_ipython = lambda: shell
    part: Any = ModuleType("IPython.display")
    part.display = shown.append
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setitem(sys.modules, "IPython.display", part)
    return shown


def test_a_notebook_shows_the_picture_in_its_own_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _ipython(monkeypatch, ZMQInteractiveShell())
    assert display.show(np.full((4, 6, 3), (255, 0, 10), dtype=np.uint8))
    assert shown[0].size == (6, 4)
    assert shown[0].getpixel((0, 0)) == (10, 0, 255)
    assert display.show(np.full((4, 6), 7, dtype=np.uint8))
    assert shown[1].getpixel((0, 0)) == 7


@pytest.mark.parametrize("shell", [None, object()])
def test_a_terminal_with_ipython_is_no_notebook(monkeypatch: pytest.MonkeyPatch, shell: object) -> None:
    _ipython(monkeypatch, shell)
    assert not display.in_notebook()


def test_without_a_desktop_nothing_is_shown() -> None:
    assert not display.show(np.zeros((4, 6), dtype=np.uint8))


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these always have a desktop")
def test_a_screen_is_known_by_its_variable_and_can_be_ruled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert display.has_desktop()
    monkeypatch.setenv("MMEDU_HEADLESS", "1")
    assert not display.has_desktop()
