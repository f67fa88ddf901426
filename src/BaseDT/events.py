"""What any long work reports: lines, and how far it is. Events are plain data; whoever listens shows them.

Training has events of its own: ``MMEdu.engine.events``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Progress:
    """A long work moved on: ``done`` of ``total`` units of ``what`` (a phrase for the user)."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class Stopped:
    """A long work ended before it was done: its bar goes."""

    what: str


@dataclass(frozen=True)
class Notice:
    """One line that the user should read."""

    text: str


WorkEvent: TypeAlias = "Progress | Stopped | Notice"
Emit: TypeAlias = Callable[["WorkEvent"], None]


@contextmanager
def long_work(emit: Emit, what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function ``(done, total)`` that reports progress; report that the work stopped, if it fails."""
    try:
        yield lambda done, total: emit(Progress(what, done, total))
    except BaseException:  # Ctrl-C too
        emit(Stopped(what))
        raise
