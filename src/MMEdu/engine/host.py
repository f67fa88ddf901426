"""Who runs a program: a listener that is told of everything beside the console, and a signal that ends a training.

A program that is run so needs no word of it. Both count within a ``with`` block, in the thread that opened it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from MMEdu.engine.events import Event, Listener

if TYPE_CHECKING:  # it needs torch
    from MMEdu.engine.loop import StopSignal


@dataclass(frozen=True)
class Host:
    """What a program is run by.

    Attributes:
        listener: Told of every event that the console is told of.
        stop: Ends a training that has no ``stop`` of its own.
    """

    listener: Listener
    stop: StopSignal


_HOST: ContextVar[Host | None] = ContextVar("mmedu_host", default=None)


@contextmanager
def run_by(host: Host) -> Iterator[None]:
    """Let what runs in the block be run by a host."""
    token = _HOST.set(host)
    try:
        yield
    finally:
        _HOST.reset(token)


def heard_by_host(listener: Listener) -> Listener:
    """Return a listener that tells the host, too, where there is one."""
    host = _HOST.get()
    if host is None:
        return listener

    def both(event: Event) -> None:
        listener(event)
        host.listener(event)

    return both


def stop_of_host() -> StopSignal | None:
    """Return what ends a training that has no ``stop`` of its own; None: nothing."""
    host = _HOST.get()
    return None if host is None else host.stop
