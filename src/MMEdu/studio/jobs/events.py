"""Reads what a job tells, while it tells it. An event's number is its line in ``events.jsonl``, counted from 1."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from MMEdu.actions.job_files import read_event
from MMEdu.studio.live import Told

_AT_ONCE = 256 * 1024
"""Bytes; a stream is asked ten times a second."""
_TAIL = 64 * 1024
_ENDS = ("stopped", "done", "failed", "interrupted")


class EventReader:
    """Reads a growing file of events, forwards.

    Args:
        path: The file; it may come later.

    Attributes:
        at_end: Whether everything was read that is there.
        ends: Numbers of the events that told the end of a run: a job that went on has several.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number, self._place = 0, 0
        self.at_end = False
        self.ends: list[int] = []

    def after(self, number: int) -> list[Told]:
        """Return the next events after a number, not all at once: as ``Channel.after``."""
        if number < self._number:
            self._begin()
        self.at_end = False
        news: list[Told] = []
        for line in self._next_lines():
            self._number += 1
            if self._number <= number and b'"state"' not in line:
                continue
            if (event := read_event(line)) is None:
                continue
            name = event.pop("event")
            if name == "state" and event.get("state") in _ENDS:
                self.ends.append(self._number)
            if self._number > number:
                news.append(Told(self._number, name, event))
        return news

    def _begin(self) -> None:
        self._number, self._place = 0, 0
        self.ends.clear()

    def _next_lines(self) -> list[bytes]:
        """Return the lines that are whole; a long line is read on until its end is there."""
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._place:  # somebody wrote it anew
                    self._begin()
                file.seek(self._place)
                data = file.read(_AT_ONCE)
                self.at_end = len(data) < _AT_ONCE
                while b"\n" not in data and (more := file.read(_AT_ONCE)):
                    data += more
        except OSError:
            self.at_end = True
            return []
        whole, _, _ = data.rpartition(b"\n")
        if not whole and not data.startswith(b"\n"):
            return []
        self._place += len(whole) + 1
        return whole.split(b"\n")


def last_state(path: Path, state: str = "") -> dict[str, Any]:
    """Return the last ``state`` that a job told, or the last of one kind; empty where it told none lately."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - _TAIL))
            lines = file.read().split(b"\n")
    except OSError:
        return {}
    events = (read_event(line) for line in reversed(lines) if b'"state"' in line)
    told = (event for event in events if event is not None and event["event"] == "state")
    return next((event for event in told if state in ("", event.get("state"))), {})
