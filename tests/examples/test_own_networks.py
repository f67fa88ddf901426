"""``examples/own_pictures.py`` and ``examples/own_table.py``."""

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


def test_pictures_of_class_folders() -> None:
    right, said = loaded("own_pictures").main(epochs=8)
    assert right >= 0.8
    assert said == "数字0"


def test_a_table_of_classes() -> None:
    right, said = loaded("own_table").flowers()
    assert right >= 0.9
    assert said == "山鸢尾"


def test_a_table_of_numbers() -> None:
    assert loaded("own_table").numbers() < 50
