"""Which boxes are hits: the surest first, each object once; and the score from which on boxes are best shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.boxes import coverage, iou
from BaseDT.metrics.boxes import BoxTruth, Floats

OVERLAP = 0.5
"""So much a box and an object must overlap (IoU) to be the same."""
_LEAST_HITS = 5
"""Of fewer a threshold would be that of single boxes."""


@dataclass(frozen=True, eq=False)
class Matched:
    """The boxes of one picture, the surest first.

    Attributes:
        rows: (k, 6) of x1, y1, x2, y2, score, label.
        hit: Which are hits, (k,).
        excused: Which lie on a crowd, and are neither hits nor false alarms, (k,).
        free: Which objects no box hits, (n,); a crowd never is one.
    """

    rows: npt.NDArray[np.floating[Any]]
    hit: npt.NDArray[np.bool_]
    excused: npt.NDArray[np.bool_]
    free: npt.NDArray[np.bool_]


def match(found: Floats, truth: BoxTruth) -> Matched:
    """Match boxes with objects: same class, an overlap of at least a half; of equals in their order.

    A less sure box never changes what becomes of a surer one: the boxes above a threshold are matched as alone.

    Args:
        found: (k, 6) of x1, y1, x2, y2, score, label.
        truth: What is there.
    """
    rows = found[np.argsort(-found[:, 4], kind="stable")]
    boxes = np.asarray(truth.boxes, dtype=rows.dtype).reshape(-1, 4)
    crowd = np.zeros(len(boxes), dtype=np.bool_) if truth.crowd is None else truth.crowd
    shared = iou(rows[:, :4], boxes)
    shared[rows[:, 5][:, None] != truth.labels[None, :]] = 0
    free = ~crowd
    hit = np.zeros(len(rows), dtype=np.bool_)
    # Most boxes are near no object: only the others are looked at one by one.
    near = np.flatnonzero(shared.max(axis=1) >= OVERLAP) if len(boxes) else ()
    for index in near:
        best = int(np.argmax(shared[index] * free))
        if free[best] and shared[index, best] >= OVERLAP:
            hit[index], free[best] = True, False
    excused = np.zeros(len(rows), dtype=np.bool_)
    if crowd.any():
        excused = ~hit & (coverage(rows[:, :4], boxes[crowd]) >= OVERLAP).any(axis=1)
    return Matched(rows, hit, excused, free)


def best_threshold(found: Sequence[Floats], truth: Sequence[BoxTruth]) -> float | None:
    """Return the score from which on boxes are best shown: the greatest F1 of hits, over all pictures and classes.

    Args:
        found: For each picture (k, 6): x1, y1, x2, y2, score, label; more than would be shown.
        truth: What is there, for each picture.

    Returns:
        From 0 to 1; None where there are too few hits to tell.
    """
    matched = [match(rows, objects) for rows, objects in zip(found, truth, strict=True)]
    counts = [one.hit | ~one.excused for one in matched]
    scores = np.concatenate([np.empty(0), *(one.rows[count, 4] for one, count in zip(matched, counts, strict=True))])
    hits = np.concatenate([np.empty(0, np.bool_), *(one.hit[c] for one, c in zip(matched, counts, strict=True))])
    order = np.argsort(-scores, kind="stable")
    scores, hits = scores[order].astype(np.float64), hits[order]
    objects = int(hits.sum()) + sum(int(one.free.sum()) for one in matched)
    found_by_then = np.cumsum(hits)
    f1 = 2 * found_by_then / (np.arange(1, len(scores) + 1) + objects) if len(scores) else np.empty(0)
    # Boxes of one score are shown together.
    f1[:-1][scores[:-1] == scores[1:]] = -1
    if not len(f1) or found_by_then[best := int(f1.argmax())] < _LEAST_HITS:
        return None
    return _between(float(scores[best + 1]) if best + 1 < len(scores) else 0.0, float(scores[best]))


def _between(below: float, score: float) -> float:
    """Return a number in the middle of two scores, so that another runtime's rounding moves no box over it."""
    middle = min((below + score) / 2, 1.0)
    for digits in (2, 3, 4):
        if below < round(middle, digits) <= score:
            return round(middle, digits)
    return middle
