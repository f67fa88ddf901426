"""A run's log as curves over its epochs. Pure reading: lines come in, arrays go out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

# What is measured in percent; top-1 is drawn first.
_PERCENT = re.compile(r"accuracy_top-\d+|precision|recall|f1_score")

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Curve:
    """Values over time.

    Attributes:
        x: Epochs, whole at their ends; shape (n,), ascending.
        y: Values; shape (n,), all finite.
    """

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class History:
    """What a log tells about learning.

    Attributes:
        loss: Training loss.
        val_loss: Validation loss; empty without validation.
        lr: Learning rate.
        metrics: Validation metrics in percent by name, top-1 first; none of them is empty.
        epochs: The last epoch that the log knows.
    """

    loss: Curve
    val_loss: Curve
    lr: Curve
    metrics: Mapping[str, Curve]
    epochs: int


def read(log: Sequence[Line]) -> History:
    """Read a log; where a resumed run repeats an iteration, what was written last counts.

    Args:
        log: Lines with ``mode``; others than ``train`` and ``val`` are ignored, and so are values that are missing or
            not finite.
    """
    train = {(line["epoch"], line["iter"]): line for line in log if line.get("mode") == "train"}
    val = {line["epoch"]: line for line in log if line.get("mode") == "val"}
    per_epoch = max((iteration for _, iteration in train), default=1)
    trained = [(epoch - 1 + iteration / per_epoch, train[epoch, iteration]) for epoch, iteration in sorted(train)]
    validated = [(float(epoch), val[epoch]) for epoch in sorted(val)]
    names = sorted({name for line in val.values() for name in line if _PERCENT.fullmatch(name)}, key=_rank)
    curves = {name: _curve(validated, name) for name in names}
    return History(
        loss=_curve(trained, "loss"),
        val_loss=_curve(validated, "loss"),
        lr=_curve(trained, "lr"),
        metrics={name: curve for name, curve in curves.items() if len(curve)},
        epochs=max([1, *(epoch for epoch, _ in train), *val]),
    )


def _curve(lines: Iterable[tuple[float, Line]], name: str) -> Curve:
    known = [(x, float(line[name])) for x, line in lines if _is_finite(line.get(name))]
    return Curve(*np.array(known, dtype=np.float64).reshape(-1, 2).T)


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _rank(name: str) -> tuple[bool, int, str]:
    number = re.search(r"\d+", name)
    return number is None, int(number.group()) if number else 0, name
