"""The Makefile, in a folder with Chinese characters and a space. A script stands in for Python and notes its calls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32" or shutil.which("make") is None, reason="needs make")

PYTHON = """#!/bin/sh
echo "$@" >>calls.txt
case "$*" in "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp "$0" .venv/bin/mmedu ;; esac
case "$*" in *"{refuses}"*) exit 1 ;; esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "新 用户" / "mmedu"
    folder.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def stand_in(folder: Path, refuses: str = "nothing") -> Path:
    """A Python that fails at whatever holds this text."""
    script = folder.parent / "my python"
    script.write_text(PYTHON.format(refuses=refuses), encoding="utf-8")
    script.chmod(0o755)
    return script


def make(folder: Path, goal: str, python: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = ["make", goal, *([f"PYTHON={python}"] if python else [])]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PYTHON", "MFLAGS"))}
    return subprocess.run(
        command, cwd=folder, env={**clean, "LC_ALL": "C.UTF-8"}, capture_output=True, encoding="utf-8", check=False
    )


def calls(folder: Path) -> list[str]:
    """What the stand-in was told since this was last asked, its version aside."""
    notes = folder / "calls.txt"
    lines = notes.read_text("utf-8").splitlines() if notes.exists() else []
    notes.unlink(missing_ok=True)
    return [line for line in lines if line.startswith(("-m ", ".venv/")) or line in ("demo", "studio")]


def test_make_alone_lists_what_there_is(folder: Path) -> None:
    shown = make(folder, "help").stdout
    assert "make demo" in shown
    assert "PIP_FLAGS" in shown


def test_demo_makes_its_environment_installs_and_runs(folder: Path) -> None:
    done = make(folder, "demo", stand_in(folder))
    assert done.returncode == 0, done.stderr
    venv, install, demo = calls(folder)
    assert venv == "-m venv --clear .venv"
    assert install.startswith("-m pip install")
    assert install.endswith("-c constraints.txt -e .[train]")
    assert demo == "demo"
    assert "Installing" in done.stdout


def test_studio_installs_what_the_browser_tool_needs_and_opens_it(folder: Path) -> None:
    done = make(folder, "studio", stand_in(folder))
    assert done.returncode == 0, done.stderr
    assert calls(folder)[1].endswith("-e .[train,studio]")
    make(folder, "demo")  # studio holds train
    assert calls(folder) == ["demo"]


def test_test_installs_what_developers_need_and_runs_pytest(folder: Path) -> None:
    make(folder, "test", stand_in(folder))
    _, install, pytest_call = calls(folder)
    assert install.endswith("-e .[dev]")
    assert pytest_call.startswith("-m pytest")


def test_a_second_time_nothing_is_installed(folder: Path) -> None:
    python = stand_in(folder)
    make(folder, "test", python)
    calls(folder)
    make(folder, "test", python)
    make(folder, "demo", python)  # dev holds train
    assert [call.split()[1:2] for call in calls(folder)] == [["pytest"], []]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_what_changed_is_installed_again(folder: Path, name: str) -> None:
    python = stand_in(folder)
    make(folder, "demo", python)
    calls(folder)
    later = time.time() + 10
    os.utime(folder / name, (later, later))
    make(folder, "demo", python)
    assert [call for call in calls(folder) if "pip install" in call]


def test_a_folder_that_was_moved_is_installed_again(folder: Path) -> None:
    python = stand_in(folder)
    make(folder, "demo", python)
    moved = folder.rename(folder.with_name("moved (2)"))
    calls(moved)
    make(moved, "demo", python)
    assert [call for call in calls(moved) if "pip install" in call]


def test_an_installation_that_failed_is_tried_again_and_says_what_may_help(folder: Path) -> None:
    done = make(folder, "demo", stand_in(folder, "pip install"))
    assert done.returncode != 0
    assert "PIP_FLAGS" in done.stderr
    assert "demo" not in calls(folder)
    shutil.rmtree(folder / ".venv")
    assert make(folder, "demo", stand_in(folder)).returncode == 0
    assert "demo" in calls(folder)


def test_a_python_that_is_too_old_is_named_with_the_way_out(folder: Path) -> None:
    done = make(folder, "demo", stand_in(folder, "version_info"))
    assert done.returncode != 0
    assert "3.10" in done.stderr
    assert "安装" in done.stderr
    assert not (folder / ".venv").exists()


def test_a_missing_venv_module_is_named_with_the_package_that_brings_it(folder: Path) -> None:
    done = make(folder, "demo", stand_in(folder, "ensurepip"))
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr
    assert not (folder / ".venv").exists()


def test_a_half_made_environment_is_not_left_behind(folder: Path) -> None:
    assert make(folder, "demo", stand_in(folder, "-m venv")).returncode != 0
    assert not (folder / ".venv").exists()


@pytest.mark.parametrize("linter", ["ruff check", "mypy"])
def test_lint_fails_when_one_linter_does_but_lets_all_of_them_speak(folder: Path, linter: str) -> None:
    assert make(folder, "lint", stand_in(folder, linter)).returncode != 0
    _, _, *said = calls(folder)
    assert said == ["-m ruff check .", "-m ruff format --check .", "-m mypy", ".venv/bin/lint-imports --no-logo"]


def test_lint_passes_when_all_linters_do(folder: Path) -> None:
    assert make(folder, "lint", stand_in(folder)).returncode == 0
