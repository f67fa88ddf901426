"""Pictures on a plane: those that look alike to the backbone lie together."""

from __future__ import annotations

import numpy as np

from XEdu.teach.softmax_regression import Floats

_ROUNDS, _DIRECTIONS = 12, 6


def plane(features: Floats) -> Floats:
    """Put pictures on the two directions in which they differ most (principal components).

    The directions are found by repeated multiplication from a fixed start (Halko, Martinsson and Tropp 2011,
    algorithm 4.4), and turned so that the picture that lies farthest out along one lies at its positive end: the same
    pictures give the same plane.

    Args:
        features: (N, D).

    Returns:
        (N, 2), each axis within -1 to 1, both in one unit, the first the longer one.
    """
    count, width = features.shape
    result: Floats = np.zeros((count, 2), np.float32)
    if count < 2:
        return result
    centred = features - features.mean(0)
    found = np.random.default_rng(0).standard_normal((width, min(_DIRECTIONS, count, width))).astype(np.float32)
    for _ in range(_ROUNDS):
        found = np.linalg.qr(centred.T @ (centred @ found))[0]
    seen = centred @ found
    _, turn = np.linalg.eigh(seen.T @ seen)
    best = (seen @ turn)[:, ::-1][:, :2]
    result[:, : best.shape[1]] = best
    farthest = np.abs(result).argmax(0)
    result *= np.where(result[farthest, [0, 1]] < 0, np.float32(-1), np.float32(1))
    largest = float(np.abs(result).max())
    return result / np.float32(largest) if largest > 0 else result
