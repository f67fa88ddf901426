"""How many of torch's threads a training step takes: measured while training, because other programs share the cores.

The threads of a step wait for each other many times. Where another program uses a core, the one that is waited for is
the one that gets no time, and one thread alone is several times as fast as all of them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import torch

_WINS = 1.1
"""So many times as fast a number of threads must be to be taken: changing for less would only follow the noise."""
_SLOW = 1.5
"""Steps that take so many times as long as those of the last trial are the reason for another one before its time."""
_REPEATS = 4  # steps of a trial: the first wakes threads and prepares kernels, and does not count
_LEAST = 0.06  # seconds of a trial: shorter ones see one turn of the system's scheduler
_LONG = 1.0  # seconds after which one step is enough
_RECENT = 10  # steps whose median is compared with the last trial's
_PAUSE = 2.0  # seconds between trials at least
_SHARE = 0.02
"""Trials take no more than this share of the time."""
_SOON = 0.2  # of the pause: before that, slow steps are no reason either


class ThreadChoice:
    """Chooses a number of threads from the times of the steps before. Pure: it is told the time.

    A trial takes some steps on half as many threads, or on twice as many, and then as many on the present number; the
    medians decide. It climbs, so that a step of a large machine is never tried on one thread for nothing.

    Attributes:
        settled: The choice so far.
        threads: Those of the next step; another number during a trial.

    Args:
        most: What torch may use.
    """

    def __init__(self, most: int) -> None:
        self.settled = self.threads = most
        self._ladder = [most]
        while self._ladder[-1] > 1:
            self._ladder.append(self._ladder[-1] // 2)
        self._block: list[float] = []  # the seconds of the steps of a trial, on one number of threads
        self._other: list[float] | None = None  # those of its first part, while the second one runs
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self._pace = 0.0  # median seconds of the settled number at the last trial
        self._direction = 1  # along the ladder: 1 halves the threads, -1 doubles them
        self._ended = self._due = float("-inf")

    def add(self, seconds: float, now: float) -> None:
        """Take note of a step on ``threads``, and choose those of the next.

        Args:
            seconds: What it took.
            now: When it ended, on any clock of seconds.
        """
        if len(self._ladder) == 1:
            return
        self._recent.append(seconds)
        if not _is_enough(self._block):
            self._block.append(seconds)
        if not _is_enough(self._block):
            return
        if self.threads != self.settled:
            self._other, self._block, self.threads = self._block, [], self.settled
        elif self._other is not None:
            self._decide(self._other, now)
        elif now >= self._due or self._is_slow(now):
            self.threads, self._block = self._candidate(), []

    def _is_slow(self, now: float) -> bool:
        soon = self._ended + _SOON * (self._due - self._ended)
        return now >= soon and len(self._recent) == _RECENT and median(self._recent) > _SLOW * self._pace

    def _candidate(self) -> int:
        """The next number along the ladder, in the other direction where it ends."""
        at = self._ladder.index(self.settled)
        if not 0 <= at + self._direction < len(self._ladder):
            self._direction = -self._direction
        return self._ladder[at + self._direction]

    def _decide(self, other: list[float], now: float) -> None:
        seconds, present = _typical(other), _typical(self._block)
        pause = max(_PAUSE, (sum(other) - len(other) * present) / _SHARE)
        if seconds * _WINS < present:
            self.settled, self._pace = self._candidate(), seconds
            if self.settled not in (self._ladder[0], self._ladder[-1]):
                pause = 0.0  # perhaps the next number is better still
        else:
            self._pace, self._direction = present, -self._direction
        self.threads, self._other, self._block = self.settled, None, []
        self._recent.clear()
        self._ended, self._due = now, now + pause


def _is_enough(block: list[float]) -> bool:
    seconds = sum(block)
    return seconds >= _LONG or (seconds >= _LEAST and len(block) >= _REPEATS)


def _typical(block: list[float]) -> float:
    return median(block[1:] or block)


class Pace:
    """Times the steps of a training on the CPU and sets torch's threads for each.

    Args:
        most: How many threads torch may use.
    """

    def __init__(self, most: int) -> None:
        self._choice = ThreadChoice(most)
        self._size = 0

    @property
    def threads(self) -> int:
        """The number that is used at present."""
        return self._choice.settled

    @contextmanager
    def step(self, size: int) -> Iterator[None]:
        """Time what is done here: a step of ``size`` samples. Smaller batches than the largest say nothing."""
        threads = self._choice.threads
        _use(threads)
        began = time.perf_counter()
        yield
        ended = time.perf_counter()
        self._size = max(self._size, size)
        if size == self._size:
            self._choice.add(ended - began, ended)
        _use(self._choice.settled)  # a validation may come next


def _use(threads: int) -> None:
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
