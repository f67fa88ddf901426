"""How good class predictions are: top-k accuracy, confusion matrix, and what is read off it. In numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_choice, check_integer
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

MacroMetric: TypeAlias = Literal["precision", "recall", "f1_score"]
Labels: TypeAlias = npt.NDArray[np.integer[Any]]
Counts: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClassReport:
    """How one class came off.

    Attributes:
        precision: Share of the predictions of this class that are right, 0 to 1.
        recall: Share of the pictures of this class that were found, 0 to 1.
        f1: Harmonic mean of both, 0 to 1.
        support: Number of pictures of this class.
    """

    precision: float
    recall: float
    f1: float
    support: int


def top_k_accuracy(scores: npt.NDArray[np.floating[Any]], labels: Labels, k: int) -> float:
    """Return the percentage of rows whose label is among the k highest scores.

    Of equal scores the lower class number comes first, so that a model with constant output is not always right.

    Args:
        scores: Shape (N, C), N ≥ 1; no NaN.
        labels: True class numbers, shape (N,).
        k: From 1; with k ≥ C every row counts.

    Raises:
        ParameterInvalid: Shapes or values do not fit.
    """
    _check_scores(scores)
    _check_labels("labels", labels, scores.shape[1])
    if len(labels) != len(scores):
        raise _invalid(
            say(
                f"{len(scores)} rows of scores, but {len(labels)} labels.",
                f"scores 有 {len(scores)} 行，而 labels 有 {len(labels)} 个。",
            ),
            *_SAME_LENGTH,
        )
    check_integer("k", k)
    true_scores = scores[np.arange(len(labels)), labels][:, None]
    higher = (scores > true_scores).sum(axis=1)
    # Of equal scores the first ranks higher, as argmax takes it: a constant network must not be right each time.
    earlier = np.arange(scores.shape[1])[None, :] < labels[:, None]
    rank = higher + ((scores == true_scores) & earlier).sum(axis=1)
    return float((rank < k).mean() * 100)


def confusion_matrix(labels: Labels, predictions: Labels, classes: int) -> Counts:
    """Count how often each class was taken for each.

    Args:
        labels: True class numbers, shape (N,).
        predictions: Predicted class numbers, shape (N,).
        classes: Number of classes C.

    Returns:
        Shape (C, C): rows are the true classes, columns the predicted ones.

    Raises:
        ParameterInvalid: Shapes or values do not fit.
    """
    check_integer("classes", classes)
    _check_labels("labels", labels, classes)
    _check_labels("predictions", predictions, classes)
    if len(labels) != len(predictions):
        raise _invalid(
            say(
                f"{len(labels)} labels, but {len(predictions)} predictions.",
                f"labels 有 {len(labels)} 个，而 predictions 有 {len(predictions)} 个。",
            ),
            *_SAME_LENGTH,
        )
    # Each pair is one number, the index of its cell: counting these is much faster than adding pair by pair.
    cells = labels.astype(np.int64) * classes + predictions.astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def per_class(matrix: npt.NDArray[np.integer[Any]]) -> list[ClassReport]:
    """Read precision, recall, F1 and support of each class off a confusion matrix; 0/0 is 0.

    Args:
        matrix: Counts, shape (C, C), rows are the true classes.

    Raises:
        ParameterInvalid: This is no confusion matrix.
    """
    _check_matrix(matrix)
    hits = np.diagonal(matrix)
    predicted, support = matrix.sum(axis=0), matrix.sum(axis=1)
    columns = (_ratio(hits, predicted), _ratio(hits, support), _ratio(2 * hits, predicted + support), support)
    return [
        ClassReport(precision=float(p), recall=float(r), f1=float(f), support=int(n))
        for p, r, f, n in zip(*columns, strict=True)
    ]


def macro(matrix: npt.NDArray[np.integer[Any]], metric: MacroMetric) -> float:
    """Return the mean of a metric over the classes, in percent: every class weighs the same, however rare.

    Classes that are neither among the labels nor among the predictions say nothing about the model and are left out.

    Args:
        matrix: Counts, shape (C, C), rows are the true classes.
        metric: ``precision``, ``recall`` or ``f1_score``.

    Raises:
        ParameterInvalid: This is no confusion matrix, or no such metric.
    """
    check_choice("metric", metric, get_args(MacroMetric))
    reports = per_class(matrix)
    seen = (matrix.sum(axis=0) + matrix.sum(axis=1)) > 0
    field = "f1" if metric == "f1_score" else metric
    values = [getattr(report, field) for report, occurs in zip(reports, seen, strict=True) if occurs]
    return float(np.mean(values) * 100) if values else 0.0


def _ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.asarray(part / np.maximum(whole, 1), dtype=np.float64)


_SAME_LENGTH = ("Both must have one entry for each picture.", "两者都应每张图片一项。")


def _invalid(message: str, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(message, hint=say(en, zh))


def _check_scores(scores: npt.NDArray[Any]) -> None:
    if not isinstance(scores, np.ndarray) or scores.ndim != 2 or 0 in scores.shape:
        shape = getattr(scores, "shape", type(scores).__name__)
        raise _invalid(
            say(f"scores have shape {shape}.", f"scores 的形状是 {shape}。"),
            "Expected an array of one row for each picture and one column for each class.",
            "应为数组：每张图片一行，每个类别一列。",
        )
    if np.isnan(scores).any():
        raise _invalid(
            say("scores hold NaN.", "scores 中有 NaN。"),
            "The model is broken: train with a smaller lr.",
            "模型已损坏：请用更小的 lr 训练。",
        )


def _check_labels(which: str, labels: Labels, classes: int) -> None:
    if not isinstance(labels, np.ndarray) or labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        actual = f"{labels.dtype} {labels.shape}" if isinstance(labels, np.ndarray) else type(labels).__name__
        raise _invalid(
            say(f"{which} are {actual}.", f"{which} 是 {actual}。"),
            "Expected one row of whole numbers.",
            "应为一行整数。",
        )
    wrong = labels[(labels < 0) | (labels >= classes)]
    if wrong.size:
        raise _invalid(
            say(f"{which} hold {int(wrong[0])}.", f"{which} 中有 {int(wrong[0])}。"),
            f"Expected class numbers from 0 to {classes - 1}.",
            f"类别编号应为 0 到 {classes - 1}。",
        )


def _check_matrix(matrix: npt.NDArray[Any]) -> None:
    square = isinstance(matrix, np.ndarray) and matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] > 0
    if not square or not np.issubdtype(matrix.dtype, np.integer) or (matrix < 0).any():
        raise _invalid(
            say(
                f"the confusion matrix has shape {getattr(matrix, 'shape', type(matrix).__name__)}"
                f" and type {getattr(matrix, 'dtype', type(matrix).__name__)}.",
                f"混淆矩阵的形状是 {getattr(matrix, 'shape', type(matrix).__name__)}，类型是 "
                f"{getattr(matrix, 'dtype', type(matrix).__name__)}。",
            ),
            "Expected counts in a square, one row and one column for each class.",
            "应为方阵形式的计数：每个类别一行一列。",
        )
