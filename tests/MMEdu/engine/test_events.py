"""Events as plain data: each comes back as it was, after a trip through JSON too."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from MMEdu.engine import events
from MMEdu.engine.events import (
    CheckpointSaved,
    EpochFinished,
    Event,
    Iteration,
    Notice,
    Progress,
    Pulse,
    RunFailed,
    RunFinished,
    RunStarted,
    Stopped,
    Validated,
    from_json,
    long_work,
    silent,
    to_json,
)

NAN, INFINITE = float("nan"), float("inf")
ENVIRONMENT = {"backbone": "LeNet", "classes": ["猫", "狗"], "lr": 0.01, "seed": 7, "resume": False, "thr": None}
EVERY: list[Event] = [
    RunStarted({**ENVIRONMENT, "settings": {"epochs": 3}}, 3),
    Progress("Checking", 3, 10),
    Pulse("检查", 0, 0),
    Stopped("Checking"),
    Iteration(1, 3, 10, 838, 1e-7, {"loss": 1.5, "loss_box": 0.25}, 0.25, 0.001, 512, 3661.0),
    Validated(2, 838, 0.01, {"accuracy_top-1": 93.2}),
    EpochFinished(1, 3),
    CheckpointSaved(Path("输 出") / "best.pth", "best"),
    Notice("一行 line"),
    RunFinished(2.5, (Path("输 出/best.pth"), Path("a.json"))),
    RunFinished(0.0),
    RunFailed("Ctrl-C", Path("输 出/latest.pth")),
    RunFailed("no memory", None),
]


def there_and_back(event: Event) -> Event:
    return from_json(json.loads(json.dumps(to_json(event), allow_nan=False)))


def test_no_event_is_left_out():
    classes = {one for one in vars(events).values() if isinstance(one, type) and dataclasses.is_dataclass(one)}
    assert {type(event) for event in EVERY} == classes


@pytest.mark.parametrize("event", EVERY, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_as_it_was(event):
    back = there_and_back(event)
    assert type(back) is type(event)
    assert back == event
    assert from_json(to_json(event)) == event


def test_an_event_is_named_and_has_its_fields():
    assert to_json(CheckpointSaved(Path("a.pth"), "best")) == {
        "event": "checkpoint_saved",
        "path": "a.pth",
        "kind": "best",
    }
    assert to_json(EVERY[4])["event"] == "iteration"


@pytest.mark.parametrize("number", [NAN, INFINITE, -INFINITE, np.float64("nan")])
def test_numbers_that_json_does_not_know_survive(number):
    iteration = Iteration(1, 1, 1, 1, 0.1, {"loss": number, "loss_box": 1.0}, 0.1, 0.0, 5, number)
    back = there_and_back(iteration)
    assert isinstance(back, Iteration)
    np.testing.assert_equal(back.losses, {"loss": number, "loss_box": 1.0})
    np.testing.assert_equal(back.eta, number)
    started = there_and_back(RunStarted({"values": [1.0, number], "name": "nan"}, 1))
    assert isinstance(started, RunStarted)
    np.testing.assert_equal(started.environment, {"values": [1.0, number], "name": "nan"})


@pytest.mark.parametrize("values", [{}, {"event": "party"}, {"event": None}, {"event": ["notice"]}])
def test_what_is_no_event_is_refused(values):
    with pytest.raises(ValueError, match="no such event"):
        from_json(values)


def test_a_long_work_that_fails_stops():
    reported: list[Event] = []

    def fail() -> None:
        with long_work(reported.append, "Checking") as progress:
            progress(1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert reported == [Progress("Checking", 1, 2), Stopped("Checking")]


def test_nobody_hears_a_silent_listener(capsys):
    for event in EVERY:
        silent(event)
    assert capsys.readouterr() == ("", "")
