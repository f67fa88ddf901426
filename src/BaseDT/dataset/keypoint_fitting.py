"""Persons fitted into their pictures as these are read: upright, points within, each with a box.

``keypoints`` calls it. Only the heads of pictures are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.directions import Head, Labelled, directions
from BaseDT.dataset.keypoint_samples import UNLABELLED, PosedObject
from BaseDT.dataset.keypoint_source import KeypointSource, Person, PosedPicture
from BaseDT.dataset.upright import heads_of
from BaseDT.errors import DatasetInvalid
from BaseDT.geometry import masks
from BaseDT.language import say

# So many pixels a point may lie beside its picture and be moved to its edge.
_SLACK = 1.0
_MARGIN = 0.15
"""Of each side: so far beyond its points a person reaches who has no box. Points lie within the body."""
_SLIMMEST = 0.25  # of a box around points, as a share of its longer side: those on a line have no second one
_SWAPPED = 0.05  # of all points that lie outside of their pictures, and none were x and y exchanged

Corners = tuple[float, float, float, float]
Points = npt.NDArray[np.float64]


@dataclass
class PoseTally:
    """How many persons and points could not be taken as they are.

    Attributes:
        outside: Points that lie outside of their pictures: not labelled now.
        unlabelled: Persons without a labelled point: left out.
        identical: Persons all of whose points lie at one place: left out.
        at_corner: Points at 0, 0 that are said to be labelled: not labelled now.
        boxless: Persons whose boxes were made around their points.
    """

    outside: int = 0
    unlabelled: int = 0
    identical: int = 0
    at_corner: int = 0
    boxless: int = 0

    def notes(self) -> Iterator[str]:
        """Say what was counted, a line for each kind."""
        if self.outside:
            yield say(
                f"{self.outside} points lie outside of their pictures: taken as not labelled.",
                f"{self.outside} 个关键点在图片之外，按未标注处理。",
            )
        if self.at_corner:
            yield say(
                f"{self.at_corner} points lie at 0, 0 though they are said to be labelled: taken as not labelled.",
                f"{self.at_corner} 个关键点标为已标注，坐标却是 0, 0：按未标注处理。",
            )
        if self.unlabelled:
            yield say(
                f"{self.unlabelled} persons have no labelled point (v is 0 everywhere): left out.",
                f"{self.unlabelled} 个人没有任何已标注的关键点（v 全为 0），不使用。",
            )
        if self.identical:
            yield say(
                f"{self.identical} persons have all their points at one place: left out. Label them again.",
                f"{self.identical} 个人的所有关键点都在同一位置，不使用。请重新标注。",
            )
        if self.boxless:
            yield say(
                f"{self.boxless} persons have no box: one was drawn around their points, with a margin.",
                f"{self.boxless} 个人没有标注框：在关键点四周留出边距作为标注框。",
            )


@dataclass(frozen=True, eq=False)
class Fitted:
    """What came out.

    Attributes:
        people: Of each picture of the source.
        notes: Lines for the user.
        whole_pictures: The set has no boxes, and no picture shows two persons: each picture is the person.
    """

    people: tuple[tuple[PosedObject, ...], ...]
    notes: tuple[str, ...]
    whole_pictures: bool


def fitted(source: KeypointSource, where: str) -> Fitted:
    """Fit the persons of a set into their pictures.

    Args:
        source: As a reader made it.
        where: What messages call the annotations.

    Raises:
        DatasetInvalid: Pictures have another size than their annotations say; or all points are shares where pixels
            belong, or have x and y exchanged (-201).
    """
    heads = heads_of([picture.path for picture in source.pictures])
    tally = PoseTally()
    known = [
        Labelled(picture.key, head, picture.size, [] if source.relative else _extents(picture))
        for picture, head in zip(source.pictures, heads, strict=True)
    ]
    # Shares are those of the upright picture, whatever a camera stored.
    stored, notes = ([False] * len(known), ()) if source.relative else directions(known)
    placed = [
        _placed(picture, head, turns=turns, relative=source.relative)
        for picture, head, turns in zip(source.pictures, heads, stored, strict=True)
    ]
    if not source.relative:
        _refuse_shares(where, placed)
        _refuse_swapped(where, placed)
    boxed = any(person.corners is not None for _, people in placed for person in people)
    whole = not boxed and all(len(people) <= 1 for _, people in placed)
    people = []
    for picture, (size, persons) in zip(source.pictures, placed, strict=True):
        kept = [person for person in (_kept(person, size, tally) for person in persons) if person is not None]
        people.append(tuple(_object(p, picture, size, n, tally, whole=whole) for n, p in enumerate(kept)))
    if whole and any(people):
        notes = (*notes, _whole_note())
    return Fitted(tuple(people), (*notes, *tally.notes()), whole)


def _whole_note() -> str:
    return say(
        "The set has no boxes: the whole picture is taken as the person, and so it will be in prediction.",
        "数据集没有标注框：把整张图片当作这个人，预测时也是如此。",
    )


def _labelled(person: Person) -> Points:
    return person.points[person.points[:, 2] > UNLABELLED, :2]


def _extents(picture: PosedPicture) -> list[Box]:
    """Return boxes of what was labelled, from which it follows which way up the picture was."""
    corners = [person.corners for person in picture.people if person.corners is not None]
    for person in picture.people:
        if len(points := _labelled(person)):
            low, high = points.min(axis=0), points.max(axis=0)
            corners.append((float(low[0]), float(low[1]), float(high[0]), float(high[1])))
    return [Box(0, edges) for edges in corners]


def _placed(
    picture: PosedPicture, head: Head | None, *, turns: bool, relative: bool
) -> tuple[tuple[int, int], tuple[Person, ...]]:
    """Return the size of a picture as it is read, and its persons in pixels of that."""
    people = picture.people
    if head is None:  # the check of the pictures says what is wrong with it
        points = [_labelled(person).max(axis=0) for person in people if len(_labelled(person))]
        width, height = np.ceil(np.max(points, axis=0)).clip(1) if points and not relative else (1, 1)
        size = picture.size or (int(height), int(width))
    else:
        size = head.upright
        if turns:
            people = tuple(_turned(person, head) for person in people)
    if relative:
        people = tuple(_in_pixels(person, size) for person in people)
    return size, people


def _turned(person: Person, head: Head) -> Person:
    """Turn a person of the stored picture as its note turns the picture."""
    turn = (head.orientation, head.height, head.width)
    points = person.points.copy()
    points[:, :2] = masks.turned_points(points[:, :2], *turn)
    points[person.points[:, 2] == UNLABELLED] = 0
    corners = person.corners
    if corners is not None:
        edges = masks.turned_points(np.array(corners, dtype=np.float64).reshape(2, 2), *turn)
        (x1, y1), (x2, y2) = edges.min(axis=0).tolist(), edges.max(axis=0).tolist()
        corners = (x1, y1, x2, y2)
    return replace(person, points=points, corners=corners)


def _in_pixels(person: Person, size: tuple[int, int]) -> Person:
    height, width = size
    points = person.points * (width, height, 1)
    corners = person.corners
    if corners is not None:
        x1, y1, x2, y2 = corners
        corners = (x1 * width, y1 * height, x2 * width, y2 * height)
    return replace(person, points=points, corners=corners)


Placed = tuple[tuple[int, int], tuple[Person, ...]]


def _all_points(placed: Sequence[Placed]) -> tuple[Points, Points]:
    """Return all labelled points, (n, 2) of x, y, and the width and height of the picture of each."""
    rows = [(_labelled(person), size[::-1]) for size, people in placed for person in people]
    points = np.concatenate([np.zeros((0, 2)), *(own for own, _ in rows)])
    sizes = np.concatenate([np.zeros((0, 2)), *(np.tile(size, (len(own), 1)) for own, size in rows)])
    return points, sizes


def _refuse_shares(where: str, placed: Sequence[Placed]) -> None:
    points, sizes = _all_points(placed)
    # Numbers of pixels have got half a pixel by now.
    if len(points) < 2 or points.max() > 1 or points.min() < 0 or sizes.min() < 8:
        return
    raise DatasetInvalid(
        say(
            f"{where}: all {len(points)} points lie within the first pixel: they look like shares of 1, not pixels",
            f"{where}：全部 {len(points)} 个关键点都在第一个像素之内：数值像是 0 到 1 的比例，而不是像素",
        ),
        hint=say(
            "Multiply x by the picture's width and y by its height; or export in pixels.",
            "请把 x 乘以图片宽度，y 乘以图片高度；或导出为像素坐标。",
        ),
    )


def _refuse_swapped(where: str, placed: Sequence[Placed]) -> None:
    points, sizes = _all_points(placed)
    outside = _outside(points, sizes)
    number = int(outside.sum())
    if number < max(3, _SWAPPED * len(points)) or _outside(points[:, ::-1], sizes).any():
        return
    raise DatasetInvalid(
        say(
            f"{where}: {number} of {len(points)} points lie outside of their pictures, and none would if x and y were "
            "exchanged: they look like y, x",
            f"{where}：{len(points)} 个关键点中有 {number} 个在图片之外，而交换 x 和 y 后全部在图片之内："
            "数值像是 y、x 的顺序",
        ),
        hint=say("Write x first, then y; or export the file anew.", "请先写 x 再写 y；或重新导出标注文件。"),
    )


def _outside(points: Points, sizes: Points) -> npt.NDArray[np.bool_]:
    return np.asarray(((points < -_SLACK) | (points > sizes + _SLACK)).any(axis=1))


def _kept(person: Person, size: tuple[int, int], tally: PoseTally) -> Person | None:
    """Return a person whose points lie in the picture; None where nothing of it can be learned."""
    points = person.points.copy()
    labelled = points[:, 2] > UNLABELLED
    if (corner := labelled & (person.points[:, :2] == 0).all(axis=1)).any() and labelled.sum() > 1:
        tally.at_corner += int(corner.sum())
        labelled &= ~corner
    sides = np.array(size[::-1], dtype=np.float64)
    outside = labelled & _outside(points[:, :2], sides[None])
    tally.outside += int(outside.sum())
    labelled &= ~outside
    points[:, :2] = points[:, :2].clip(0, sides)
    points[~labelled] = 0
    if not labelled.any():
        tally.unlabelled += 1
        return None
    if labelled.sum() > 1 and (points[labelled, :2] == points[labelled, :2][0]).all():
        tally.identical += 1
        return None
    return replace(person, points=points)


def _object(
    person: Person, picture: PosedPicture, size: tuple[int, int], number: int, tally: PoseTally, *, whole: bool
) -> PosedObject:
    height, width = size
    box = (0.0, 0.0, float(width), float(height)) if whole else _within(person.corners, size)
    if box is None:
        tally.boxless += 1
        box = around(person.points, size)
    return PosedObject(
        picture.path, height, width, box, person.points, person.area, person.label, person.crowd, person.id, number
    )


def _within(corners: Corners | None, size: tuple[int, int]) -> Corners | None:
    """Return a box cut at the edges of a picture; None where nothing of it is left."""
    if corners is None:
        return None
    height, width = size
    x1, y1 = max(corners[0], 0.0), max(corners[1], 0.0)
    x2, y2 = min(corners[2], float(width)), min(corners[3], float(height))
    return (x1, y1, x2, y2) if x2 > x1 and y2 > y1 else None


def around(points: Points, size: tuple[int, int]) -> Corners:
    """Return a box around the labelled points of a person, with a margin, within a picture of this (height, width)."""
    own = points[points[:, 2] > UNLABELLED, :2]
    low, high = own.min(axis=0), own.max(axis=0)
    longer = max(float((high - low).max()), 1.0)
    middle, sides = (low + high) / 2, np.maximum(high - low, _SLIMMEST * longer) * (1 + 2 * _MARGIN)
    limit = np.array(size[::-1], dtype=np.float64)
    first, last = np.clip(middle - sides / 2, 0, limit), np.clip(middle + sides / 2, 0, limit)
    # At the edge of a picture a point may have nothing beside it.
    first, last = np.minimum(first, limit - 1).clip(0), np.maximum(last, np.minimum(first + 1, limit))
    return float(first[0]), float(first[1]), float(last[0]), float(last[1])
