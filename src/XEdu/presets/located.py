"""What a one-stage detector with keypoints found: its raw outputs decoded, overlapping ones merged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from BaseDT.geometry import boxes as box_arithmetic

Floats = npt.NDArray[np.float64]
MERGED_IOU = 0.3
"""Detections that overlap more are one object's: what these detectors were published with."""
_LARGEST_LOGIT = 100.0  # beyond it exp overflows, and the probability is 0 or 1 anyway


@dataclass(frozen=True)
class Located:
    """One object, as a detector sees it.

    Attributes:
        score: How sure the detector is, 0 to 1.
        box: (4,): x1, y1, x2, y2.
        points: (K, 2): x, y of the detector's few keypoints, which say how the object is turned.
    """

    score: float
    box: Floats
    points: Floats


def probability(logits: npt.ArrayLike) -> Floats:
    """Return the logistic function of logits of any shape."""
    values = np.clip(np.asarray(logits, np.float64), -_LARGEST_LOGIT, _LARGEST_LOGIT)
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


def decoded(
    raw: npt.NDArray[np.float32], logits: npt.NDArray[np.float32], anchors: npt.NDArray[np.float32], size: int,
    threshold: float,
) -> list[Located]:  # fmt: skip
    """Return what a detector found, the surest first, merged; in pixels of its input.

    Args:
        raw: (A, 4 + 2K): middle, width and height, then the keypoints; in pixels, positions from the anchor's middle.
        logits: (A,).
        anchors: (A, 2), from 0 to 1: ``anchors.centres``.
        size: Height and width of the input.
        threshold: Least score.
    """
    scores = probability(logits)
    chosen = np.flatnonzero((scores >= threshold) & np.isfinite(raw).all(axis=1))
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    values, middles = raw[chosen].astype(np.float64), anchors[chosen].astype(np.float64) * size
    middle, half = values[:, :2] + middles, values[:, 2:4] / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    points = values[:, 4:].reshape(len(chosen), (raw.shape[1] - 4) // 2, 2) + middles[:, None]
    whole = (half > 0).all(axis=1)  # a width below 0 turns its box around: such an anchor has found nothing
    return merged(boxes[whole], points[whole], scores[chosen][whole])


def merged(boxes: Floats, points: Floats, scores: Floats) -> list[Located]:
    """Average overlapping detections, weighted by their scores (blending in BlazeFace, Bazarevsky et al. 2019).

    That keeps a box from jumping between anchors, which plain suppression does from frame to frame.

    Args:
        boxes: (N, 4), the surest first.
        points: (N, K, 2).
        scores: (N,).
    """
    results = []
    left = np.arange(len(boxes))
    while len(left):
        overlap = box_arithmetic.iou(boxes[left[:1]], boxes[left])[0] > MERGED_IOU
        overlap[0] = True
        group = left[overlap]
        weights = scores[group] / scores[group].sum()
        box = (boxes[group] * weights[:, None]).sum(axis=0)
        results.append(Located(float(scores[group[0]]), box, (points[group] * weights[:, None, None]).sum(axis=0)))
        left = left[~overlap]
    return results
