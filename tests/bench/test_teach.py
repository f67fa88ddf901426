"""The table of ``bench.teach``, on made-up results, and its measures in short. Nothing here judges a time."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from bench._report import MISSING

import models_on_disk as models
from bench import _child, teach

ROUND = {
    "start": {"first_s": 2.0, "save_s": 0.05, "peak_mb": 150.0},
    "answers": {"ms": {"ours": 10.0, "workflow": 10.0}, "ratios": {"ours": 1.0}},
    "train": {"train_s": 0.3, "train_cpu_s": 0.5, "accuracy_s": 1.5},
}


def test_a_row_has_the_median_and_the_range() -> None:
    other = {**ROUND, "start": {"first_s": 4.0, "save_s": 0.05, "peak_mb": 151.0}}
    rows = teach.rows([ROUND, other])
    assert rows[0] == ["start to first answer, 3 classes", "3.00 s", "2.00–4.00", "≤ 6 s"]
    assert {len(row) for row in rows} == {len(teach._HEAD)}


def test_what_broke_is_missing() -> None:
    rows = teach.rows([{"start": {"error": "it broke"}, "answers": {}, "train": ROUND["train"]}])
    assert rows[0][1] == MISSING
    assert rows[5][1] == "0.30 s"


def test_every_measure_is_known_to_the_child() -> None:
    assert {name for name in _child.MEASURES if name.startswith("teach-")} == {
        f"teach-{n}" for n in ("make", "answers", "train")
    }


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak that Linux keeps")
def test_a_round_of_a_small_model(tmp_path: Path) -> None:
    model = models.teachable(tmp_path / "模 型.onnx")
    data = teach.pictures(tmp_path / "图 片", 2)
    effort = argparse.Namespace(block=1, turns=1, images=2)
    found = teach.one_round(str(model), data, effort, tmp_path)
    assert [name for name, result in found.items() if "error" in result] == []
    assert found["start"]["pictures"] == 6
    assert found["train"]["pictures"] == 20
    assert all(row[1] != MISSING for row in teach.rows([found]))
