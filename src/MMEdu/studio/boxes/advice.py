"""How far a project is, in sentences made of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from BaseDT.language import say
from MMEdu.studio.boxes.drawn import DrawnBox
from MMEdu.studio.projects.picture import PictureClass

LEAST, ENOUGH = 4, 30
"""Pictures with boxes: fewer than the first teach nothing; with as many as the second a first detector finds things."""
_FEW_BOXES, _UNLIKE = 10, 4
_TINY = 0.001
_MORE = 20
_NAMED, _MOST_TOLD = 3, 4


@dataclass(frozen=True)
class Progress:
    """What was drawn.

    Attributes:
        pictures: Of the project.
        drawn: Of these, with boxes.
        empty: Of these, marked as having nothing to find.
        boxes: Boxes by class.
        tiny: Boxes of less than a thousandth of their picture.
    """

    pictures: int
    drawn: int
    empty: int
    boxes: Mapping[str, int]
    tiny: int

    @property
    def ready(self) -> bool:
        """Whether a training can start."""
        return self.drawn >= LEAST


def progress(pictures: int, boxes: Mapping[str, Sequence[DrawnBox]], sizes: Mapping[str, tuple[int, int]]) -> Progress:
    """Count."""
    counts: Counter[str] = Counter(box.class_id for drawn in boxes.values() for box in drawn)
    tiny = sum(
        box.width * box.height < _TINY * max(1, sizes.get(one, (0, 0))[0] * sizes.get(one, (0, 0))[1])
        for one, drawn in boxes.items()
        for box in drawn
    )
    drawn_on = sum(bool(drawn) for drawn in boxes.values())
    return Progress(pictures, drawn_on, len(boxes) - drawn_on, counts, tiny)


def sentences(known: Progress, classes: Sequence[PictureClass]) -> list[dict[str, Any]]:
    """Return what to tell: ``{"kind": "note" | "hint", "text"}``, what matters most first."""
    told: list[tuple[str, str]] = []
    if known.pictures:
        told.append(("note", _how_far(known)))
    if known.pictures and not known.ready:
        text = say(f"Training needs {LEAST} pictures with boxes.", f"至少 {LEAST} 张有框的图片才能训练。")
        told.append(("hint", text))
    elif known.drawn and known.drawn < ENOUGH:
        more = min(_MORE, max(5, ENOUGH - known.drawn))
        told.append(("hint", say(f"{more} more with boxes will help.", f"再画 {more} 张，会学得更好。")))
    if known.drawn:
        told += _about_classes(known, classes)
    if known.empty:
        have = "1 picture has" if known.empty == 1 else f"{known.empty} pictures have"
        told.append((
            "note",
            say(f"{have} nothing to find: that teaches where nothing is.",
                f"{known.empty} 张图片标为“没有目标”：它们教会模型什么地方没有目标。"),
        ))  # fmt: skip
    if known.tiny:
        are = "1 box is" if known.tiny == 1 else f"{known.tiny} boxes are"
        told.append((
            "hint",
            say(f"{are} tiny: a small detector may not see such things.",
                f"有 {known.tiny} 个框非常小：小模型可能看不清这么小的东西。"),
        ))  # fmt: skip
    return [{"kind": kind, "text": text} for kind, text in told]


def _how_far(known: Progress) -> str:
    waiting = known.pictures - known.drawn - known.empty
    text = say(f"Drawn: {known.drawn} of {known.pictures} pictures.", f"已画 {known.drawn} / {known.pictures} 张。")
    if not waiting or not known.drawn:
        return text
    others = "The other one is left out of a training until you have looked at it."
    if waiting > 1:
        others = f"The other {waiting} are left out of a training until you have looked at them."
    return text + say(f" {others}", f"其余 {waiting} 张还没看过，暂不参加训练。")


def _about_classes(known: Progress, classes: Sequence[PictureClass]) -> list[tuple[str, str]]:
    counts = {one.name: known.boxes.get(one.id, 0) for one in classes}
    most = max(counts.values(), default=0)
    told = [_without(without)] if (without := [name for name, count in counts.items() if count == 0]) else []
    for name, count in sorted(counts.items(), key=lambda item: item[1]):
        if 0 < count < _FEW_BOXES and known.ready:
            only = "1 box" if count == 1 else f"{count} boxes"
            told.append(say(f"'{name}' has {only} only.", f"“{name}”只有 {count} 个框。"))
        elif 0 < _UNLIKE * count < most:
            told.append(
                say(f"'{name}' has {count} boxes, another class {most}: it may be overlooked.",
                    f"“{name}”有 {count} 个框，而最多的类别有 {most} 个：它可能会被忽略。")
            )  # fmt: skip
    return [("hint", text) for text in told[:_MOST_TOLD]]


def _without(names: Sequence[str]) -> str:
    shown, more = names[:_NAMED], len(names) - _NAMED
    if more <= 0:
        return say(f"No box yet: {', '.join(shown)}.", f"还没有框：{'、'.join(shown)}。")
    return say(f"No box yet: {', '.join(shown)} and {more} more.", f"还没有框：{'、'.join(shown)}，还有 {more} 种。")
