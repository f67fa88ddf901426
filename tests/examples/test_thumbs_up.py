"""``examples/thumbs_up.py``: gestures are learned from twenty pictures of each in milliseconds, and told again."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "examples" / "thumbs_up.py"


def test_gestures_are_learned_from_twenty_pictures_in_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location("thumbs_up", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    result = module.main()
    assert result["right"] > 0.97
    assert result["seconds"] < 1.0
    assert result["answer"] == "thumbs_up"
    assert "训练用时" in capsys.readouterr().out
