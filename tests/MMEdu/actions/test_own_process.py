"""Processes of our own import nothing from the folder that a user stands in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from MMEdu.actions import own_process


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pupil's folder, with programs that are named like modules."""
    folder = tmp_path / "我的 程序"
    folder.mkdir()
    for name in ("random", "json", "numpy", "MMEdu"):
        (folder / f"{name}.py").write_text("raise SystemExit('a pupil')", encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def test_a_pupils_own_files_are_not_ours(folder: Path):
    done = subprocess.run(
        own_process.command("MMEdu", "--version"),
        env=own_process.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout.split()[:1]) == (0, ["mmedu"]), done.stderr


def test_relative_entries_of_the_path_stay_true_elsewhere(folder: Path):
    given = {"PYTHONPATH": os.pathsep.join(["lib", "", str(folder)]), "OTHER": "kept"}
    made = own_process.environment(given, "zh")
    assert made["PYTHONPATH"].split(os.pathsep)[:2] == [str(folder / "lib"), str(folder)]
    assert (made["OTHER"], made["MMEDU_LANG"]) == ("kept", "zh")
