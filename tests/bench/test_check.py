"""The arithmetic of ``bench.check``."""

from __future__ import annotations

from bench.check import row


def result(seconds: float, cpu: float = 1.0) -> dict[str, float]:
    return {"seconds": seconds, "cpu": cpu, "pictures": 100}


def test_a_row_has_medians_and_ratios() -> None:
    ours, other = [result(2, 1.1), result(4, 1.2), result(1, 1.0)], [result(1.6), result(9), result(1.5)]
    assert row("digits", ours, other) == ["digits", "100", "50", "25 to 100", "62", "1.250", "1.100"]


def test_a_measure_that_broke_says_why() -> None:
    assert row("digits", [{"error": "one\ntwo"}], [])[3] == "two"
    assert row("digits", [result(2), {"error": "one"}], [{"error": "no"}])[2:5] == ["50", "50 to 50", "–"]
