"""Rectangles that must not cover each other: names and numbers on a map. ``BaseDT.draw.scatter`` calls it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

_ROUNDS = 200


def separate(centres: Points, sizes: Points, room: tuple[int, int], *, fixed: int = 0, rounds: int = _ROUNDS) -> Points:
    """Move rectangles, as little as it takes, until none covers another or enough rounds have passed.

    Args:
        centres: (N, 2) of x and y: where each should be.
        sizes: (N, 2) of width and height.
        room: Width and height within which they stay.
        fixed: The last ones of them, so many, do not move.
        rounds: At most so many; fewer leave some overlap, and all nearer to where they should be.

    Returns:
        (N, 2), the centres where they may be drawn.
    """
    half = sizes / 2
    free = len(centres) - fixed
    lowest, highest = half, np.maximum(half, np.array(room) - half)
    # Two at one place have no direction to part in: each gets a hair of its own.
    hair = np.stack([np.arange(len(centres)), np.arange(len(centres)) % 2], axis=1) * 1e-3
    moved = np.clip(centres + hair, lowest, highest)
    moved[free:] = centres[free:]
    for _ in range(rounds):
        push = _displacements(moved, half)
        push[free:] = 0
        if not push.any():
            break
        moved[:free] = np.clip(moved + push, lowest, highest)[:free]
    return moved


def _displacements(centres: Points, half: Points) -> Points:
    """How far each goes this round: from every one that it covers, along the shorter way out, half of that way."""
    away = centres[:, None] - centres[None]  # (N, N, 2)
    # How deep they are in each other on each axis; they overlap where both are positive. Half a pixel is not seen, and
    # lets the rounds end.
    over = half[:, None] + half[None] - np.abs(away)
    covers = np.asarray((over > 0.5).all(axis=2))
    np.fill_diagonal(covers, False)
    # Along one axis only, x where both are equal: the shorter way out disturbs the layout least.
    shorter = over <= over[:, :, ::-1]
    shorter[:, :, 1] &= ~shorter[:, :, 0]
    step = np.where(shorter & covers[:, :, None], over, 0) * np.where(away >= 0, 1, -1)
    # Of two at exactly one place on an axis the later one goes on.
    step[np.triu(np.ones(covers.shape, dtype=bool))[:, :, None] & (away == 0)] *= -1
    return np.asarray(step.sum(axis=1) / 2, dtype=np.float64)
