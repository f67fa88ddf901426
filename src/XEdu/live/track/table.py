"""``CountTable``: a file of comma-separated values, a line for everything that was counted, written at once."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from BaseDT.arguments import PathLike, checked_path, documented
from BaseDT.escaping import table_cell
from BaseDT.files import already_there, discard, not_written, what_is_at
from BaseDT.language import say
from XEdu.live.track.counter import Crossing

COLUMNS = ("time", "seconds", "frame", "id", "class", "direction", "total")


class CountTable:
    """A file that grows by a line for each crossing; who is killed loses the last line at most.

    Columns: ``time`` (of the computer's clock, when it was counted), ``seconds`` (of the film, or since the start of
    a camera), ``frame`` (from 1), ``id``, ``class``, ``direction`` (in, out; seen where there is no line), ``total``
    (so many of this class in this direction so far).
    """

    @documented
    def __init__(self, path: PathLike) -> None:
        """Make the file, with its head.

        Raises:
            ParameterInvalid: It is no path (-305).
            PathExists: There is such a file: it may hold yesterday's counts (-105).
            PathNotWritable: It cannot be written (-104).
            DiskFull: There is no room (-803).
        """
        self.path, self._lines = checked_path("csv", path), 0
        # The mark at the start is what makes Excel read UTF-8.
        head = "\ufeff" + _line(COLUMNS)
        if what_is_at(self.path) != "nothing":
            raise already_there(self.path, say("is there already", "已存在"))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb", buffering=0)
            self._file.write(head.encode("utf-8"))
        except OSError as error:
            raise not_written(self.path, error) from error

    def add(self, crossing: Crossing, frame: int, seconds: float) -> None:
        """Write a line.

        Args:
            crossing: What was counted.
            frame: Number of the picture, from 1.
            seconds: Since the start.

        Raises:
            DiskFull: There is no room (-803).
            PathNotWritable: It cannot be written (-104).
        """
        self._lines += 1
        clock = datetime.now().astimezone().isoformat(timespec="milliseconds")
        thing = crossing.thing
        values = (clock, f"{seconds:.3f}", frame, thing.id, table_cell(thing.name), crossing.direction, crossing.total)
        try:
            self._file.write(_line(values).encode("utf-8", "replace"))  # without a buffer: one call, a whole line
        except OSError as error:
            raise not_written(self.path, error) from error

    def close(self, *, failed: bool = False) -> None:
        """Close the file; after a failure one without any line goes."""
        self._file.close()
        if failed and not self._lines:
            discard(self.path)


def _line(values: tuple[object, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()
