"""One line of text in a picture, as it was read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeAlias

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseDT.results.validation import check_text, checked_score

Point: TypeAlias = tuple[float, float]
Corners: TypeAlias = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class TextResult:
    """One line of text; a picture gives a list of these, in the order in which they are read.

    Attributes:
        text: What stands there.
        score: How sure the model is of its characters, 0 to 1.
        corners: Upper left, upper right, lower right and lower left corner of the line as it is read, x, y in pixels of
            the original picture; a line may be turned.

    Raises:
        ParameterInvalid: A value has another type, or is outside its range.
    """

    text: str
    score: float
    corners: Corners

    def __post_init__(self) -> None:
        check_text("text", self.text)
        object.__setattr__(self, "score", checked_score(self.score))
        object.__setattr__(self, "corners", _checked_corners(self.corners))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x1, y1, x2, y2 around the line, in pixels of the original picture."""
        xs, ys = zip(*self.corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def angle(self) -> float:
        """By how many degrees the line is turned clockwise, above -180 up to 180."""
        (x1, y1), (x2, y2), *_ = self.corners
        return math.degrees(math.atan2(y2 - y1, x2 - x1))

    def to_chinese(self) -> dict[str, Any]:
        """Return the shape that XEdu.hub shows; edges and corners in whole pixels."""
        edges = {edge: round(value) for edge, value in zip(("x1", "y1", "x2", "y2"), self.box, strict=True)}
        corners = [[round(x), round(y)] for x, y in self.corners]
        return {"文本": self.text, "置信度": self.score, "坐标": edges, "顶点": corners}


def _checked_corners(value: object) -> Corners:
    points = [_point(point) for point in value] if isinstance(value, (tuple, list)) else []
    if len(points) == 4 and None not in points:
        first, second, third, fourth = (point for point in points if point is not None)
        return first, second, third, fourth
    raise ParameterInvalid(
        say(f"corners is {quoted(value)}.", f"corners 是 {quoted(value)}。"),
        hint=say("Expected four pairs of x, y in pixels.", "应为四个 (x, y) 像素坐标。"),
    )


def _point(value: object) -> Point | None:
    numbers = list(value) if isinstance(value, (tuple, list)) else []
    if len(numbers) != 2:
        return None
    if not all(isinstance(n, Real) and not isinstance(n, bool) and math.isfinite(n) for n in numbers):
        return None
    return float(numbers[0]), float(numbers[1])
