"""One box that somebody drew, and what of a browser's boxes can be kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from BaseDT.arguments import is_number
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

MOST = 500
"""Boxes of one picture."""
LEAST = 2.0
"""Pixels of a side: less is a click, not a box."""
_DIGITS = 1


@dataclass(frozen=True)
class DrawnBox:
    """A box in pixels of the upright picture.

    Attributes:
        class_id: The project's class.
        x: Left edge.
        y: Upper edge.
        width: More than 0.
        height: Likewise.
    """

    class_id: str
    x: float
    y: float
    width: float
    height: float

    def to_json(self) -> dict[str, Any]:
        """Return it as the page has it."""
        return {"class": self.class_id, "x": self.x, "y": self.y, "width": self.width, "height": self.height}


@dataclass(frozen=True)
class Kept:
    """Boxes that were kept, and sentences on what was changed."""

    boxes: tuple[DrawnBox, ...]
    notes: tuple[str, ...] = ()


def checked(values: object, size: tuple[int, int], classes: Collection[str]) -> Kept:
    """Return the boxes of a picture, cut at its edges; those without area are left out.

    Args:
        values: As the page sends them.
        size: Width and height of the upright picture.
        classes: The project's.

    Raises:
        ParameterInvalid: It is no list of boxes, has more than 500, a number that is none, or an unknown class (-305).
    """
    if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
        raise _no_box(values)
    if len(values) > MOST:
        raise ParameterInvalid(
            say(f"{len(values)} boxes in one picture are too many.", f"一张图片里有 {len(values)} 个框，太多了。"),
            hint=say(f"Draw at most {MOST}.", f"最多画 {MOST} 个。"),
        )
    return fitted([_box(value, classes) for value in values], size)


def fitted(boxes: Sequence[DrawnBox], size: tuple[int, int]) -> Kept:
    """Return boxes cut at the edges of their picture; those without area are left out, and a note says how many."""
    kept = [cut for box in boxes if (cut := _cut(box, size)) is not None]
    if not (flat := len(boxes) - len(kept)):
        return Kept(tuple(kept))
    text = say(
        f"{flat} boxes without area, or beside the picture, were left out.", f"已去掉 {flat} 个没有面积或在图片外的框。"
    )
    return Kept(tuple(kept), (text,))


def _box(value: Mapping[str, Any], classes: Collection[str]) -> DrawnBox:
    numbers = [value.get(name) for name in ("x", "y", "width", "height")]
    if not all(isinstance(number, (int, float)) and is_number(number) and abs(number) < 1e6 for number in numbers):
        raise _no_box(dict(value))
    x, y, width, height = (float(number) for number in numbers if number is not None)
    if not isinstance(value.get("class"), str) or value["class"] not in classes:
        raise ParameterInvalid(
            say("A box is of a class that is not here any more.", "有一个框的类别已经不在了。"),
            hint=say("Reload the page: it was deleted in another one.", "请刷新页面：可能已在另一个页面中删除。"),
        )  # fmt: skip
    return DrawnBox(value["class"], min(x, x + width), min(y, y + height), abs(width), abs(height))


def _cut(box: DrawnBox, size: tuple[int, int]) -> DrawnBox | None:
    x1, y1 = max(0.0, box.x), max(0.0, box.y)
    x2, y2 = min(float(size[0]), box.x + box.width), min(float(size[1]), box.y + box.height)
    if x2 - x1 < min(LEAST, size[0]) or y2 - y1 < min(LEAST, size[1]):
        return None
    x, y = round(x1, _DIGITS), round(y1, _DIGITS)
    return DrawnBox(box.class_id, x, y, round(x2 - x, _DIGITS), round(y2 - y, _DIGITS))


def _no_box(value: object) -> ParameterInvalid:
    return ParameterInvalid(
        say(f"This is no box: {value!r:.80}.", f"这不是框：{value!r:.80}。"),
        hint=say(
            "A box has class, x, y, width, height: numbers in pixels of the picture.",
            "框包含 class、x、y、width、height，后四个是像素数值。",
        ),
    )
