"""``Newest``: a thread that reads a live source all the time and keeps one picture, the newest. ``Camera`` calls it.

Drivers and networks keep pictures in a queue. Who works longer on a picture than the source takes for the next one
would see an ever older past; here what nobody had time for is dropped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from BaseDT.image import Pixels

_SLICE = 0.1  # seconds; a wait that has no end cannot be interrupted by Ctrl-C on Windows
_FAREWELL = 2.0


class Ended(Exception):
    """The source gives no more pictures."""


class Stalled(Exception):
    """The source has given nothing for as long as one waits."""


class Newest:
    """The newest picture of a source that does not wait.

    The thread alone touches the source: a driver that is released while it reads takes the process with it.
    """

    def __init__(self, read: Callable[[], Pixels | None], release: Callable[[], None], first: Pixels | None) -> None:
        """Begin to read.

        Args:
            read: Waits for the next picture; None where there are no more.
            release: Lets the source go; called once, by the thread.
            first: What was read already.
        """
        self._read, self._release = read, release
        self._news = threading.Condition()
        self._kept, self._over = first, False
        self._failure: BaseException | None = None
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._work, name="camera", daemon=True)
        self._thread.start()

    def take(self, patience: float) -> Pixels:
        """Return the newest picture; each is given once, so this waits for one that is new.

        Args:
            patience: Seconds that a picture may take.

        Raises:
            Ended: There are no more; whatever made reading fail is its cause.
            Stalled: None came.
        """
        end = time.monotonic() + patience
        with self._news:
            while self._kept is None:
                if self._over:
                    raise Ended from self._failure
                if time.monotonic() >= end:
                    raise Stalled
                self._news.wait(_SLICE)
            pixels, self._kept = self._kept, None
            return pixels

    def stop(self) -> None:
        """End the thread, which lets the source go; one that hangs in its driver is left to itself."""
        self._leave.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_FAREWELL)

    def _work(self) -> None:
        try:
            while not self._leave.is_set() and (pixels := self._read()) is not None:
                with self._news:
                    self._kept = pixels
                    self._news.notify_all()
        except Exception as error:  # noqa: BLE001 - whatever it is, ``take`` tells of it
            self._failure = error
        finally:
            with self._news:
                self._over = True
                self._news.notify_all()
            self._release()
