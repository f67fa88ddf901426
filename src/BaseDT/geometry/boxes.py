"""Arithmetic of boxes: area, intersection, IoU, clipping. The one numpy version; training's own is on tensors.

Boxes are (N, 4) of x1, y1, x2, y2: edges, in any unit. Everything takes N = 0, and keeps the type of floats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[Any]
Matrix = npt.NDArray[Any]

# Two boxes without area share 0 of 0: such a ratio is 0, not NaN.
_LEAST_AREA = 1e-9


def area(boxes: Boxes) -> npt.NDArray[Any]:
    """Return the area of each box, (N,)."""
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def intersection(boxes: Boxes, others: Boxes) -> Matrix:
    """Return the area that each of ``boxes`` (N, 4) shares with each of ``others`` (M, 4): (N, M)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    sides = np.maximum(high - low, 0)  # boxes that do not meet have negative sides, and two of these a positive area
    return np.asarray(sides[..., 0] * sides[..., 1])


def iou(boxes: Boxes, others: Boxes) -> Matrix:
    """Return the intersection over union of each of ``boxes`` (N, 4) with each of ``others`` (M, 4): (N, M)."""
    shared = intersection(boxes, others)
    union = area(boxes)[:, None] + area(others)[None, :] - shared
    return np.asarray(shared / np.maximum(union, _LEAST_AREA))


def coverage(boxes: Boxes, regions: Boxes) -> Matrix:
    """Return which share of each of ``boxes`` (N, 4) lies within each of ``regions`` (M, 4): (N, M), 0 to 1.

    COCO compares a detection with a crowd so: the crowd's size does not matter.
    """
    return np.asarray(intersection(boxes, regions) / np.maximum(area(boxes), _LEAST_AREA)[:, None])


def with_area(boxes: Boxes) -> npt.NDArray[np.bool_]:
    """Tell which boxes have an area: of what lies beside the picture, none is left after ``clip``."""
    return np.asarray((boxes[:, 2:] > boxes[:, :2]).all(axis=1), dtype=np.bool_)


def clip(boxes: Boxes, height: float, width: float) -> Boxes:
    """Return the boxes cut at the edges of a picture of this size."""
    return np.asarray(np.clip(boxes, 0, np.array([width, height, width, height], dtype=boxes.dtype)))


def to_xywh(boxes: Boxes) -> Boxes:
    """Return left, upper edge, width and height of each box, (N, 4), as COCO and OpenCV write boxes."""
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
