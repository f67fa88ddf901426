"""The first cases of every target, always the same; and that the fuzzer sees what it should see."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from fuzz import case, driver
from fuzz.calls import NOT_CALLED, Calls, public_names
from fuzz.targets import TARGETS, make

_CASES = {
    "pictures": 1200,
    "annotations": 150,
    "keypoints": 120,
    "metadata": 200,
    "files": 100,
    "recipes": 400,
    "settings": 300,
    "checkpoints": 15,
    "networks": 80,
    "boards": 150,
    "saved models": 250,
    "exported models": 60,
    "tables": 150,
    "calls": 80,
}


@pytest.mark.filterwarnings("ignore")  # libraries warn of broken files
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_first_cases_of_each_target_end_with_a_result_or_a_named_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    monkeypatch.setattr("os.fsync", lambda _: None)
    target = make(name, tmp_path / "在 这里")
    found = [case.judge(target, name, 7, number) for number in range(_CASES[name])]
    assert [f"case {item.number}: {item.what} ({item.place})" for item in found if item] == []


def test_every_public_function_is_called(tmp_path: Path) -> None:
    called = {name.partition(" ")[0] for name in Calls(tmp_path).names}
    assert public_names() - called - NOT_CALLED == set()


def test_the_same_seed_gives_the_same_case(tmp_path: Path) -> None:
    thrown = []
    for folder in ("a", "b"):
        target = make("pictures", tmp_path / folder)
        case.judge(target, "pictures", 1, 5)
        thrown.append(target.thrown)
    assert thrown[0] == thrown[1]


@pytest.mark.skipif(sys.platform == "win32", reason="processes start too slowly there for a short test")
def test_what_dies_hangs_or_has_no_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    result, limits = driver.Result(), driver.Limits(seconds=1)
    driver.run("fuzz.planted:Planted", 1, result, seconds=60, cases=3, limits=limits)
    driver.run("fuzz.planted:Sleeper", 1, result, seconds=60, cases=1, limits=limits)
    found = [(finding.number, finding.what.partition(":")[0]) for finding, _ in result.findings]
    assert found == [(1, "RecursionError"), (2, "Death"), (0, "Hang")]
    assert result.cases.total() == 4
