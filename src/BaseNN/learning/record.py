"""``Record``: what every single step gave: the documented list that ``train`` returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

_OF_THE_ENGINE = {"mode", "epoch", "iter", "lr", "memory", "data_time", "time", "threads"}


def recorded(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what a run's log holds of its steps, in the documented form: those that it looked at, not every one.

    Args:
        lines: Of the engine's log; a file that anybody may have edited: other lines are passed over.
    """
    found: list[dict[str, Any]] = []
    for line in lines:
        values = {name: value for name, value in line.items() if name not in _OF_THE_ENGINE}
        if line.get("mode") == "train" and type(line.get("epoch")) is int:
            found.append({"epoch": line["epoch"] - 1, **values})
        elif line.get("mode") == "val" and found:
            found[-1].update({f"val_{name}": value for name, value in values.items()})
    return found


class Record:
    """Keeps the numbers of every step; they stay on the device until they are read.

    Args:
        steps: Of an epoch.
        first_epoch: Counted from 0: of a resumed run the one it goes on with.
    """

    def __init__(self, steps: int, first_epoch: int = 0) -> None:
        self.steps, self.first_epoch = steps, first_epoch
        self.lines: list[dict[str, Any]] = []
        self._waiting: list[Mapping[str, Tensor]] = []

    def add(self, values: Mapping[str, Tensor]) -> None:
        """Take note of a step: ``loss`` and metrics by name."""
        self._waiting.append(values)

    def read(self) -> list[dict[str, Any]]:
        """Return the lines so far: ``epoch`` counted from 0, ``loss``, metrics; plain numbers."""
        if self._waiting:
            columns = {
                name: torch.stack([values[name] for values in self._waiting]).tolist() for name in self._waiting[0]
            }
            start = len(self.lines)
            for row in range(len(self._waiting)):
                epoch = self.first_epoch + (start + row) // self.steps
                self.lines.append({"epoch": epoch, **{name: values[row] for name, values in columns.items()}})
            self._waiting.clear()
        return self.lines

    def note(self, values: Mapping[str, float]) -> None:
        """Add what the validation of an epoch says to its last step."""
        if lines := self.read():
            lines[-1].update({f"val_{name}": value for name, value in values.items()})


def epoch_means(lines: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, dict[str, float]]]:
    """Give each epoch with the means over its steps, as they are printed."""
    for epoch, steps in groupby(lines, key=lambda line: line["epoch"]):
        rows = list(steps)
        names = [name for name in rows[0] if name != "epoch" and not name.startswith("val_")]
        yield epoch, {name: fmean(row[name] for row in rows) for name in names}
