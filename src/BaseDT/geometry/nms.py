"""Non-maximum suppression on arrays: OpenCV's. The one without torch; networks carry their own."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.geometry.boxes import to_xywh


def non_maximum_suppression(
    boxes: npt.NDArray[Any], scores: npt.NDArray[Any], labels: npt.NDArray[Any], iou_threshold: float
) -> npt.NDArray[np.int64]:
    """Choose the boxes that overlap no better one of their class.

    Args:
        boxes: (N, 4) of x1, y1, x2, y2.
        scores: (N,).
        labels: (N,); boxes of different classes do not suppress each other.
        iou_threshold: Boxes of one class with a higher IoU are taken for the same object.

    Returns:
        Their indices, (K,), the best first.
    """
    if not len(scores):
        return np.empty(0, np.int64)
    xywh = to_xywh(boxes).astype(float)
    # The score threshold is the caller's: whatever comes in takes part.
    chosen = cv2.dnn.NMSBoxesBatched(xywh.tolist(), scores.tolist(), labels.tolist(), 0.0, iou_threshold)
    indices = np.asarray(chosen, np.int64).reshape(-1)
    # OpenCV returns class by class.
    return indices[np.argsort(-scores[indices], kind="stable")]
