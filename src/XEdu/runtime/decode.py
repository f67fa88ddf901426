"""Raw outputs of a model into scores and boxes. Plain functions on arrays; pictures and runtimes stay out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import CheckpointInvalid
from BaseDT.geometry.nms import non_maximum_suppression
from BaseDT.language import say
from XEdu.runtime.backend import Tensor

Scores = npt.NDArray[np.floating[Any]]
_ROUNDING = 1e-3
_LEAST = 0.01  # thousands of anchors score next to nothing


def scores(outputs: Sequence[Tensor], pictures: int, classes: int) -> Scores:
    """Return the probabilities of each picture.

    Args:
        outputs: Of a classifier; the first one is read. One row for one picture may lack the axis of the batch.
        pictures: How many were fed.
        classes: How many names the model has.

    Returns:
        Shape (pictures, classes).

    Raises:
        CheckpointInvalid: These are no probabilities of so many classes (-202).
    """
    found = np.asarray(outputs[0]) if len(outputs) else np.empty(0)
    if found.size != pictures * classes or found.shape[-1:] != (classes,):
        raise _misfit(
            f"The model gives {' × '.join(map(str, found.shape))} values for {pictures} × {classes} classes.",
            "Its names of classes belong to another model: convert it again.",
            "模型中的类别名称属于另一个模型：请重新转换。",
        )
    rows: Scores = found.reshape(pictures, classes)
    low, high = float(rows.min()), float(rows.max())
    if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # written so that NaN fails too
        raise _misfit(
            f"The model gives values from {low:.4g} to {high:.4g}, and probabilities are from 0 to 1.",
            "A classifier of this family ends with softmax. For another one use task='custom' with your postprocess.",
            "这类分类模型以 softmax 结尾。其他模型请用 task='custom' 并自己写后处理函数。",
        )
    return rows


def boxes(outputs: Sequence[Tensor], names: Sequence[str]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return what a detector found in one picture.

    Args:
        outputs: ``dets`` (1, N, 5) or (N, 5): x1, y1, x2, y2, score in pixels of the input; ``labels`` (1, N) or (N,).
        names: Of the outputs; ``dets`` and ``labels`` are found by name, otherwise the first two are taken.

    Returns:
        Detections (N, 5), and their labels (N,).

    Raises:
        CheckpointInvalid: The outputs have other shapes (-202).
    """
    by_name = dict(zip(names, outputs, strict=False))
    first = list(outputs[:2])
    found = [by_name["dets"], by_name["labels"]] if {"dets", "labels"} <= set(by_name) else first
    shapes = [tuple(item.shape) for item in found]
    if len(found) == 2 and found[0].shape[-1:] == (5,):
        detections, labels = found[0].reshape(-1, 5), found[1].reshape(-1)
        if len(detections) == len(labels):
            return detections, np.rint(labels).astype(np.int64)
    raise _misfit(
        f"The model gives outputs of the shapes {shapes}, and a detector gives (1, N, 5) and (1, N).",
        "Convert it again, or use task='custom' with your own postprocess.",
        "请重新转换模型，或用 task='custom' 并自己写后处理函数。",
    )


def check_scores(found: Tensor) -> None:
    """Look at the scores of a detector's boxes, of any shape.

    Raises:
        CheckpointInvalid: They are no probabilities (-202).
    """
    if found.size and not (float(found.max()) <= 1 + _ROUNDING and float(found.min()) >= -_ROUNDING):  # NaN fails, too
        raise _misfit(
            f"The model gives scores from {found.min():.4g} to {found.max():.4g}, and scores are from 0 to 1.",
            "The model is broken, or its outputs mean something else: convert it again.",
            "模型已损坏，或其输出另有含义：请重新转换模型。",
        )


def check_corners(found: Tensor) -> None:
    """Look at the corners of a detector's boxes.

    Raises:
        CheckpointInvalid: Some are no numbers (-202).
    """
    if not np.isfinite(found).all():
        raise _misfit(
            "The model gives boxes whose corners are no numbers (NaN or infinite).",
            "The model is broken: convert it again; if that does not help, train it again.",
            "模型已损坏：请重新转换；如仍无效，请重新训练。",
        )


def raw_boxes(
    outputs: Sequence[Tensor], threshold: float, nms_iou: float, most: int
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return what a detector without a suppression of its own found in one picture.

    Args:
        outputs: Boxes (1, A, 4) in pixels of the input and scores (1, A, C).
        threshold: Lowest score of a box.
        nms_iou: Boxes of one class that overlap more are one object's.
        most: So many boxes are returned at most.

    Returns:
        Detections (N, 5), the best first, and their labels (N,).

    Raises:
        CheckpointInvalid: The outputs have other shapes (-202).
    """
    shapes = [tuple(item.shape) for item in outputs]
    if len(outputs) != 2 or outputs[0].shape[-1:] != (4,) or outputs[0].size != 4 * outputs[1].shape[-2]:
        raise _misfit(
            f"The model gives outputs of the shapes {shapes}, expected (1, A, 4) and (1, A, C).",
            "Convert it again.",
            "请重新转换模型。",
        )
    corners, found = outputs[0].reshape(-1, 4), outputs[1].reshape(outputs[1].shape[-2:])
    check_scores(found)
    anchor, label = np.nonzero(found >= max(threshold, _LEAST))
    values = found[anchor, label]
    kept = non_maximum_suppression(corners[anchor], values, label, nms_iou)[:most]
    return np.column_stack([corners[anchor][kept], values[kept]]), label[kept].astype(np.int64)


def masks(outputs: Sequence[Tensor], names: Sequence[str], count: int) -> npt.NDArray[np.float32] | None:
    """Return the masks (N, m, m) that go with the boxes of a picture; None where the model gives none.

    Args:
        outputs: ``masks`` (1, N, m, m) is found by name.
        names: Of the outputs.
        count: How many boxes there are.
    """
    found = dict(zip(names, outputs, strict=False)).get("masks")
    if found is None or found.ndim != 4 or found.shape[1] != count:
        return None
    kept: npt.NDArray[np.float32] = found[0].astype(np.float32)
    return kept


def _misfit(message: str, en: str, zh: str) -> CheckpointInvalid:
    return CheckpointInvalid(message, hint=say(en, zh))
