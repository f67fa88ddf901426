"""``examples/learn_from_tables.py`` and ``examples/features_of_pictures.py``."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from XEdu.hub import Workflow

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


def test_flowers_are_classified_estimated_grouped_and_reduced() -> None:
    flower, scores, r2, groups, reduced = loaded("learn_from_tables").main()
    assert flower == "山鸢尾"
    assert min(scores.values()) >= 0.9
    assert r2 > 0.9
    assert len(np.unique(groups)) == 3
    assert reduced.shape == (150, 2)
    on_a_board = Workflow(task="baseml", checkpoint="花.onnx")
    assert on_a_board.inference(data=[[5.1, 3.5, 1.4, 0.2]])[0] == "山鸢尾"


def test_pictures_become_features_that_tell_digits_apart() -> None:
    score, said = loaded("features_of_pictures").main()
    assert score >= 0.95
    assert said == "4"
