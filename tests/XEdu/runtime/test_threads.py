"""How many threads a model gets when nobody says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from XEdu.runtime import threads


def test_they_are_the_cores_of_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    monkeypatch.setattr(threads, "_QUOTA", tmp_path / "nothing")
    assert threads.available() == 3


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", 8),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("", 8),
        ("x y", 8),
        ("1 0", 8),
    ],
)
def test_the_quota_of_a_container_bounds_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, expected: int
) -> None:
    (tmp_path / "cpu.max").write_text(quota, "ascii")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(threads, "_QUOTA", tmp_path / "cpu.max")
    assert threads.available() == expected


def test_where_there_is_no_affinity_the_machine_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    monkeypatch.setattr(threads, "_QUOTA", tmp_path / "nothing")
    assert threads.available() == 6
