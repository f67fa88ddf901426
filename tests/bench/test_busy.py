"""The arithmetic and the table of ``bench.busy``. Nothing here measures time."""

from __future__ import annotations

import pytest

from bench import _busy, busy


def test_the_fair_share_counts_each_loop_as_much_as_all_threads_of_a_step() -> None:
    assert busy.fair_share(10.0, 0, 2) == 10.0
    assert busy.fair_share(10.0, 1, 2) == 15.0
    assert busy.fair_share(10.0, 2, 2) == 20.0


def test_the_table_has_a_row_for_each_load_and_leaves_out_what_broke() -> None:
    seconds = {"alone": (0.01, 0.012), "one loop": (0.15, 0.015), "a loop per core": (0.2, None)}
    found = {
        load: {
            name: [{"seconds": s} if s else {"error": "it broke"}]
            for name, s in zip(("before", "after"), both, strict=True)
        }
        for load, both in seconds.items()
    }
    assert busy.rows("LeNet", found, cores=2) == [
        ["LeNet, alone", "10.0", "100%", "12.0", "83%"],
        ["LeNet, one loop", "150.0", "10%", "15.0", "100%"],
        ["LeNet, a loop per core", "200.0", "10%", "–", "–"],
    ]


def test_the_clock_runs_from_the_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("bench._busy.time.monotonic", lambda: now)
    clock = _busy._Clock(5.0)
    assert not clock.is_set()
    clock.start()
    now = 104.0
    clock.start()
    assert not clock.is_set()
    now = 105.5
    assert clock.is_set()


def test_busy_loops_end_with_their_measure() -> None:
    with busy.busy(1):
        pass
