"""``Counter``: how many objects of each class there were, or went over a line one way and the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from BaseDT.arguments import documented, invalid
from BaseDT.image import Pixels
from XEdu.live.track.line import Crossings, Direction, Line, Point
from XEdu.live.track.objects import TrackedObject
from XEdu.live.track.tracker import Tracker

_CERTAIN = 3
"""Pictures after which an object counts where there is no line: a false alarm rarely lasts so long."""


@dataclass(frozen=True)
class Crossing:
    """What was counted.

    Attributes:
        thing: The object.
        direction: ``"in"`` or ``"out"``; without a line ``"seen"``.
        total: How many of its class went in this direction so far, with this one.
    """

    thing: TrackedObject
    direction: Direction
    total: int


class Counter:
    """Counts objects. 计数：统计各类目标的数量，或越过一条线的次数与方向。

    ::

        counter = Counter(line="0,0.5,1,0.5")
        for frame in Camera():
            counter.update(model.inference(frame), frame)
            print(counter.counts)
    """

    @documented
    def __init__(self, line: Any = None, thr: float = 0.3, keep: int = 30) -> None:
        """Begin at zero.

        Args:
            line: ``Line``, or x1, y1, x2, y2 as four numbers or a text: in pixels, or in shares of the picture where
                no number is above 1. None: every object is counted once, when it has been seen in three pictures.
            thr: As of ``Tracker``.
            keep: As of ``Tracker``.

        Raises:
            ParameterInvalid: A value cannot work (-305).
        """
        self._tracker = Tracker(thr=thr, keep=keep)
        self.line = None if line is None else Line.of(line)
        self.crossings: list[Crossing] = []
        self.counts: dict[str, dict[str, int]] = {}
        self.labels: dict[str, int] = {}
        self._at_line: tuple[tuple[Point, Point], Crossings] | None = None
        self._counted: set[int] = set()

    @documented
    def update(self, results: Any, frame: Pixels) -> list[TrackedObject]:
        """Take in what a detector found in the next picture (处理下一帧的检测结果).

        Afterwards ``crossings`` has what was counted in this picture, and ``counts`` all there was so far: by the name
        of the class, then by direction (``{'cat': {'in': 2, 'out': 1}}``; without a line ``{'cat': {'seen': 3}}``).

        Args:
            results: As of ``Tracker.update``.
            frame: The picture, H×W or H×W×3: its size says where the line is.

        Returns:
            The objects that are seen now.

        Raises:
            ParameterInvalid: These are no boxes, or no picture, or the line is not on it (-305).
        """
        if not isinstance(frame, np.ndarray) or frame.ndim not in (2, 3):
            raise invalid("frame", frame, "the picture, an array", "图像数组")
        crossings = self._crossings(frame)
        objects = self._tracker.update(results)
        counted = self._new(objects) if crossings is None else crossings.update(objects)
        self.crossings = [self._count(thing, direction) for thing, direction in counted]
        self._counted &= self._tracker.known
        if crossings is not None:
            crossings.keep(self._tracker.known)
        return objects

    def _crossings(self, frame: Pixels) -> Crossings | None:
        if self.line is None:
            return None
        ends = self.line.in_pixels(frame.shape[0], frame.shape[1])
        if self._at_line is None or self._at_line[0] != ends:  # also where the pictures get another size
            self._at_line = ends, Crossings(*ends)
        return self._at_line[1]

    def _new(self, objects: list[TrackedObject]) -> list[tuple[TrackedObject, Direction]]:
        new = [thing for thing in objects if thing.pictures >= _CERTAIN and thing.id not in self._counted]
        self._counted |= {thing.id for thing in new}
        return [(thing, "seen") for thing in new]

    def _count(self, thing: TrackedObject, direction: Direction) -> Crossing:
        self.labels.setdefault(thing.name, thing.result.label)
        start = {"seen": 0} if self.line is None else {"in": 0, "out": 0}
        of_class = self.counts.setdefault(thing.name, start)
        of_class[direction] += 1
        return Crossing(thing, direction, of_class[direction])
