"""Who runs a program hears what its console hears, and ends its trainings; the program says nothing of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from BaseDT.errors import TrainingInterrupted
from BaseDT.events import Notice
from MMEdu import MMClassification
from MMEdu.engine.events import Event, RunFailed, RunStarted, Validated
from MMEdu.engine.host import Host, heard_by_host, run_by, stop_of_host
from MMEdu.engine.listeners.console import console


def test_the_console_and_the_host_hear_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    heard: list[Event] = []
    with run_by(Host(heard.append, threading.Event())):
        console()(Notice("one"))
        inside = console()
    inside(Notice("two"))  # made within the block
    console()(Notice("three"))
    assert heard == [Notice("one"), Notice("two")]
    assert capsys.readouterr().out == "one\ntwo\nthree\n"
    assert stop_of_host() is None
    assert heard_by_host(print) is print


def test_other_threads_have_no_host() -> None:
    found: list[object] = []
    with run_by(Host(print, threading.Event())):
        assert stop_of_host() is not None
        thread = threading.Thread(target=lambda: found.append(stop_of_host()))
        thread.start()
        thread.join()
    assert found == [None]


def test_a_host_ends_a_training_that_names_neither(dataset: Path, folder: Path) -> None:
    heard: list[Event] = []
    stop = threading.Event()

    def listen(event: Event) -> None:
        heard.append(event)
        if isinstance(event, Validated):
            stop.set()

    with run_by(Host(listen, stop)):
        model = MMClassification("LeNet")
        model.load_dataset(dataset)
        model.save_fold = "模型"
        with pytest.raises(TrainingInterrupted):
            model.train(epochs=50)
    assert {RunStarted, Validated, RunFailed} <= {type(event) for event in heard}
    assert (folder / "模型" / "latest.pth").is_file()
    own = threading.Event()
    with run_by(Host(heard.append, stop)):  # its own signal counts, not the host's
        model.train(epochs=1, stop=own, listener=lambda _: None)
