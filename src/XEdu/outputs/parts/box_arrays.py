"""A detector's raw arrays into boxes, labels and masks, in pixels of the input. Pictures and runtimes stay out.

Only ``XEdu.outputs.detection`` and who measures detectors call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import CheckpointInvalid
from BaseDT.geometry.nms import non_maximum_suppression
from BaseDT.language import say
from XEdu.runtime.backend import Array

_ROUNDING = 1e-3  # a sigmoid or softmax in float16 or INT8 ends a little beside 0 and 1
_LOWEST_SCORE = 0.01  # thousands of anchors score next to nothing


def boxes(outputs: Sequence[Array], names: Sequence[str]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the detections of one picture, from outputs that NMS has passed already.

    Args:
        outputs: ``dets`` (1, N, 5) or (N, 5): x1, y1, x2, y2, score in pixels of the input; ``labels`` (1, N) or (N,).
        names: Of the outputs; ``dets`` and ``labels`` are found by name, otherwise the first two are taken.

    Returns:
        Detections (N, 5), and their labels (N,).

    Raises:
        CheckpointInvalid: The outputs have other shapes (-202).
    """
    by_name = dict(zip(names, outputs, strict=False))
    pair = [by_name["dets"], by_name["labels"]] if {"dets", "labels"} <= set(by_name) else list(outputs[:2])
    shapes = [tuple(array.shape) for array in pair]
    if len(pair) == 2 and pair[0].shape[-1:] == (5,):
        detections, labels = pair[0].reshape(-1, 5), pair[1].reshape(-1)
        if len(detections) == len(labels):
            # ncnn and some exporters give labels as floats.
            return detections, np.rint(labels).astype(np.int64)
    raise _misfit(
        say(
            f"The model gives outputs of the shapes {shapes}, and a detector gives (1, N, 5) and (1, N).",
            f"模型的输出形状为 {shapes}，而检测模型的输出应为 (1, N, 5) 和 (1, N)。",
        ),
        "Convert it again, or use task='custom' with your own postprocess.",
        "请重新转换模型，或用 task='custom' 并自己写后处理函数。",
    )


def check_scores(scores: Array) -> None:
    """Check the scores of a detector's boxes, of any shape.

    Raises:
        CheckpointInvalid: They are no probabilities (-202).
    """
    if not scores.size:
        return
    low, high = float(scores.min()), float(scores.max())
    if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # written so that NaN fails too
        raise _misfit(
            say(
                f"The model gives scores from {low:.4g} to {high:.4g}, and scores are from 0 to 1.",
                f"模型给出的得分从 {low:.4g} 到 {high:.4g}，而得分应在 0 到 1 之间。",
            ),
            "The model is broken, or its outputs mean something else: convert it again.",
            "模型已损坏，或其输出另有含义：请重新转换模型。",
        )


def check_corners(boxes: Array) -> None:
    """Check the corners of a detector's boxes.

    Raises:
        CheckpointInvalid: Some are no numbers (-202).
    """
    if not np.isfinite(boxes).all():
        raise _misfit(
            say(
                "The model gives boxes whose corners are no numbers (NaN or infinite).",
                "模型给出的检测框坐标不是数字（NaN 或无穷大）。",
            ),
            "The model is broken: convert it again; if that does not help, train it again.",
            "模型已损坏：请重新转换；如仍无效，请重新训练。",
        )


def raw_boxes(
    outputs: Sequence[Array], threshold: float, nms_iou: float, max_detections: int
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the detections of one picture, from the boxes of all anchors: threshold, then NMS by class.

    Args:
        outputs: Boxes (1, A, 4) in pixels of the input and scores (1, A, C).
        threshold: Lowest score of a box.
        nms_iou: IoU threshold of NMS.
        max_detections: So many boxes are returned at most.

    Returns:
        Detections (N, 5), the best first, and their labels (N,).

    Raises:
        CheckpointInvalid: The outputs have other shapes (-202).
    """
    shapes = [tuple(item.shape) for item in outputs]
    if len(outputs) != 2 or outputs[0].shape[-1:] != (4,) or outputs[0].size != 4 * outputs[1].shape[-2]:
        raise _misfit(
            say(
                f"The model gives outputs of the shapes {shapes}, expected (1, A, 4) and (1, A, C).",
                f"模型的输出形状为 {shapes}，应为 (1, A, 4) 和 (1, A, C)。",
            ),
            "Convert it again.",
            "请重新转换模型。",
        )
    corners, scores = outputs[0].reshape(-1, 4), outputs[1].reshape(outputs[1].shape[-2:])
    check_scores(scores)
    # A box is a result for each class that is sure enough, so one anchor may give several.
    anchor, label = np.nonzero(scores >= max(threshold, _LOWEST_SCORE))
    values = scores[anchor, label]
    best = non_maximum_suppression(corners[anchor], values, label, nms_iou)[:max_detections]
    return np.column_stack([corners[anchor][best], values[best]]), label[best].astype(np.int64)


def masks(outputs: Sequence[Array], names: Sequence[str], count: int) -> npt.NDArray[np.float32] | None:
    """Return the masks (N, m, m) that go with the boxes of a picture; None where the model gives none.

    Args:
        outputs: ``masks`` (1, N, m, m) is found by name.
        names: Of the outputs.
        count: How many boxes there are.
    """
    array = dict(zip(names, outputs, strict=False)).get("masks")
    if array is None or array.ndim != 4 or array.shape[1] != count:
        return None
    of_picture: npt.NDArray[np.float32] = array[0].astype(np.float32)
    return of_picture


def _misfit(message: str, en: str, zh: str) -> CheckpointInvalid:
    return CheckpointInvalid(message, hint=say(en, zh))
