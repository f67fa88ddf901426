"""Lines that any console can show."""

from __future__ import annotations

import io
import sys

import pytest

from BaseDT import terminal


def test_what_a_console_lacks_becomes_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="gbk", newline="\n")
    monkeypatch.setattr(sys, "stdout", stream)
    terminal.write_line("标签 étiquette ☃")
    assert stream.buffer.getvalue().decode("gbk") == "标签 étiquette ?\n"  # type: ignore[attr-defined]


def test_a_program_without_a_console_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    terminal.write_line("x")
    terminal.note("x")


def test_notes_keep_results_clean(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.note("甲")
    terminal.write_line("乙")
    assert capsys.readouterr() == ("乙\n", "甲\n")


class _Gone(io.StringIO):
    """A stream that nobody reads any more, or whose disk is full."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:
        raise self._error


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), OSError(28, "No space left on device"), ValueError("I/O operation on closed file")]
)
def test_a_stream_that_is_gone_ends_nothing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(sys, "stdout", _Gone(error))
    monkeypatch.setattr(sys, "stderr", _Gone(error))
    terminal.write_line("x")
    terminal.note("x")
