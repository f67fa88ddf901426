"""What the engine reports while it works. Events are plain data; listeners turn them into lines, bars, files, pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

from BaseDT.events import Notice as Notice
from BaseDT.events import Progress as Progress
from BaseDT.events import Stopped as Stopped
from BaseDT.events import long_work as long_work
from BaseDT.language import english, say

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
LogLine: TypeAlias = "dict[str, Json]"


@dataclass(frozen=True)
class RunStarted:
    """A run begins. ``environment`` is the first line of its log; ``epochs`` is the total."""

    environment: LogLine
    epochs: int


@dataclass(frozen=True)
class Pulse:
    """As ``Progress``, for bars only: nobody writes a line of it."""

    what: str
    done: int
    total: int


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
        threads: Of torch, where their number is measured and may change; None where it is fixed.
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
    threads: int | None = None

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
            **({} if self.threads is None else {"threads": self.threads}),
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
    """A checkpoint was written. ``kind`` is ``epoch``, ``latest``, ``best`` or ``unfinished``."""

    path: Path
    kind: str


def left_out(text: str) -> Notice:
    """Report a sample that cannot be read and is not used; ``text`` names it and the reason."""
    return Notice(say(f"Left out, it cannot be read: {english(text)}", f"无法读取，已跳过：{text}"))


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


_NUMBER = "number"
"""The one key of what stands for a number that JSON cannot hold."""

_EVENTS: dict[str, type[Any]] = {
    "run_started": RunStarted,
    "progress": Progress,
    "pulse": Pulse,
    "stopped": Stopped,
    "iteration": Iteration,
    "validated": Validated,
    "epoch_finished": EpochFinished,
    "checkpoint_saved": CheckpointSaved,
    "notice": Notice,
    "run_finished": RunFinished,
    "run_failed": RunFailed,
}
_NAMES = {kind: name for name, kind in _EVENTS.items()}
_PATHS: dict[type[Any], tuple[str, ...]] = {
    CheckpointSaved: ("path",),
    RunFinished: ("files",),
    RunFailed: ("checkpoint",),
}


def silent(event: Event) -> None:
    """Listen to nothing."""
    del event


def to_json(event: Event) -> dict[str, Json]:
    """Return an event as plain data that ``from_json`` turns back into an equal one.

    Paths become text, and numbers that JSON does not know (NaN, infinities) their names.
    """
    values = {item.name: _to_plain(getattr(event, item.name)) for item in fields(event)}
    return {"event": _NAMES[type(event)], **values}


def from_json(values: Mapping[str, Any]) -> Event:
    """Build an event from what ``to_json`` returned, also after a trip through JSON.

    Raises:
        ValueError: There is no such event.
    """
    name = values.get("event")
    kind = _EVENTS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f"no such event: {name!r}")
    arguments = {name: _from_plain(value) for name, value in values.items() if name != "event"}
    for item in _PATHS.get(kind, ()):
        arguments[item] = _to_path(arguments[item])
    event: Event = kind(**arguments)
    return event


def _to_path(value: Any) -> Path | tuple[Path, ...] | None:
    if value is None:
        return None
    return tuple(map(Path, value)) if isinstance(value, list) else Path(value)


def _to_plain(value: Any) -> Json:
    if isinstance(value, Mapping):
        return {str(name): _to_plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {_NUMBER: str(float(value))}
    plain: Json = value
    return plain


def _from_plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.keys() == {_NUMBER}:
            return float(value[_NUMBER])
        return {name: _from_plain(item) for name, item in value.items()}
    return [_from_plain(item) for item in value] if isinstance(value, list) else value
