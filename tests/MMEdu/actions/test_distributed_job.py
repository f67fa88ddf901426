"""What a training in several processes says is told apart from what others print."""

from __future__ import annotations

import json

import pytest

from MMEdu.actions import distributed_job
from MMEdu.engine import events


def test_a_print_without_an_end_of_its_line_loses_no_event(capsys: pytest.CaptureFixture[str]) -> None:
    heard: list[events.Event] = []
    notice = distributed_job.EVENT_MARK + json.dumps(events.to_json(events.Notice("完")))
    for line in (notice, f"half a line {notice}", "a print", ""):
        distributed_job._pass_on(line, heard.append)
    assert heard == [events.Notice("完")] * 2
    assert capsys.readouterr().out == "half a line \na print\n\n"
