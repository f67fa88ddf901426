"""Where objects will be next: a Kalman filter of constant velocity for each, all of them in a few calls of numpy.

State and noise are those of SORT and ByteTrack (Bewley and others, ICIP 2016; Zhang and others, ECCV 2022): centre,
width and height with their velocities, noise in proportion to the size. None of the four depends on another one, so
each is a filter of two numbers, and no matrix needs to be inverted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_POSITION, _VELOCITY = 1 / 20, 1 / 80
"""Standard deviations in shares of the size: of a measured position, and of how much a velocity changes in a frame."""
_DOUBT = 20.0
"""So much more noise has a box of score 0: it shows a part of the object (as NSA does: Du and others, ICCVW 2021)."""
_AT_FIRST = 0.5  # of the velocity of what was seen once: nothing is known of it
_LEAST_SIZE = 1.0


class Motion:
    """Positions and velocities of N objects, in pixels and pixels a frame."""

    def __init__(self) -> None:
        self._position: Boxes = np.empty((0, 4))  # x and y of the centre, width, height
        self._velocity: Boxes = np.empty((0, 4))
        # Variances of position and velocity, and their covariance: (N, 3, 4).
        self._variance: npt.NDArray[np.float64] = np.empty((0, 3, 4))

    def __len__(self) -> int:
        return len(self._position)

    def boxes(self) -> Boxes:
        """Return where the objects are now, (N, 4) of x1, y1, x2, y2."""
        half = np.maximum(self._position[:, 2:], _LEAST_SIZE) / 2
        return np.concatenate([self._position[:, :2] - half, self._position[:, :2] + half], axis=1)

    def advance(self, unseen: npt.NDArray[np.bool_]) -> None:
        """Move all by one frame; what is ``unseen`` (N,) keeps its size: a half hidden box would go on shrinking."""
        self._velocity[unseen, 2:] = 0
        self._position = self._position + self._velocity
        position, velocity, both = self._variance[:, 0], self._variance[:, 1], self._variance[:, 2]
        size = self._size()
        self._variance = np.stack(
            [
                position + 2 * both + velocity + (_POSITION * size) ** 2,
                velocity + (_VELOCITY * size) ** 2,
                both + velocity,
            ],
            axis=1,
        )

    def correct(self, which: Indices, boxes: Boxes, scores: Scores) -> None:
        """Take in where some objects were seen, (K, 4), and how surely, (K,)."""
        if not len(which):
            return
        position, velocity, both = (self._variance[which, part] for part in range(3))
        noise = (_POSITION * self._size()[which]) ** 2 * (1 + _DOUBT * (1 - scores[:, None]) ** 2)
        trust = 1 / (position + noise)
        error = _centred(boxes) - self._position[which]
        self._position[which] += position * trust * error
        self._velocity[which] += both * trust * error
        self._variance[which] = np.stack(
            [position - position**2 * trust, velocity - both**2 * trust, both - position * both * trust], axis=1
        )

    def add(self, boxes: Boxes) -> None:
        """Begin with objects that were seen for the first time, (K, 4)."""
        new = _centred(boxes)
        size = _sides(new)
        variance = np.stack([(2 * _POSITION * size) ** 2, (_AT_FIRST * size) ** 2, np.zeros_like(size)], axis=1)
        self._position = np.concatenate([self._position, new])
        self._velocity = np.concatenate([self._velocity, np.zeros_like(new)])
        self._variance = np.concatenate([self._variance, variance])

    def keep(self, which: npt.NDArray[Any]) -> None:
        """Forget all others."""
        self._position, self._velocity = self._position[which], self._velocity[which]
        self._variance = self._variance[which]

    def _size(self) -> Boxes:
        return _sides(self._position)


def _centred(boxes: Boxes) -> Boxes:
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2] + sides / 2, sides], axis=1)


def _sides(position: Boxes) -> Boxes:
    """The longer side of each, for all four numbers: a flat thing moves as freely along its short side."""
    longest = np.maximum(position[:, 2:].max(axis=1, initial=0), _LEAST_SIZE)
    return np.repeat(longest[:, None], 4, axis=1)
