"""What every reader of keypoints returns: persons as their files have them, not yet fitted into their pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.keypoint_names import sides

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Person:
    """One person, as a file has it.

    Attributes:
        points: (K, 3) of x, y, and 0, 1 or 2 as COCO counts; edges of pixels are whole, or shares of 1.
        corners: x1, y1, x2, y2 of its box in the same unit; None where the file has none.
        area: In square pixels; None where the file tells none.
        label: Its class, from 0.
        crowd: Whether it is a group.
        id: Its number in the file.
    """

    points: Points
    corners: tuple[float, float, float, float] | None = None
    area: float | None = None
    label: int = 0
    crowd: bool = False
    id: int = 0


@dataclass(frozen=True, eq=False)
class PosedPicture:
    """One picture.

    Attributes:
        path: Where it lies.
        key: Its posix path in the data set, from which a division follows.
        people: Who is in it.
        size: (height, width) that the file claims, in pixels; None where it claims none.
        split: What it is for (``dividing.TRAIN`` …); None where the set is not divided.
    """

    path: Path
    key: str
    people: tuple[Person, ...]
    size: tuple[int, int] | None = None
    split: int | None = None


@dataclass(frozen=True, eq=False)
class KeypointSource:
    """A set as it was read.

    Attributes:
        classes: Kinds of objects.
        names: Of the points.
        skeleton: Pairs from 0.
        flip_pairs: Pairs from 0.
        mirrors: Whether all points' sides are known.
        pictures: In the order of the files.
        relative: Numbers are shares of width and height, not pixels.
        notes: Lines for the user.
        keeps: What must stay as long as the pictures are needed: a temporary folder with some of them.
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...] = ()
    flip_pairs: tuple[tuple[int, int], ...] = ()
    mirrors: bool = False
    pictures: tuple[PosedPicture, ...] = ()
    relative: bool = False
    notes: tuple[str, ...] = ()
    keeps: object = None

    def with_sides(self) -> KeypointSource:
        """Return it with the pairs of left and right that the names tell."""
        pairs, mirrors = sides(self.names)
        return replace(self, flip_pairs=pairs, mirrors=mirrors)
