"""Where labels may stand in a picture: over no other label, hiding no box, and not too many of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Rectangle: TypeAlias = tuple[int, int, int, int]
"""Left, upper, right and lower pixel; the last two lie behind it."""

_HIDDEN = 0.5
"""A box of which a label covers more is hidden."""
_MOST = 0.25
"""Labels cover so much of a picture at most."""
_ALWAYS = 3  # of the surest results: a picture with few of them shows all their names


class LabelRoom:
    """The room for labels in one picture; labels take it one after the other, the most important first.

    Args:
        size: Height and width of the picture.
        boxes: All boxes in it: left, upper, right, lower.
    """

    def __init__(self, size: tuple[int, int], boxes: Sequence[Rectangle]) -> None:
        self._boxes = np.array(boxes, dtype=np.float64).reshape(-1, 4)
        sides = np.maximum(self._boxes[:, 2:] - self._boxes[:, :2] + 1, 1)
        self._areas = sides.prod(axis=1)
        self._taken: list[Rectangle] = []
        self._left = _MOST * size[0] * size[1]

    def take(self, candidates: Iterable[Rectangle]) -> Rectangle | None:
        """Return where the next label goes; None where it is better left out.

        Args:
            candidates: Where it may be, the best position first.
        """
        free = [place for place in candidates if not any(_overlap(place, other) for other in self._taken)]
        if not free:
            return None
        hidden = [self._most_hidden(place) for place in free]
        chosen = next((place for place, share in zip(free, hidden, strict=True) if share <= _HIDDEN), None)
        if len(self._taken) < _ALWAYS:
            chosen = chosen or free[int(np.argmin(hidden))]
        area = 0 if chosen is None else (chosen[2] - chosen[0]) * (chosen[3] - chosen[1])
        if chosen is None or (area > self._left and len(self._taken) >= _ALWAYS):
            return None
        self._taken.append(chosen)
        self._left -= area
        return chosen

    def _most_hidden(self, place: Rectangle) -> float:
        """Return how much of a box a label covers at most, from 0 to 1."""
        if not len(self._boxes):
            return 0.0
        inner: npt.NDArray[np.float64] = np.minimum(self._boxes[:, 2:] + 1, place[2:]) - np.maximum(
            self._boxes[:, :2], place[:2]
        )
        return float((np.maximum(inner, 0).prod(axis=1) / self._areas).max())


def _overlap(first: Rectangle, other: Rectangle) -> bool:
    return first[0] < other[2] and other[0] < first[2] and first[1] < other[3] and other[1] < first[3]
