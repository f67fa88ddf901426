"""``bench.ml``: both sides do the same work, and a row says how they compare."""

from __future__ import annotations

import dataclasses

import pytest

from BaseDT import terminal
from bench import ml


def test_a_row_has_medians_and_the_range_of_the_ratios() -> None:
    rounds = [{part: {"ours": ours, "theirs": 1.0} for part in ("train", "infer")} for ours in (1.0, 1.1, 1.5)]
    assert ml.row("KNN", rounds) == ["KNN", "1100.0", "1.10 (1.00–1.50)", "1100.0", "1.10 (1.00–1.50)"]


@pytest.mark.parametrize("name", ["KNN", "Ridge", "Kmeans", "LDA"])
def test_both_sides_of_each_family_are_measured(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "write_line", lambda *_: None)
    monkeypatch.setattr(ml, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(ml, "ROWS", 300)
    found = ml.measure(dataclasses.replace(ml.cases()[name], rows=200, asked=100))
    assert {part: set(seconds) for part, seconds in found.items()} == {
        "train": {"ours", "theirs"},
        "infer": {"ours", "theirs"},
    }
    assert min(min(seconds.values()) for seconds in found.values()) > 0
