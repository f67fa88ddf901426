"""A closer look at a data set: near duplicates, and what a task finds suspicious, on a page of pictures. Torch-free.

Each task's check calls it: ``Looks`` sees the pictures while they are decoded, ``report`` writes what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.dataset import lookalikes
from BaseDT.dataset.copies import name_in
from BaseDT.dataset.samples import Listed
from BaseDT.image import Pixels
from BaseDT.language import say
from MMEdu.tasks import deep_page
from MMEdu.tasks.deep_page import Section, Shown


class Looks:
    """What the pictures of a set look like; filled from several threads while they are decoded.

    Args:
        number: Of pictures.

    Attributes:
        signatures: As ``BaseDT.dataset.lookalikes`` takes them; all zero for a damaged picture.
        short_sides: In pixels.
    """

    def __init__(self, number: int) -> None:
        self.signatures = np.zeros((number, lookalikes.LENGTH), dtype=np.float32)
        self.short_sides = [0] * number

    def __call__(self, index: int, pixels: Pixels) -> None:
        """Look at one picture."""
        self.signatures[index] = lookalikes.signature(pixels)
        self.short_sides[index] = min(pixels.shape[:2])


@dataclass(frozen=True)
class Deep:
    """What there is to tell of a closer look.

    Attributes:
        lines: For the user.
        content: As plain data.
    """

    lines: tuple[str, ...]
    content: dict[str, Any]


def shown(picture: Listed, root: Path, classes: Sequence[str], note: str = "") -> Shown:
    """Describe a picture for the page."""
    label = "" if picture.label is None else classes[picture.label]
    return Shown(picture.path, name_in(picture.path, root), picture.split, label, note)


def near_duplicates(pictures: Sequence[Listed], looks: Looks, root: Path, classes: Sequence[str]) -> list[Section]:
    """Find pictures that are nearly the same: in two classes, in two parts, beside each other."""
    found = lookalikes.pairs(looks.signatures, looks.short_sides)
    # The mirror image of an arrow to the left is one to the right: of another class it is no copy.
    same = [p for p in found if not p.mirrored or pictures[p.first].label == pictures[p.second].label]
    of_kind: dict[str, list[tuple[Shown, ...]]] = {"classes": [], "parts": [], "within": []}
    for places in lookalikes.groups(len(pictures), same):
        group = [pictures[place] for place in places]
        in_classes, in_parts = ({p.label for p in group}, {p.split for p in group})
        kind = "classes" if len(in_classes) > 1 else "parts" if len(in_parts) > 1 else "within"
        of_kind[kind].append(tuple(shown(picture, root, classes) for picture in group))
    return [
        Section(f"near_duplicates_{kind}", *_words(kind), tuple(groups)) for kind, groups in of_kind.items() if groups
    ]


def _words(kind: str) -> tuple[str, str]:
    titles = {
        "classes": say("Nearly the same in two classes", "几乎相同的图片出现在不同类别"),
        "parts": say(
            "Nearly the same in training and validation or test", "几乎相同的图片同时出现在训练与验证或测试中"
        ),
        "within": say("Nearly the same beside each other", "同一部分中几乎相同的图片"),
    }
    advice = {
        "classes": say("Look which class is right, and remove the others.", "请判断哪个类别正确，移走其余的。"),
        "parts": say(
            "Keep each in one part only: else the measured accuracy is too good.",
            "每组只保留在一个部分里，否则测得的准确率会偏高。",
        ),
        "within": say("Others, taken differently, would teach more.", "换成拍摄角度或场景不同的图片，学到的会更多。"),
    }
    return titles[kind], advice[kind]


def report(folder: Path, root: Path, sections: Sequence[Section], remarks: Sequence[str], bits: int) -> Deep:
    """Write the page and the table, and say what they hold.

    Raises:
        PathNotWritable: They cannot be written (-104).
    """
    page, table = deep_page.write(folder, root, sections, remarks, bits)
    lines = [*(section.line() for section in sections), *remarks]
    if not sections:
        lines.append(say("A closer look found nothing conspicuous.", "深入检查没有发现可疑之处。"))
    lines.append(
        say(f"Pictures to look at: {page}; all files as a table: {table}.", f"图片页面：{page}；文件列表：{table}。")
    )
    content = {
        "page": str(page),
        "table": str(table),
        "findings": [section.content() for section in sections],
        "remarks": list(remarks),
    }
    return Deep(tuple(lines), content)
