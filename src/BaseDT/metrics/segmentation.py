"""How good the classes of pixels are: the confusion matrix, and IoU, precision and recall, which are read off it.

Shares are from 0 to 1. A class that occurs neither in the truth nor in the prediction says nothing of the model: its
shares are None, and no mean counts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_integer
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

Mask: TypeAlias = npt.NDArray[np.integer[Any]]
PixelCounts: TypeAlias = npt.NDArray[np.int64]
"""(C, C) or (C, C + 1): rows are the true classes, columns the predicted ones; a last column more counts the pixels to
which the prediction gives no class."""

Tallies: TypeAlias = npt.NDArray[np.int64]

NO_CLASS = 255
_VALUES = 256
_DRAWS, _DRAWN_AT_ONCE = 1000, 50


@dataclass(frozen=True)
class PixelReport:
    """How one class came off; shares from 0 to 1, None of nothing.

    Attributes:
        iou: Pixels that are of the class and were found, of those that are of it or were said to be.
        precision: Share of the pixels that were said to be of it that are.
        recall: Share of its pixels that were found.
        f1: Harmonic mean of both; also called Dice.
        pixels: How many are of it.
        predicted: How many were said to be.
        hits: How many of both.
    """

    iou: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    pixels: int
    predicted: int
    hits: int


def pixel_confusion(
    truth: Mask, predicted: Mask, classes: int, *, ignore: int = NO_CLASS, unanswered: bool = False
) -> PixelCounts:
    """Count how often each class of pixels was taken for each.

    Args:
        truth: True classes, of any shape.
        predicted: Predicted classes, of the same shape.
        classes: Their number C, up to 255.
        ignore: Pixels of this value in ``truth`` are not judged.
        unanswered: Whether a predicted 255 is the answer that there is no class, which a last column counts; otherwise
            it is a mistake of the caller's.

    Returns:
        (C, C), rows are the true classes; (C, C + 1) with ``unanswered``.

    Raises:
        ParameterInvalid: Shapes or values do not fit (-305).
    """
    check_integer("classes", classes, most=NO_CLASS)
    check_integer("ignore", ignore, least=0, most=NO_CLASS)
    for name, mask in (("truth", truth), ("predicted", predicted)):
        _check_numbers(name, mask)
    if truth.shape != predicted.shape:
        raise _invalid(
            say(
                f"truth has shape {truth.shape}, and predicted {predicted.shape}.",
                f"truth 的形状是 {truth.shape}，而 predicted 是 {predicted.shape}。",
            ),
            "Both must be of the picture's size.",
            "两者都应与图片大小相同。",
        )
    # Each pair is one number of 16 bits: counting these takes half a millisecond for a picture of 640×480.
    pairs = _as_bytes(truth).astype(np.uint16)
    pairs <<= 8
    pairs |= _as_bytes(predicted)
    counts = np.bincount(pairs.ravel(), minlength=_VALUES * _VALUES).reshape(_VALUES, _VALUES)
    counts[ignore] = 0
    _check_within("truth", counts.sum(axis=1), classes, answered=True)
    _check_within("predicted", counts.sum(axis=0), classes, answered=not unanswered)
    columns = [*range(classes), NO_CLASS] if unanswered else list(range(classes))
    return np.asarray(counts[:classes, columns], np.int64)


def pixel_reports(matrix: npt.NDArray[np.integer[Any]]) -> list[PixelReport]:
    """Read the shares of each class off a confusion matrix.

    Args:
        matrix: As ``pixel_confusion`` gives it, or a sum of such.

    Raises:
        ParameterInvalid: This is no confusion matrix (-305).
    """
    _check_matrix(matrix)
    classes = len(matrix)
    hits, pixels, predicted = np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)[:classes]
    rows = zip(hits.tolist(), pixels.tolist(), predicted.tolist(), strict=True)
    return [
        PixelReport(
            iou=_share(hit, pixel + said - hit),
            precision=_share(hit, said),
            recall=_share(hit, pixel),
            f1=_share(2 * hit, pixel + said),
            pixels=pixel,
            predicted=said,
            hits=hit,
        )
        for hit, pixel, said in rows
    ]


def mean_iou(matrix: npt.NDArray[np.integer[Any]]) -> float | None:
    """Return the mean IoU (mIoU) of the classes that occur in the truth or the prediction; None where there is none.

    Raises:
        ParameterInvalid: This is no confusion matrix (-305).
    """
    return _mean([report.iou for report in pixel_reports(matrix)])


def mean_accuracy(matrix: npt.NDArray[np.integer[Any]]) -> float | None:
    """Return the mean recall of the classes that occur in the truth; None where there is none.

    Raises:
        ParameterInvalid: This is no confusion matrix (-305).
    """
    return _mean([report.recall for report in pixel_reports(matrix)])


def pixel_accuracy(matrix: npt.NDArray[np.integer[Any]]) -> float | None:
    """Return the share of the pixels that are right; None where there is none.

    Raises:
        ParameterInvalid: This is no confusion matrix (-305).
    """
    _check_matrix(matrix)
    return _share(int(np.trace(matrix)), int(matrix.sum()))


@dataclass(frozen=True)
class Intervals:
    """Between which shares the truth may lie, where only some pictures were judged; None of nothing.

    Attributes:
        mean_iou: Of the mean IoU.
        iou: Of each class.
    """

    mean_iou: tuple[float, float] | None
    iou: tuple[tuple[float, float] | None, ...]


def iou_intervals(hits: Tallies, pixels: Tallies, predicted: Tallies) -> Intervals:
    """Return 95 % intervals by drawing the pictures anew, a thousand times (Efron 1979, the bootstrap).

    Pixels of one picture are no independent trials, its pictures are: so these are drawn. The same numbers give the
    same intervals.

    Args:
        hits: Of each picture (row) and class, the pixels that are right, (N, C).
        pixels: Those that are of the class.
        predicted: Those that were said to be.

    Returns:
        None each of fewer than two pictures.
    """
    count, classes = hits.shape
    if count < 2:
        return Intervals(None, (None,) * classes)
    rng = np.random.default_rng(0)
    shares = np.concatenate([_drawn(rng, count, hits, pixels, predicted) for _ in range(_DRAWS // _DRAWN_AT_ONCE)])
    known = ~np.isnan(shares)
    some = known.any(axis=1)
    means = np.where(known, shares, 0).sum(axis=1)[some] / known.sum(axis=1)[some]
    columns = (shares[known[:, label], label] for label in range(classes))
    return Intervals(_middle_95(means), tuple(_middle_95(column) for column in columns))


def _drawn(
    rng: np.random.Generator, count: int, hits: Tallies, pixels: Tallies, predicted: Tallies
) -> npt.NDArray[np.float64]:
    """Return the IoU of each class in some draws of as many pictures; NaN where a draw has none of it."""
    times = rng.multinomial(count, np.full(count, 1 / count), size=_DRAWN_AT_ONCE).astype(np.float64)
    found, all_of_it = times @ hits, times @ (pixels + predicted - hits)
    return np.where(all_of_it > 0, found / np.maximum(all_of_it, 1), np.nan)


def _middle_95(values: npt.NDArray[np.float64]) -> tuple[float, float] | None:
    if not values.size:
        return None
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _as_bytes(mask: Mask) -> npt.NDArray[np.uint8]:
    return mask if mask.dtype == np.uint8 else mask.astype(np.uint8)  # type: ignore[return-value]


def _check_numbers(name: str, mask: object) -> None:
    if isinstance(mask, np.ndarray) and np.issubdtype(mask.dtype, np.integer):
        if mask.dtype == np.uint8 or not mask.size or (mask.min() >= 0 and mask.max() <= NO_CLASS):
            return
        outside = int(mask.min()) if mask.min() < 0 else int(mask.max())
        raise _invalid(
            say(f"{name} has the number {outside}.", f"{name} 中有 {outside}。"),
            f"Expected class numbers up to {NO_CLASS - 1}, or {NO_CLASS}.",
            f"应为不超过 {NO_CLASS - 1} 的类别编号，或 {NO_CLASS}。",
        )
    actual = f"{mask.dtype} {mask.shape}" if isinstance(mask, np.ndarray) else type(mask).__name__
    raise _invalid(
        say(f"{name} is {actual}.", f"{name} 是 {actual}。"),
        "Expected an array of whole numbers.",
        "应为整数数组。",
    )


def _check_within(name: str, counts: npt.NDArray[np.int64], classes: int, *, answered: bool) -> None:
    """Refuse numbers of no class: of 256 counts, those from ``classes`` on, less the last where that is an answer."""
    last = _VALUES if answered else NO_CLASS
    beyond = np.flatnonzero(counts[classes:last])
    if beyond.size:
        number = classes + int(beyond[0])
        raise _invalid(
            say(
                f"{name} has the number {number} of {classes} classes.",
                f"{name} 中有编号 {number}，而只有 {classes} 个类别。",
            ),
            f"Expected class numbers from 0 to {classes - 1}.",
            f"类别编号应为 0 到 {classes - 1}。",
        )


def _check_matrix(matrix: object) -> None:
    fits = (
        isinstance(matrix, np.ndarray)
        and matrix.ndim == 2
        and matrix.shape[0] > 0
        and matrix.shape[1] - matrix.shape[0] in (0, 1)
        and np.issubdtype(matrix.dtype, np.integer)
        and not (matrix < 0).any()
    )
    if not fits:
        actual = f"{matrix.dtype} {matrix.shape}" if isinstance(matrix, np.ndarray) else type(matrix).__name__
        raise _invalid(
            say(f"the confusion matrix is {actual}.", f"混淆矩阵是 {actual}。"),
            "Expected counts, one row and one column for each class.",
            "应为计数：每个类别一行一列。",
        )


def _invalid(message: str, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(message, hint=say(en, zh))
