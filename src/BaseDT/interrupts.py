"""Ctrl-C at the wrong moment: while a file is written, and while the first Ctrl-C is still being answered.

Only the main thread is told of Ctrl-C, and only it may choose what happens then: elsewhere nothing here does anything.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Ending:
    """Lets the first Ctrl-C end a piece of work in peace: later ones change nothing until it has ended.

    ::

        with Ending() as ending:
            try:
                work()
            except KeyboardInterrupt:
                ending.begins()
                save()
    """

    def __init__(self) -> None:
        self._before: signal.Handlers | object = None
        self._ours = False

    def begins(self) -> None:
        """Take no further Ctrl-C until the block is left."""
        if not self._ours and _interruptible():
            self._before = signal.signal(signal.SIGINT, _nothing)
            self._ours = True

    def __enter__(self) -> Ending:
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]
            self._ours = False


@contextmanager
def postponed() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block: a library that is interrupted while it writes raises what it likes.

    Raises:
        KeyboardInterrupt: It came meanwhile.
    """
    if not _interruptible():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def _interruptible() -> bool:
    """Whether this thread is the one, and Ctrl-C is not ignored (``nohup``), nor somebody else's affair (in C)."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and callable(signal.getsignal(signal.SIGINT))


def _nothing(_: int, __: FrameType | None) -> None: ...
