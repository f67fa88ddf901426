"""IDF1: for how much of their time objects of a film keep the identity that a tracker gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.boxes import iou
from BaseDT.geometry.matching import best_pairs

Identities: TypeAlias = Mapping[int, Sequence[float]]
"""The boxes of a picture (x1, y1, x2, y2) by the number of the object."""


def idf1(truths: Sequence[Identities], predictions: Sequence[Identities], iou_threshold: float = 0.5) -> float:
    """Return the share of right identities, 0 to 1 (Ristani and others, ECCV workshops 2016, section 3).

    Each true object is given the one predicted number that is with it longest, over the whole film.

    Args:
        truths: Of each picture, where every object is.
        predictions: Of each picture, where the tracker says that it is.
        iou_threshold: Boxes that overlap so much are of the same object.
    """
    true_ids = _numbered(truths)
    predicted_ids = _numbered(predictions)
    together = np.zeros((len(true_ids), len(predicted_ids)), np.int64)
    for truth, prediction in zip(truths, predictions, strict=True):
        if truth and prediction:
            close = iou(_boxes(truth), _boxes(prediction)) >= iou_threshold
            rows, columns = [true_ids[i] for i in truth], [predicted_ids[i] for i in prediction]
            together[np.ix_(rows, columns)] += close
    right = sum(int(together[pair]) for pair in best_pairs(together))
    boxes = sum(map(len, truths)) + sum(map(len, predictions))
    return 2 * right / boxes if boxes else 1.0


def _numbered(pictures: Sequence[Identities]) -> dict[int, int]:
    found = dict.fromkeys(number for picture in pictures for number in picture)
    return {number: index for index, number in enumerate(found)}


def _boxes(picture: Identities) -> npt.NDArray[Any]:
    return np.array(list(picture.values()), np.float64).reshape(-1, 4)
