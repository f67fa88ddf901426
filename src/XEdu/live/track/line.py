"""``Line``: a line across the picture, and ``Crossings``: which objects go over it, and in which direction."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from BaseDT.arguments import invalid, is_number
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from XEdu.live.track.objects import TrackedObject

Direction: TypeAlias = Literal["in", "out", "seen"]
"""Over the line one way or the other; where there is no line: an object is there."""
Point: TypeAlias = tuple[float, float]

_MARGIN, _LEAST_MARGIN = 0.25, 2.0
"""An object is on the other side when its middle is so far beyond: in shares of its shorter side; in pixels."""


@dataclass(frozen=True)
class Line:
    """A line from one point to another.

    Who walks along it from its start to its end has ``in`` at the right hand: of a line from left to right ``in`` is
    downwards, of one from the top to the bottom it is to the left. The picture shows it by an arrow.

    Attributes:
        start: x and y, in pixels, or in shares of the picture's width and height where no number is above 1.
        end: Likewise.
    """

    start: Point
    end: Point

    @classmethod
    def of(cls, value: object) -> Line:
        """Return the line that a user means.

        Args:
            value: A ``Line``, four numbers x1, y1, x2, y2, or a text of these: ``"0,0.5,1,0.5"``.

        Raises:
            ParameterInvalid: It is no line (-305).
        """
        given = (value.start, value.end) if isinstance(value, Line) else ()
        if all(isinstance(point, (list, tuple)) for point in given):
            value = tuple(number for point in given for number in point) or value
        parts: list[object] = [*value] if isinstance(value, (list, tuple)) else []
        if isinstance(value, str):
            parts = [_number(part) for part in re.split(r"[,，\s]+", value.strip("[]() \t"))]
        numbers = [float(part) for part in parts if is_number(part) and 0 <= part <= 1e6]
        if len(parts) != 4 or len(numbers) != 4 or numbers[:2] == numbers[2:]:
            raise invalid(
                "line",
                value,
                "two points: x1,y1,x2,y2, in pixels or in shares from 0 to 1, e.g. line='0,0.5,1,0.5' for the middle",
                "两个点：x1,y1,x2,y2，单位为像素，或 0 到 1 的比例，例如 line='0,0.5,1,0.5' 表示横穿画面中间",
            )
        return cls((numbers[0], numbers[1]), (numbers[2], numbers[3]))

    def in_pixels(self, height: int, width: int) -> tuple[Point, Point]:
        """Return start and end on a picture of this size, in pixels.

        Raises:
            ParameterInvalid: The line does not lie on the picture (-305).
        """
        numbers = (*self.start, *self.end)
        if max(numbers) <= 1:
            return (self.start[0] * width, self.start[1] * height), (self.end[0] * width, self.end[1] * height)
        if max(self.start[0], self.end[0]) <= width and max(self.start[1], self.end[1]) <= height:
            return self.start, self.end
        text = ",".join(f"{number:g}" for number in numbers)
        size = f"{width} × {height}"
        raise ParameterInvalid(
            say(
                f"The line {text} is not on the picture, which is {size} pixels.",
                f"线 {text} 不在画面内（画面大小为 {size} 像素）。",
            ),
            hint=say(
                "Shares fit every picture: line='0,0.5,1,0.5' goes across its middle.",
                "使用 0 到 1 的比例可适用于任何画面：line='0,0.5,1,0.5' 表示横穿画面中间。",
            ),
        )


class Crossings:
    """Who goes over a line.

    An object that wavers on the line crosses once: it must come away from the line by a part of its own size before it
    counts as being on that side. Who goes around the end of the line does not cross it.
    """

    def __init__(self, start: Point, end: Point) -> None:
        """Take a line in pixels."""
        self._start = start
        self._along = (end[0] - start[0], end[1] - start[1])
        self._length = math.hypot(*self._along)
        self._side: dict[int, bool] = {}  # where an object has settled: True at the right hand
        self._last: dict[int, tuple[Point, float]] = {}
        self._through: dict[int, bool] = {}  # whether it went through the line itself when it last changed sides

    def update(self, objects: Iterable[TrackedObject]) -> list[tuple[TrackedObject, Direction]]:
        """Return which of the objects that are seen now have crossed, and how."""
        crossed: list[tuple[TrackedObject, Direction]] = []
        for thing in objects:
            distance = self._follow(thing)
            x1, y1, x2, y2 = thing.result.box
            if abs(distance) < max(_LEAST_MARGIN, _MARGIN * min(x2 - x1, y2 - y1)):
                continue
            side = distance > 0
            if self._side.get(thing.id, side) != side and self._through.get(thing.id, False):
                crossed.append((thing, "in" if side else "out"))
            self._side[thing.id] = side
        return crossed

    def keep(self, known: set[int]) -> None:
        """Forget all other objects."""
        for of_object in (self._side, self._last, self._through):
            for number in set(of_object) - known:
                del of_object[number]

    def _follow(self, thing: TrackedObject) -> float:
        """Note where an object is, and whether it went through; returns its distance, positive at the right hand."""
        here, distance = thing.centre, self._distance(thing.centre)
        before = self._last.get(thing.id)
        if before is not None and (before[1] > 0) != (distance > 0) and distance != 0:
            share = before[1] / (before[1] - distance)
            x, y = (a + (b - a) * share for a, b in zip(before[0], here, strict=True))
            self._through[thing.id] = 0 <= self._position(x, y) <= 1
        if distance != 0:
            self._last[thing.id] = here, distance
        return distance

    def _distance(self, point: Point) -> float:
        x, y = point[0] - self._start[0], point[1] - self._start[1]
        return (self._along[0] * y - self._along[1] * x) / self._length

    def _position(self, x: float, y: float) -> float:
        """Where along the line a point is: 0 at its start, 1 at its end."""
        along, across = x - self._start[0], y - self._start[1]
        return (along * self._along[0] + across * self._along[1]) / self._length**2


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
