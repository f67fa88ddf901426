"""The file ``YYYYMMDD_HHMMSS.log.json``: one JSON object a line, plain JSON, readable while the run goes on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from BaseDT import plain_json
from BaseDT.files import not_written, patiently, what_is_at, write_whole
from MMEdu.engine.events import Event, Iteration, LogLine, RunStarted, Validated


class LogFile:
    """Writes a run's log and remembers its lines.

    Args:
        folder: The run's folder; made when missing.
        name: The file of a run that goes on; empty begins a new one.
        epoch: Whole epochs of that run; later lines belong to an epoch that will be repeated, and go.

    Raises:
        PathNotWritable: The folder cannot be written to (-104).
        DiskFull: There is no room for the file (-803).
    """

    def __init__(self, folder: Path, name: str = "", epoch: int = 0) -> None:
        self.lines: list[LogLine] = []
        self.path = folder / name if name else _new_name(folder)
        if name and self.path.exists():
            self.lines = _whole_epochs(self.path, epoch)
        write_whole(self.path, "".join(map(_json_line, self.lines)).encode("utf-8"))

    def __call__(self, event: Event) -> None:
        """Write the line of an event, if it has one."""
        if isinstance(event, RunStarted) and not self.lines:
            self._add(event.environment)
        elif isinstance(event, (Iteration, Validated)):
            self._add(event.to_line())

    def _add(self, line: LogLine) -> None:
        self.lines.append(line)
        try:
            with patiently(lambda: self.path.open("a", encoding="utf-8", newline="\n")) as file:
                file.write(_json_line(line))
        except OSError as error:
            raise not_written(self.path, error) from error


def _json_line(line: LogLine) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"


def _new_name(folder: Path) -> Path:
    """Name the file after the time; a run that begins within the same second takes the next one."""
    moment = datetime.now()
    while what_is_at(path := folder / f"{moment:%Y%m%d_%H%M%S}.log.json") != "nothing":
        moment += timedelta(seconds=1)
    return path


def _whole_epochs(path: Path, epoch: int) -> list[LogLine]:
    """Read the lines up to the end of an epoch; a last line that a power cut left half is none."""
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line = plain_json.loads(text)
        except ValueError:
            break
        if line.get("epoch", 0) <= epoch:
            lines.append(line)
    return lines
