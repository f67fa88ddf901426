"""A run's log as curves over its epochs. Pure reading: lines come in, arrays go out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

# What is measured in percent; top-1 is drawn first.
_PERCENT = re.compile(r"accuracy_top-\d+|precision|recall|f1_score|mAP|CP|CR|[CO]F1")
# What is measured from 0 to 1; COCO writes -1 where there is nothing to measure.
_SHARE = re.compile(r"(bbox|segm)_mAP(_50|_75)?|PCK(_0\.05)?|AP")
_PART = re.compile(r"loss_\w+")

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
        shares: Validation metrics of detection, 0 to 1, by name; none of them is empty.
        parts: The parts of the training loss by name, where it has some.
        epochs: The last epoch that the log knows.
    """

    loss: Curve
    val_loss: Curve
    lr: Curve
    metrics: Mapping[str, Curve]
    shares: Mapping[str, Curve]
    parts: Mapping[str, Curve]
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
    return History(
        loss=_curve(trained, "loss"),
        val_loss=_curve(validated, "loss"),
        lr=_curve(trained, "lr"),
        metrics=_curves(validated, _PERCENT, _rank),
        shares={
            name: _measured(curve) for name, curve in _curves(validated, _SHARE, str).items() if curve.y.max() >= 0
        },
        parts=_curves(trained, _PART, str),
        epochs=max([1, *(epoch for epoch, _ in train), *val]),
    )


def _curves(
    lines: Sequence[tuple[float, Line]], pattern: re.Pattern[str], order: Callable[[str], Any]
) -> dict[str, Curve]:
    """Return the values that have such a name; none of the curves is empty."""
    names = sorted({name for _, line in lines for name in line if pattern.fullmatch(name)}, key=order)
    curves = {name: _curve(lines, name) for name in names}
    return {name: curve for name, curve in curves.items() if len(curve)}


def _measured(curve: Curve) -> Curve:
    measured = curve.y >= 0
    return Curve(curve.x[measured], curve.y[measured])


def _curve(lines: Iterable[tuple[float, Line]], name: str) -> Curve:
    points = [(x, float(line[name])) for x, line in lines if _is_finite(line.get(name))]
    return Curve(*np.array(points, dtype=np.float64).reshape(-1, 2).T)


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _rank(name: str) -> tuple[bool, int, str]:
    number = re.search(r"\d+", name)
    return number is None, int(number.group()) if number else 0, name
