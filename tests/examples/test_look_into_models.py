"""``examples/look_into_models.py``: five pictures that explain four models."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from BaseDT import image

FILE = Path(__file__).resolve().parents[2] / "examples" / "look_into_models.py"


def test_each_model_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location("look_into_models", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    files = module.main(tmp_path / "图 片")
    assert [image.read(file).shape[2] for file in files] == [3] * 5
    assert "5 张图片" in capsys.readouterr().out
