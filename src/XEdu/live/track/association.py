"""Which box belongs to which object, in three rounds. ``Tracker`` calls it.

First the sure boxes, as SORT and ByteTrack do (Bewley 2016, Zhang 2022); then, with boxes made larger, those that move
by more than their own size in a frame (C-BIoU: Yang and others, WACV 2023), as they do before a slow camera; at last
the unsure boxes, for objects that were seen a frame ago and are half hidden now (ByteTrack).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.boxes import iou
from BaseDT.geometry.matching import best_pairs

Pairs = list[tuple[int, int]]
Numbers = npt.NDArray[np.int64]

_LEAST_IOU, _LEAST_GROWN, _LEAST_UNSURE = 0.2, 0.1, 0.5
_GROWTH = 0.5
"""Of the width and height, on each side."""
_OTHER_CLASS = 0.5
"""What an overlap of two classes counts: a detector may waver, and yet a rider is not taken for the bicycle."""


def associate(
    objects: npt.NDArray[Any], boxes: npt.NDArray[Any], *, same: npt.NDArray[np.bool_], sure: npt.NDArray[np.bool_],
    recent: npt.NDArray[np.bool_],
) -> Pairs:  # fmt: skip
    """Pair objects with boxes.

    Args:
        objects: (N, 4), where they should be now.
        boxes: (M, 4), where something was found.
        same: (N, M), whether their classes are the same.
        sure: (M,), whether a box has the score that a new object needs.
        recent: (N,), whether an object was seen in the frame before.
    """
    weight = np.where(same, 1.0, _OTHER_CLASS)
    free_objects, free_boxes = np.ones(len(objects), np.bool_), np.ones(len(boxes), np.bool_)
    pairs: Pairs = []
    for grown, least, some_objects, some_boxes in (
        (0.0, _LEAST_IOU, free_objects, sure),
        (_GROWTH, _LEAST_GROWN, free_objects, sure),
        (0.0, _LEAST_UNSURE, recent, ~sure),
    ):
        rows, columns = np.flatnonzero(free_objects & some_objects), np.flatnonzero(free_boxes & some_boxes)
        if not len(rows) or not len(columns):
            continue
        gain = iou(_grown(objects[rows], grown), _grown(boxes[columns], grown)) * weight[np.ix_(rows, columns)]
        found = [(int(rows[row]), int(columns[column])) for row, column in best_pairs(np.where(gain < least, 0, gain))]
        for row, column in found:
            free_objects[row] = free_boxes[column] = False
        pairs += found
    return pairs


def _grown(boxes: npt.NDArray[Any], share: float) -> npt.NDArray[Any]:
    if share == 0:
        return boxes
    margin = (boxes[:, 2:] - boxes[:, :2]) * share
    return np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)
