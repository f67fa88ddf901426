"""Boxes of objects in pictures, and how they are fitted into a picture. The readers and writers of detection call it.

Numbers only: nothing here knows a file or a format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from BaseDT.language import say

# So many pixels a box may stand over the edge uncounted: formats that count from 0, from 1, or round.
_TOLERANCE = 1.0


@dataclass(frozen=True)
class Box:
    """One object in a picture.

    Attributes:
        label: Its class, from 0.
        corners: x1, y1, x2, y2 in pixels: the edges of the box, the picture's upper left corner is (0, 0).
        crowd: COCO's ``iscrowd``: a group, which training and metrics leave out.
        area: COCO's ``area`` in square pixels, where the annotation has one of its own (that of a mask).
        segmentation: COCO's ``segmentation`` as the file has it (polygons or a run-length code), or None.
        swapped: Whether the file names a right or lower edge before the opposite one; ``corners`` are in order.
    """

    label: int
    corners: tuple[float, float, float, float]
    crowd: bool = False
    area: float | None = None
    segmentation: object = None
    swapped: bool = field(default=False, repr=False, compare=False)

    @classmethod
    def between(cls, label: int, corners: tuple[float, float, float, float], **others: Any) -> Box:
        """Return the box between two opposite corners, whichever the file names first."""
        x1, y1, x2, y2 = corners
        in_order = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
        return cls(label, in_order, swapped=in_order != corners, **others)

    def size(self) -> tuple[float, float]:
        """Return width and height in pixels."""
        x1, y1, x2, y2 = self.corners
        return x2 - x1, y2 - y1

    @property
    def counted_area(self) -> float:
        """The area by which COCO sorts objects into small, medium and large: the annotation's, else the box's."""
        width, height = self.size()
        return width * height if self.area is None else self.area


def in_pixels(box: Box, width: int, height: int) -> Box:
    """Return a box whose numbers are shares of a picture of this size in pixels, with its outline."""
    x1, y1, x2, y2 = box.corners
    outlines = box.segmentation
    if isinstance(outlines, list):
        outlines = [[value * (height if i % 2 else width) for i, value in enumerate(points)] for points in outlines]
    return replace(box, corners=(x1 * width, y1 * height, x2 * width, y2 * height), segmentation=outlines)


@dataclass
class BoxTally:
    """How many boxes could not be taken as they are.

    Attributes:
        flat: Dropped: without area.
        outside: Dropped: nothing of them lies in the picture.
        clipped: Kept, but cut at the edge of the picture.
        swapped: Kept: the file names opposite edges in the other order, or a negative width or height.
    """

    flat: int = 0
    outside: int = 0
    clipped: int = 0
    swapped: int = 0

    def notes(self) -> Iterator[str]:
        """Say what was counted, a line for each kind."""
        if self.flat:
            yield say(f"{self.flat} boxes without area: dropped.", f"{self.flat} 个标注框面积为零，已忽略。")
        if self.outside:
            yield say(
                f"{self.outside} boxes lie outside of their pictures: dropped.",
                f"{self.outside} 个标注框完全在图片之外，已忽略。",
            )
        if self.clipped:
            yield say(
                f"{self.clipped} boxes leave their pictures: cut at the edge.",
                f"{self.clipped} 个标注框超出图片边缘，已裁剪。",
            )
        if self.swapped:
            yield say(
                f"{self.swapped} boxes were drawn from the other corner (x2 < x1, or a negative size): put in order.",
                f"{self.swapped} 个标注框的对角顺序相反（x2 < x1，或宽高为负），已调整顺序。",
            )


def fitted(boxes: Iterable[Box], width: int, height: int, tally: BoxTally) -> tuple[Box, ...]:
    """Return the boxes as they lie in a picture of this size; what is dropped or clipped is counted.

    Args:
        boxes: In pixels of the picture.
        width: Of the picture, in pixels.
        height: Likewise.
        tally: Where it is counted.
    """
    return tuple(box for box in (_fitted(box, width, height, tally) for box in boxes) if box is not None)


def _fitted(box: Box, width: int, height: int, tally: BoxTally) -> Box | None:
    x1, y1, x2, y2 = box.corners
    if not (x2 > x1 and y2 > y1):
        tally.flat += 1
        return None
    inside = (max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height)))
    if not (inside[2] > inside[0] and inside[3] > inside[1]):
        tally.outside += 1
        return None
    tally.swapped += box.swapped
    if inside == box.corners:
        return box
    if max(abs(now - was) for now, was in zip(inside, box.corners, strict=True)) > _TOLERANCE:
        tally.clipped += 1
    return replace(box, corners=inside)
