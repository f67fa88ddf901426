"""The demo of flowers: its tables are what they say, and every step runs and leaves what it names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from BaseDT import image
from MMEdu.cli import app
from MMEdu.demo import flowers


def test_the_tables_are_the_same_bytes_each_time_and_hold_all_flowers(tmp_path: Path):
    learned, tested = flowers.write(tmp_path / "数据 集")
    again, _ = flowers.write(tmp_path / "2")
    assert learned.file.read_bytes() == again.file.read_bytes()
    assert np.bincount(learned.y).tolist() == [40, 40, 40]
    assert np.bincount(tested.y).tolist() == [10, 10, 10]
    rows = tested.file.read_text(encoding="utf-8").splitlines()
    assert rows[0] == "petal length,petal width,flower"
    assert len(rows) == 31


def test_four_models_reach_their_goal_and_the_demo_names_only_files_that_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    here = tmp_path / "演 示"
    here.mkdir()
    monkeypatch.chdir(here)
    result = CliRunner().invoke(app, ["demo", "iris", "--out", "花 [1]"])
    assert result.exit_code == 0, result.output
    assert "model.add('linear', size=(2, 10), activation='relu')" in result.output
    assert "The converted network says the same of 30 of 30 flowers." in result.output
    named = [line.partition(": ")[2] for line in result.output.partition("Where everything lies:\n")[2].splitlines()]
    assert len(named) == 6
    assert all(Path(name).exists() for name in named)
    assert image.read(Path("花 [1]") / "iris_regions.png").shape[2] == 3
