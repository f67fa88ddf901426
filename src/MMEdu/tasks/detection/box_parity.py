"""How far two runs of a detector over one picture agree, box by box with the masks in them. Arrays only."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.boxes import iou
from MMEdu.export.parity import largest_difference
from MMEdu.export.signature import Arrays

_MATCH = 0.99
_MASKS = 0.01  # the mean difference of probabilities in boxes that match
_LEAST_SCORE = 0.05
_BEST = 10
_SLACK = 1e-3
_SUPPRESSES = 0.4  # below every recipe's NMS
_UNMATCHED_SHARE = 0.05  # regions that two-stage models propose are ranked, too
_FULL = 100  # detectors report so many, or more, at most


def largest_raw_difference(trained: Arrays, exported: Arrays) -> float:
    """Return the largest difference of scores, and of box edges as a share of the largest edge."""
    extent = max(1.0, float(np.abs(trained[0]).max(initial=1.0)))
    return max(
        largest_difference([trained[0] / extent], [exported[0] / extent]), largest_difference(trained[1:], exported[1:])
    )


def largest_box_difference(trained: Arrays, exported: Arrays) -> float | None:
    """Return the largest difference of the scores of boxes that match; infinite where one has no match.

    A match has the same label, an overlap (IoU) of at least 0.99 and, where there are masks, one that differs by 0.01
    in the mean at most. Boxes with scores below 0.05 do not count, but where there are no others: then about the best
    ten do. Scores that are the same within rounding may be ranked either way: a box that lost to a neighbour, or to the
    last place, by less than 0.001 needs no match. Of the others one in twenty may be without: regions that two-stage
    models propose are ranked, too.

    Args:
        trained: ``dets`` (1, N, 5), ``labels`` (1, N) and, where there are masks, ``masks`` (1, N, m, m).
        exported: Likewise, any number of boxes.

    Returns:
        None where there is no box to compare.
    """
    trained, exported = _of_picture(trained), _of_picture(exported)
    if any(len(part) != len(run[0]) or not np.isfinite(part).all() for run in (trained, exported) for part in run):
        return float("inf")
    limits = _limits(np.concatenate([trained[0][:, 4], exported[0][:, 4]]))
    return max([*_differences(trained, exported, limits), *_differences(exported, trained, limits)], default=None)


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


def _differences(run: Arrays, others: Arrays, limits: tuple[float, float]) -> list[float]:
    """Return the differences of the scores of boxes to those that match; infinity where too many have no match."""
    boxes, candidates = run[0], others[0]
    least, certain = limits
    differences: list[float] = []
    unmatched = excused = 0
    for index in np.flatnonzero(boxes[:, 4] >= least).tolist():
        score = float(boxes[index, 4])
        overlaps = np.where(others[1] == run[1][index], iou(boxes[index : index + 1, :4], candidates[:, :4])[0], 0.0)
        matches = overlaps >= _MATCH
        to_matches = np.abs(candidates[matches & _same_masks(run, index, others), 4] - score)
        if to_matches.size:
            # Of several boxes in the same spot the one with the nearest score is meant.
            differences.append(float(to_matches.min()))
        elif matches.any() or (score >= certain and not _lost_narrowly(score, candidates[:, 4], overlaps)):
            unmatched += 1
        elif score >= certain:
            excused += 1
    # Not all of several boxes lose to neighbours.
    if unmatched > _UNMATCHED_SHARE * len(boxes) or (not differences and (unmatched or excused > 1)):
        differences.append(float("inf"))
    return differences


def _lost_narrowly(score: float, scores: npt.NDArray[Any], overlaps: npt.NDArray[Any]) -> bool:
    """Return whether rounding explains that a box is missing: NMS or the limit of boxes chose another one."""
    to_neighbour = bool((scores[overlaps >= _SUPPRESSES] >= score - _SLACK).any())
    to_last_box = len(scores) >= _FULL and score <= float(scores.min()) + _SLACK
    return to_neighbour or to_last_box


def _same_masks(run: Arrays, index: int, others: Arrays) -> npt.NDArray[np.bool_]:
    """Return which boxes have the mask of one box; all of them where there are no masks."""
    if len(run) < 3:
        return np.ones(len(others[0]), np.bool_)
    difference: npt.NDArray[Any] = np.abs(others[2] - run[2][index]).mean(axis=(1, 2))
    return np.asarray(difference <= _MASKS, np.bool_)
