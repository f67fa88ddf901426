"""Ctrl-C while the first one is answered, and while something is written."""

from __future__ import annotations

import signal
import sys
import threading

import pytest

from BaseDT.errors import TrainingInterrupted, show_named_errors_plainly
from BaseDT.interrupts import Ending, postponed


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_the_first_ends_the_work_and_later_ones_do_not_spoil_its_end() -> None:
    saved = False
    with Ending() as ending:
        try:
            press()
        except KeyboardInterrupt:
            ending.begins()
            ending.begins()
            press()
            saved = True
        press()
    assert saved
    with pytest.raises(KeyboardInterrupt):
        press()


def test_without_an_ending_it_is_as_it_was() -> None:
    with pytest.raises(KeyboardInterrupt), Ending():
        press()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_it_waits_until_all_is_written() -> None:
    written: list[int] = []

    def write() -> None:
        with postponed():
            written.append(1)
            press()
            press()
            written.append(2)

    with pytest.raises(KeyboardInterrupt):
        write()
    assert written == [1, 2]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_while_writing_is_that_error() -> None:
    def write() -> None:
        with postponed():
            press()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_ignored_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under ``nohup``."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Ending() as ending, postponed():
            ending.begins()
            press()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_may_do_the_same_work() -> None:
    done: list[str] = []

    def work() -> None:
        with Ending() as ending, postponed():
            ending.begins()
            done.append("x")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["x"]


def test_one_too_many_after_a_training_was_stopped_shows_where_it_is_saved(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    show_named_errors_plainly()
    try:
        try:
            raise TrainingInterrupted("The training was stopped.", hint="a/latest.pth")
        finally:
            press()
    except KeyboardInterrupt as error:
        sys.excepthook(type(error), error, error.__traceback__)
    shown = capsys.readouterr().err
    assert "-801" in shown
    assert "a/latest.pth" in shown
    assert "Traceback" not in shown
