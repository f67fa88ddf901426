"""Reading FlatBuffers: tables, vectors and texts by the numbers of their fields. No package, nothing written.

https://flatbuffers.dev/internals: a table begins with the distance back to its vtable, which holds the offset of each
field, 0 where the field has its default.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Table:
    """A table of a FlatBuffer.

    Attributes:
        data: The whole file.
        position: Where the table begins.
    """

    data: bytes
    position: int

    def number(self, field: int, kind: str, default: int = 0) -> int:
        """Return a whole number; ``kind`` is its letter in ``struct``."""
        at = self._at(field)
        return _unpack(self.data, kind, at) if at else default

    def text(self, field: int) -> str:
        """Return a text; an empty one where there is none."""
        return self.array(field, "u1").tobytes().decode("utf-8", "replace")

    def array(self, field: int, kind: str) -> npt.NDArray[Any]:
        """Return a vector of numbers, as a view of the file; an empty one where there is none."""
        begin, count = self._vector(field)
        kind_of_item = np.dtype(kind).newbyteorder("<")
        if begin + count * kind_of_item.itemsize > len(self.data):
            raise ValueError("a vector leaves the file")
        return np.frombuffer(self.data, kind_of_item, count, begin)

    def table(self, field: int) -> Table | None:
        """Return a table that a field names; None where there is none."""
        at = self._at(field)
        return Table(self.data, at + _unpack(self.data, "I", at)) if at else None

    def tables(self, field: int) -> list[Table]:
        """Return a vector of tables."""
        begin, count = self._vector(field)
        if begin + 4 * count > len(self.data):
            raise ValueError("a vector leaves the file")
        places = range(begin, begin + 4 * count, 4)
        return [Table(self.data, place + _unpack(self.data, "I", place)) for place in places]

    def _vector(self, field: int) -> tuple[int, int]:
        """Return where the items begin, and how many there are."""
        at = self._at(field)
        if not at:
            return 0, 0
        begin = at + _unpack(self.data, "I", at)
        return begin + 4, _unpack(self.data, "I", begin)

    def _at(self, field: int) -> int:
        """Return where a field lies; 0 where it has its default."""
        vtable = self.position - _unpack(self.data, "i", self.position)
        entry = 4 + 2 * field
        if entry >= _unpack(self.data, "H", vtable):
            return 0
        offset = _unpack(self.data, "H", vtable + entry)
        return self.position + offset if offset else 0


def root(data: bytes, identifier: bytes) -> Table:
    """Return the outermost table.

    Raises:
        ValueError: The file has another identifier, or is cut off.
    """
    if data[4:8] != identifier:
        raise ValueError(f"no file of the kind {identifier.decode()}")
    return Table(data, _unpack(data, "I", 0))


def _unpack(data: bytes, kind: str, position: int) -> int:
    if position < 0:
        raise ValueError("an offset leaves the file")
    try:
        return int(struct.unpack_from(f"<{kind}", data, position)[0])
    except struct.error as error:
        raise ValueError("an offset leaves the file") from error
