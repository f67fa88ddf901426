"""The place that an uncaught error names is a line of the user's own program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

START = """\
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import BaseDT.errors
BaseDT.errors.show_named_errors_plainly()
from BaseDT.arguments import check_integer
"""
SETTINGS = """\
from dataclasses import dataclass
from BaseDT.arguments import check_integer


@dataclass
class Settings:
    epochs: int

    __post_init__ = lambda self: check_integer('epochs', self.epochs)
"""


def _ended(folder: Path, program: str) -> str:
    file = folder / "我的 程序.py"
    file.write_text(START + program, encoding="utf-8")
    done = subprocess.run([sys.executable, "-X", "utf8", str(file)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "check_integer('epochs', 0)",
        "ThreadPoolExecutor(1).submit(check_integer, 'epochs', 0).result()",
        "list(ThreadPoolExecutor(1).map(lambda value: check_integer('epochs', value), [0]))",
    ],
)
def test_pythons_own_lines_are_passed_over(tmp_path: Path, line: str) -> None:
    shown = _ended(tmp_path, f"{line}\n")
    assert '我的 程序.py", line 6\n' in shown.splitlines(keepends=True)[0]
    assert "Error Code: -305" in shown


def test_so_is_code_that_a_dataclass_generated(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(SETTINGS, encoding="utf-8")
    shown = _ended(tmp_path, "from settings import Settings\nSettings(0)\n")
    assert "<string>" not in shown
    assert 'settings.py", line 9' in shown


def test_a_program_of_the_command_line_keeps_its_line() -> None:
    program = START + "check_integer('epochs', 0)"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], capture_output=True, encoding="utf-8", check=False
    )
    assert 'File "<string>", line 6' in done.stderr
