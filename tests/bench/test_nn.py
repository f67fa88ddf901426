"""The tables and rows of ``bench.nn``. Nothing here judges a time."""

from __future__ import annotations

from pathlib import Path

from bench import nn


def test_made_up_tables_have_all_classes() -> None:
    for loop in nn.LOOPS:
        x, y = nn.table(loop)
        assert x.shape == (loop.rows, loop.features)
        assert set(y.tolist()) == {0, 1, 2}


def test_both_sides_run(tmp_path: Path) -> None:
    loop = nn.Loop("short", 30, 4, 10, 2)
    assert nn.ours(loop, nn.table(loop), tmp_path) > 0
    assert nn.plain(loop, nn.table(loop)) > 0


def test_a_row_has_the_median_and_the_range() -> None:
    assert nn._row("iris", [0.9, 1.0, 0.95], "", "≥ 0.96") == ["iris", "0.950", "0.900–1.000", "≥ 0.96"]
