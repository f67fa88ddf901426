"""A line that is counted at, with an arrow to its inner side, and how many there were, in the corner of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import cv2

from BaseDT import fonts
from BaseDT.draw.canvas import as_bgr, put, text_size
from BaseDT.draw.text import Colour, class_colour, shown_name, text_box
from BaseDT.image import Pixels

Point: TypeAlias = tuple[float, float]

_LINE: Colour = (0, 215, 255)
_EDGE: Colour = (33, 33, 33)
_ARROW = 0.07  # of the picture's shorter side
_SHARE = 0.5  # of the height that counts may cover


def with_line(image: Pixels, start: Point, end: Point) -> Pixels:
    """Return a copy with a line; the arrow at its middle points to the right of who walks along it.

    Args:
        image: H×W×3 BGR or H×W gray.
        start: x and y, in pixels.
        end: Likewise.
    """
    canvas = as_bgr(image).copy()
    side = min(canvas.shape[:2])
    thickness = max(1, round(side / 200))
    along = (end[0] - start[0], end[1] - start[1])
    length = (along[0] ** 2 + along[1] ** 2) ** 0.5
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    tip = (middle[0] - along[1] / length * side * _ARROW, middle[1] + along[0] / length * side * _ARROW)
    for colour, width in ((_EDGE, 3 * thickness), (_LINE, thickness)):  # seen on bright and on dark pictures
        cv2.line(canvas, _pixel(start), _pixel(end), colour, width, cv2.LINE_AA)
        cv2.arrowedLine(canvas, _pixel(middle), _pixel(tip), colour, width, cv2.LINE_AA, tipLength=0.4)
    return canvas


def _pixel(point: Point) -> tuple[int, int]:
    return round(point[0]), round(point[1])


def totals(canvas: Pixels, counts: Sequence[tuple[str, int, str]]) -> None:
    """Write counts into the upper left of a picture, H×W×3 BGR, as many lines as have room.

    Args:
        canvas: The picture, which is changed.
        counts: Of each class its name, its number and what there is of it, e.g. ``"2 in, 1 out"``.
    """
    height, width = canvas.shape[:2]
    side = min(height, width)
    size = text_size(max(14, round(side * 0.045)), side)
    top = 0
    for name, label, text in counts:
        box = text_box(shown_name(name, label), f" {text}", size, width, class_colour(label), min(size, 12))
        if top + box.shape[0] > height * _SHARE:
            return
        put(canvas, box, (top, 0))
        top += box.shape[0]


def direction_words(values: dict[str, int]) -> str:
    """Return the counts of a class as a picture can show them: ``2 in, 1 out``."""
    words = {"in": fonts.picture_text("in", "进"), "out": fonts.picture_text("out", "出")}
    if "seen" in values:
        return str(values["seen"])
    return ", ".join(f"{values[key]} {words[key]}" for key in words if key in values)
