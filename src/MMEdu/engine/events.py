"""What the engine tells while it works. Events are plain data; listeners turn them into lines, bars, files, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from BaseDT.language import say

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
LogLine: TypeAlias = "dict[str, Json]"


@dataclass(frozen=True)
class RunStarted:
    """A run begins. ``environment`` is the first line of its log; ``epochs`` is the total."""

    environment: LogLine
    epochs: int


@dataclass(frozen=True)
class Progress:
    """A long work moved on: ``done`` of ``total`` units of ``what`` (a phrase for the user)."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class Pulse:
    """As ``Progress``, for bars only: nobody writes a line of it."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class Stopped:
    """A long work ended before it was done: its bar goes."""

    what: str


@dataclass(frozen=True)
class Iteration:
    """Some iterations passed since the last event of this kind; times are means over them, in seconds.

    Attributes:
        epoch: Counted from 1.
        epochs: How many the run has.
        iteration: The last one of this epoch that is included, counted from 1.
        iterations: How many an epoch has.
        lr: Learning rate of the last iteration.
        losses: Means by name; ``loss`` is the one that is optimised.
        seconds: Per iteration, waiting for data included.
        data_seconds: Of those, waiting for data.
        memory: Memory in use in MB; on a GPU the peak of the allocator.
        eta: Seconds until the run ends at this pace.
    """

    epoch: int
    epochs: int
    iteration: int
    iterations: int
    lr: float
    losses: Mapping[str, float]
    seconds: float
    data_seconds: float
    memory: int
    eta: float

    @property
    def progress(self) -> tuple[int, int]:
        """Iterations of the run that are done, and all of them."""
        return (self.epoch - 1) * self.iterations + self.iteration, self.epochs * self.iterations

    def to_line(self) -> LogLine:
        """The line of the log file."""
        return {
            "mode": "train",
            "epoch": self.epoch,
            "iter": self.iteration,
            "lr": round(self.lr, 10),
            "memory": self.memory,
            "data_time": round(self.data_seconds, 6),
            **self.losses,
            "time": round(self.seconds, 6),
        }


@dataclass(frozen=True)
class Validated:
    """An epoch's validation. ``metrics`` by their documented names (percent for accuracies)."""

    epoch: int
    iteration: int
    lr: float
    metrics: Mapping[str, float]

    def to_line(self) -> LogLine:
        """The line of the log file."""
        return {
            "mode": "val",
            "epoch": self.epoch,
            "iter": self.iteration,
            "lr": round(self.lr, 10),
            **self.metrics,
        }


@dataclass(frozen=True)
class EpochFinished:
    """An epoch is over and its checkpoints are written."""

    epoch: int
    epochs: int


@dataclass(frozen=True)
class CheckpointSaved:
    """A checkpoint was written. ``kind`` is ``epoch``, ``latest`` or ``best``."""

    path: Path
    kind: str


@dataclass(frozen=True)
class Notice:
    """One line that the user should read."""

    text: str


def left_out(text: str) -> Notice:
    """Tell of a file that cannot be read and is not used; ``text`` names it and the reason."""
    return Notice(say(f"Left out, it cannot be read: {text}", f"无法读取，已跳过：{text}"))


@dataclass(frozen=True)
class RunFinished:
    """A run ended as planned. ``files`` are what it left, the best checkpoint first."""

    seconds: float
    files: tuple[Path, ...] = field(default=())


@dataclass(frozen=True)
class RunFailed:
    """A run ended early; ``checkpoint`` is the last whole one, if any."""

    reason: str
    checkpoint: Path | None


Event: TypeAlias = (
    "RunStarted | Progress | Pulse | Stopped | Iteration | Validated | EpochFinished | CheckpointSaved | Notice"
    " | RunFinished | RunFailed"
)
Listener: TypeAlias = Callable[["Event"], None]


@contextmanager
def long_work(emit: Listener, what: str) -> Iterator[Callable[[int, int], None]]:
    """Tell how far a long work is through what this yields, ``(done, total)``; and that it stopped, if it fails."""
    try:
        yield lambda done, total: emit(Progress(what, done, total))
    except BaseException:  # Ctrl-C too
        emit(Stopped(what))
        raise
