"""Lines for the person at the terminal: results that were asked for, and notes about what is amiss.

Documented print methods and listeners write through it; nothing else of the library prints.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from typing import TextIO

from BaseDT.escaping import one_line, visible


def write_line(text: str, stream: TextIO | None = None) -> None:
    """Write a line that any console can show, on standard output or another stream."""
    _write(text, stream or sys.stdout)


def note(text: str) -> None:
    """Tell of something that the program goes on without; on the error stream, so that results stay clean."""
    _write(text, sys.stderr)


def _write(text: str, stream: TextIO | None) -> None:
    if stream is None:  # a program without a console (pythonw)
        return
    # What the console's encoding lacks becomes a question mark: a Chinese Windows has no "é".
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(visible(text).encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()
    except (OSError, ValueError):
        return  # closed (python train.py | head), or a full disk: what is written into files matters more


def table(rows: Sequence[Sequence[str | int]]) -> list[str]:
    """Lay out rows in columns: numbers to the right, a Chinese character two columns wide."""
    widths = [max(_width(one_line(str(cell))) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(cell: str | int, width: int) -> str:
    text = one_line(str(cell))
    space = " " * (width - _width(text))
    return f"{space}{text}" if isinstance(cell, int) else f"{text}{space}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
