"""Names out of files act neither on a terminal nor in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
import sys
from pathlib import Path

import pytest

from BaseDT import escaping, terminal
from BaseDT.dataset.report import Report
from BaseDT.errors import DatasetInvalid

_ACTING = {
    "colour": "\x1b[31m",
    "title": "\x1b]0;x\x07",
    "C1 colour": "\x9b31m",
    "delete": "\x7f",
    "carriage return": "\r",
    "backspace": "\b",
    "right to left": "\u202e",
    "isolate": "\u2066",
    "mark": "\u200f",
    "line separator": "\u2028",
    "zero width": "\u200b",
    "byte order mark": "\ufeff",
    "half a pair": "\udc80",
    "tag": "\U000e0041",
}
_HARMLESS = ("猫", "café", "ﻗﻄﺔ", "👩‍🔬", "می‌خواهم", "a\u3000b", "C:\\数据\\cat.png", "a\tb\nc")
_FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A1")


@pytest.mark.parametrize("text", _ACTING.values(), ids=_ACTING)
def test_what_acts_on_a_terminal_is_seen_instead(text: str) -> None:
    for shown in (escaping.visible(f"a{text}b"), escaping.one_line(f"a{text}b")):
        assert shown.isprintable()
        assert shown.startswith("a\\")


@pytest.mark.parametrize("text", _HARMLESS)
def test_what_can_be_read_stays(text: str) -> None:
    assert escaping.visible(text) == text


def test_a_name_cannot_begin_a_line_of_its_own() -> None:
    assert escaping.one_line("cat\nError Code: -101.\t") == "cat\\nError Code: -101.\\t"


@pytest.mark.parametrize("name", _FORMULAS)
def test_a_cell_is_no_formula(name: str) -> None:
    table = io.StringIO(newline="")
    csv.writer(table).writerow([escaping.table_cell(name), "1"])
    (cell, _), *rest = csv.reader(io.StringIO(table.getvalue(), newline=""))
    assert cell.startswith("'")
    assert rest == []


@pytest.mark.parametrize("name", ["cat", "猫 =1", "a-b", "'quoted'", "3"])
def test_other_cells_stay(name: str) -> None:
    assert escaping.table_cell(name) == name


def test_lines_notes_and_errors_go_through_it(capsys: pytest.CaptureFixture[str]) -> None:
    name = "".join(_ACTING.values())
    terminal.write_line(f"甲 {name}")
    terminal.note(name)
    error = DatasetInvalid(f"No such class: {name}", hint=name)
    written = "".join(capsys.readouterr()) + str(error) + "".join(error._render_traceback_())
    assert written.replace("\n", "").isprintable()


def test_a_report_of_a_data_set_keeps_its_rows() -> None:
    report = Report(Path("数据"), "COCO", ("a\nb", "\x1b[2J"), {"train": 2}, {"train": (1, 1)})
    assert len(str(report).splitlines()) == 5  # heading, names of the splits, two classes, sum
    assert "\x1b" not in repr(report)


def test_an_uncaught_error_goes_through_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from BaseDT.errors import show_named_errors_plainly

    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    show_named_errors_plainly()
    sys.excepthook(DatasetInvalid, DatasetInvalid("\x1b]0;x\x07"), None)
    assert "\x1b" not in capsys.readouterr().err


def test_every_command_prints_through_it() -> None:
    folder = Path(__file__).parents[2] / "src" / "MMEdu" / "cli"
    raw = re.compile(r"typer\.(echo|secho)\b|click\.echo|(?<!\w)print\(")
    assert [file.name for file in folder.glob("*.py") if raw.search(file.read_text("utf-8"))] == ["output.py"]


def test_every_csv_writer_makes_cells_of_names() -> None:
    source = Path(__file__).parents[2] / "src"
    writing = [file for file in source.rglob("*.py") if "csv.writer(" in file.read_text("utf-8")]
    assert writing
    assert [str(file) for file in writing if "table_cell" not in file.read_text("utf-8")] == []


@pytest.mark.parametrize(
    ("error", "line"),
    [(ValueError("a\tb\nc"), "a\\tb"), (ValueError(), "ValueError"), (RuntimeError("\n"), "")],
)
def test_the_first_line_of_an_error_stays_in_a_line(error: Exception, line: str) -> None:
    assert escaping.first_line(error) == line


def test_a_name_out_of_a_file_is_cut_and_stays_on_its_line() -> None:
    assert escaping.short_name("花瓣长") == "花瓣长"
    assert escaping.short_name("a\nb") == r"a\nb"
    assert escaping.short_name("x" * 1_000_000) == "x" * 40 + "…"
