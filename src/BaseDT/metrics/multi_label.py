"""How good predictions of several labels a picture are: average precision, F1, and counts of each label. In numpy."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

Scores: TypeAlias = npt.NDArray[np.floating[Any]]
Flags: TypeAlias = npt.NDArray[np.bool_]


def average_precisions(scores: Scores, targets: Flags) -> npt.NDArray[np.float64]:
    """Return the average precision of each label, 0 to 1; NaN for one that no picture has.

    The area under the curve of precision over recall as steps, without interpolation (as scikit-learn and OpenMMLab's
    multi-label ``mAP`` have it). Pictures of equal score count together, so that a constant score is worth the label's
    share and no more.

    Args:
        scores: Shape (N, C); no NaN.
        targets: Which picture has which label, shape (N, C).

    Raises:
        ParameterInvalid: Shapes or values do not fit.
    """
    _check(scores, targets)
    return np.array([_average_precision(scores[:, c], targets[:, c]) for c in range(scores.shape[1])], np.float64)


def mean_average_precision(scores: Scores, targets: Flags) -> float:
    """Return the mean over the labels that occur, in percent; 0 where none does.

    Args:
        scores: As in ``average_precisions``.
        targets: As in ``average_precisions``.
    """
    values = average_precisions(scores, targets)
    measured = values[~np.isnan(values)]
    return float(measured.mean() * 100) if len(measured) else 0.0


def label_counts(predicted: Flags, targets: Flags) -> npt.NDArray[np.int64]:
    """Count what became of each label: shape (C, 2, 2), rows truly absent and present, columns predicted likewise.

    Args:
        predicted: Shape (N, C).
        targets: Shape (N, C).
    """
    both = targets.astype(np.int64), predicted.astype(np.int64)
    hits = (both[0] * both[1]).sum(0)
    present, claimed = both[0].sum(0), both[1].sum(0)
    missed, false = present - hits, claimed - hits
    return np.stack([np.stack([len(targets) - hits - missed - false, false], 1), np.stack([missed, hits], 1)], 1)


def precision_recall_f1(counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], ...]:
    """Read precision, recall and F1 of each label off its counts, 0 to 1; 0/0 is 0.

    Args:
        counts: As ``label_counts`` returns them, (C, 2, 2).
    """
    hits, missed, false = counts[:, 1, 1], counts[:, 1, 0], counts[:, 0, 1]
    return (
        _ratio(hits, hits + false),
        _ratio(hits, hits + missed),
        _ratio(2 * hits, 2 * hits + missed + false),
    )


def macro(values: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> float:
    """Return the mean over the labels that occur, be it among the predictions alone, in percent."""
    seen = counts.sum(axis=(1, 2)) > counts[:, 0, 0]
    return float(values[seen].mean() * 100) if seen.any() else 0.0


def overall_f1(counts: npt.NDArray[np.int64]) -> float:
    """Return the F1 of all labels' decisions together, in percent."""
    total = counts.sum(axis=0, keepdims=True)
    return float(precision_recall_f1(total)[2][0] * 100)


def _average_precision(scores: Scores, targets: Flags) -> float:
    positives = int(targets.sum())
    if not positives:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(targets[order])
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # the last of each run of equal scores
    found = hits[ends]
    precision = found / (ends + 1)
    return float((np.diff(found, prepend=0) * precision).sum() / positives)


def _ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.asarray(part / np.maximum(whole, 1), dtype=np.float64)


def _check(scores: Scores, targets: Flags) -> None:
    is_table = isinstance(scores, np.ndarray) and scores.ndim == 2 and 0 not in scores.shape
    if is_table and isinstance(targets, np.ndarray) and targets.shape == scores.shape and not np.isnan(scores).any():
        return
    shapes = tuple(getattr(array, "shape", type(array).__name__) for array in (scores, targets))
    raise ParameterInvalid(
        say(
            f"scores {shapes[0]} and targets {shapes[1]} do not fit, or hold NaN.",
            f"分数 {shapes[0]} 与真实标签 {shapes[1]} 不符，或含有 NaN。",
        ),
        hint=say(
            "Expected two tables of one row for each picture and one column for each label.",
            "应为两个表：每张图片一行，每个标签一列。",
        ),
    )
