"""What every reader of keypoints returns: persons as their files have them, not yet fitted into their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.dividing import TRAIN, split_named
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


def divided_by_folder(pictures: Sequence[PosedPicture]) -> tuple[PosedPicture, ...]:
    """Return pictures with the splits that the first folders of their keys name, where these divide all of them."""
    splits = [split_named(picture.key.partition("/")[0]) for picture in pictures]
    told = any(picture.split is not None for picture in pictures)
    if told or TRAIN not in splits or None in splits or len(set(splits)) < 2:
        return tuple(pictures)
    return tuple(replace(picture, split=split) for picture, split in zip(pictures, splits, strict=True))


def with_middles(pictures: Sequence[PosedPicture]) -> tuple[PosedPicture, ...]:
    """Return pictures whose points are places; numbers of pixels become the middles of these.

    Where all coordinates are whole numbers they are numbers of pixels, as in COCO: 3 is the fourth one, and its middle
    lies at 3.5. Tools that write fractions mean places already. 0, 0 stays: some write it for nothing.
    """
    labelled = [person.points[person.points[:, 2] > 0, :2] for picture in pictures for person in picture.people]
    if not all((points == np.floor(points)).all() for points in labelled):
        return tuple(pictures)
    return tuple(replace(picture, people=tuple(map(_at_middles, picture.people))) for picture in pictures)


def _at_middles(person: Person) -> Person:
    points = person.points.copy()
    meant = (points[:, 2] > 0) & (points[:, :2] != 0).any(axis=1)
    points[meant, :2] += 0.5
    return replace(person, points=points)
