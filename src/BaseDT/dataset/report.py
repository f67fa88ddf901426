"""What there is to say about a data set: its numbers as a table, and notes. ``DataSet`` returns it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from BaseDT.escaping import one_line, visible
from BaseDT.language import english, say

_MOST_CLASSES = 40


@dataclass(frozen=True, repr=False)
class Report:
    """The numbers of a data set.

    Attributes:
        root: Its folder.
        type: ``'IMAGENET'``, ``'MULTI_LABEL'``, ``'COCO'``, ``'SEGMENTATION'`` or
            ``'KEYPOINTS'``.
        classes: Names; the index is the label.
        pictures: Number of pictures of each split: ``'train'``, ``'val'``, ``'test'``.
        counts: Number of pictures (COCO: of boxes; masks: of pictures that show it; keypoints: of persons) of each
            class, by split.
        notes: Lines for the user, in the user's language.
    """

    root: Path
    type: str
    classes: tuple[str, ...]
    pictures: Mapping[str, int]
    counts: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        splits = list(self.pictures)
        rows = [["", *splits]]
        rows += [[one_line(name), *(str(self.counts[s][i]) for s in splits)] for i, name in enumerate(self.classes)]
        if len(rows) > _MOST_CLASSES + 1:
            rows = [*rows[: _MOST_CLASSES + 1], ["...", *("" for _ in splits)]]
        rows.append([say("pictures", "图片"), *(str(self.pictures[split]) for split in splits)])
        counted = {"COCO": say("boxes", "标注框"), "KEYPOINTS": say("persons", "人")}
        what = counted.get(self.type, say("pictures", "图片"))
        heading = say(
            f"{self.root}: {self.type}, {len(self.classes)} classes, number of {english(what)}:",
            f"{self.root}：{self.type}，{len(self.classes)} 个类别，{what}数量：",
        )
        return visible("\n".join([heading, *_table(rows), *self.notes]))

    # A notebook and a shell show what the user would print.
    __repr__ = __str__


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Line up names to the left and numbers to the right."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(_padded(cell, w, i > 0) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space


def _width(text: str) -> int:
    """Return how many columns a terminal gives a text: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
