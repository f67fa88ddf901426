"""The files of a job's folder, which its process writes and whoever shows it reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROGRAM, EVENTS, OUTPUT, LOCK, STOP = "program.py", "events.jsonl", "output.txt", "job.lock", "stop"


def add_event(path: Path, values: Mapping[str, Any]) -> None:
    """Add an event to a file of events; a line that a full disk left half is ended first.

    Raises:
        OSError: It cannot be written.
    """
    line = json.dumps(values, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, 2)
            line = line if file.read(1) == b"\n" else b"\n" + line
        file.write(line + b"\n")


def read_event(line: bytes) -> dict[str, Any] | None:
    """Return the event of a line; None where it is none."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) and isinstance(values.get("event"), str) else None
