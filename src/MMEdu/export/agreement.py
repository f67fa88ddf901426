"""How far two runs over one picture agree: number by number, or box by box with the masks in them. Arrays only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.boxes import iou

Arrays = Sequence[npt.NDArray[Any]]

_MATCH = 0.99
_MASKS = 0.01  # the mean difference of probabilities in boxes that match
_LEAST_SCORE = 0.05
_BEST = 10
_SLACK = 1e-3
_SUPPRESSES = 0.4  # below every recipe's NMS
_ALONE = 0.05
_FULL = 100  # detectors report so many, or more, at most


def largest_difference(ours: Arrays, theirs: Arrays) -> float:
    """Return the largest absolute difference of any number; infinite where shapes differ or a number is none."""
    worst = 0.0
    for one, other in zip(ours, theirs, strict=True):
        if one.shape != other.shape or not np.isfinite(other).all():
            return float("inf")
        worst = max(worst, float(np.abs(one.astype(np.float64) - other).max(initial=0.0)))
    return worst


def largest_raw_difference(ours: Arrays, theirs: Arrays) -> float:
    """Return the largest difference of scores, and of box edges as a share of the largest edge."""
    extent = max(1.0, float(np.abs(ours[0]).max(initial=1.0)))
    return max(largest_difference([ours[0] / extent], [theirs[0] / extent]), largest_difference(ours[1:], theirs[1:]))


def largest_box_difference(ours: Arrays, theirs: Arrays) -> float | None:
    """Return the largest difference of the scores of boxes that match; infinite where one has no match.

    A match has the same label, an overlap (IoU) of at least 0.99 and, where there are masks, one that differs by 0.01
    in the mean at most. Boxes with scores below 0.05 do not count, but where there are no others: then about the best
    ten do. Scores that are the same within rounding may be ranked either way: a box that lost to a neighbour, or to the
    last place, by less than 0.001 needs no match. Of the others one in twenty may be without: regions that two-stage
    models propose are ranked, too.

    Args:
        ours: ``dets`` (1, N, 5), ``labels`` (1, N) and, where there are masks, ``masks`` (1, N, m, m).
        theirs: Likewise, any number of boxes.

    Returns:
        None where there is no box to compare.
    """
    ours, theirs = _of_picture(ours), _of_picture(theirs)
    if any(len(part) != len(run[0]) or not np.isfinite(part).all() for run in (ours, theirs) for part in run):
        return float("inf")
    limits = _limits(np.concatenate([ours[0][:, 4], theirs[0][:, 4]]))
    return max([*_differences(ours, theirs, limits), *_differences(theirs, ours, limits)], default=None)


def _of_picture(run: Arrays) -> Arrays:
    """Return boxes (N, 5), labels (N,) and, where there are any, masks (N, m, m)."""
    boxes, labels = run[0].reshape(-1, 5), run[1].reshape(-1)
    return [boxes, labels, *(masks.reshape(-1, *masks.shape[-2:]) for masks in run[2:])]


def _limits(scores: npt.NDArray[Any]) -> tuple[float, float]:
    """Return from which score on boxes are compared, and from which on one must have a match."""
    usual = _LEAST_SCORE + _SLACK
    if not len(scores) or scores.max() >= usual:
        return usual, usual
    best = np.sort(scores)[::-1][: 2 * _BEST]  # of both runs
    # The least may be in one run alone: detectors leave out what is less sure than their own threshold.
    return float(best[-1]), float(scores.min()) + _SLACK


def _differences(some: Arrays, others: Arrays, limits: tuple[float, float]) -> list[float]:
    """Return the differences of the scores of boxes to those that match; infinity where too many have no match."""
    boxes, candidates = some[0], others[0]
    least, certain = limits
    found: list[float] = []
    alone = excused = 0
    for index in np.flatnonzero(boxes[:, 4] >= least).tolist():
        score = float(boxes[index, 4])
        overlaps = np.where(others[1] == some[1][index], iou(boxes[index : index + 1, :4], candidates[:, :4])[0], 0.0)
        same = overlaps >= _MATCH
        differences = np.abs(candidates[same & _same_masks(some, index, others), 4] - score)
        if differences.size:
            found.append(float(differences.min()))
        elif same.any() or (score >= certain and not _lost_by_a_hair(score, candidates[:, 4], overlaps)):
            alone += 1
        elif score >= certain:
            excused += 1
    # Not all of several boxes lose to neighbours.
    if alone > _ALONE * len(boxes) or (not found and (alone or excused > 1)):
        found.append(float("inf"))
    return found


def _lost_by_a_hair(score: float, scores: npt.NDArray[Any], overlaps: npt.NDArray[Any]) -> bool:
    to_a_neighbour = bool((scores[overlaps >= _SUPPRESSES] >= score - _SLACK).any())
    to_the_last = len(scores) >= _FULL and score <= float(scores.min()) + _SLACK
    return to_a_neighbour or to_the_last


def _same_masks(some: Arrays, index: int, others: Arrays) -> npt.NDArray[np.bool_]:
    """Tell which boxes have the mask of one box; all of them where there are no masks."""
    if len(some) < 3:
        return np.ones(len(others[0]), np.bool_)
    apart: npt.NDArray[Any] = np.abs(others[2] - some[2][index]).mean(axis=(1, 2))
    return np.asarray(apart <= _MASKS, np.bool_)
