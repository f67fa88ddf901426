"""Suspicious boxes of a detection set: drawn twice, of two classes at one place, a speck, or the whole picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_samples import CocoDataset, CocoImage
from BaseDT.dataset.samples import Listed
from BaseDT.escaping import one_line
from BaseDT.geometry.boxes import iou
from BaseDT.language import say
from MMEdu.tasks.deep_check import shown
from MMEdu.tasks.deep_page import Section, Shown

_SAME = 0.95  # overlap of two boxes that mean one object
_SPECK = 3.0  # pixels
_WHOLE = 0.99  # of the picture's area
_USUAL_WHOLE = 0.2  # where so many boxes fill their pictures, that is what the set is like


def suspicious_boxes(dataset: CocoDataset) -> list[Section]:
    """Find them; a section for each kind, for the page."""
    listed = dataset.listed()
    images = [*dataset.train, *dataset.val, *dataset.test]
    kinds: dict[str, list[tuple[Shown, ...]]] = {"two_classes": [], "twice": [], "speck": [], "whole": []}
    for picture, entry in zip(images, listed, strict=True):
        for kind, boxes in _found(picture):
            kinds[kind].append((_shown(entry, dataset, boxes),))
    boxes_in_all = sum(len(picture.boxes) for picture in images)
    if len(kinds["whole"]) > _USUAL_WHOLE * boxes_in_all:
        kinds["whole"] = []
    return [Section(f"boxes_{kind}", *_words(kind), tuple(groups)) for kind, groups in kinds.items() if groups]


def _found(picture: CocoImage) -> Iterator[tuple[str, tuple[Box, ...]]]:
    boxes = [box for box in picture.boxes if not box.crowd]
    for first, second in _at_one_place(boxes):
        yield ("twice" if first.label == second.label else "two_classes"), (first, second)
    for box in boxes:
        width, height = box.size()
        if min(width, height) < _SPECK:
            yield "speck", (box,)
        elif width * height >= _WHOLE * picture.width * picture.height:
            yield "whole", (box,)


def _at_one_place(boxes: list[Box]) -> Iterator[tuple[Box, Box]]:
    if len(boxes) < 2:
        return
    corners = np.array([box.corners for box in boxes], dtype=np.float64)
    rows, columns = np.nonzero(np.triu(iou(corners, corners) > _SAME, 1))
    yield from ((boxes[row], boxes[column]) for row, column in zip(rows, columns, strict=True))


def _shown(entry: Listed, dataset: CocoDataset, boxes: tuple[Box, ...]) -> Shown:
    note = ", ".join(one_line(dataset.classes[box.label]) for box in boxes)
    plain = shown(entry, dataset.root, dataset.classes, note)
    return Shown(plain.path, plain.name, plain.part, plain.label, note, tuple(box.corners for box in boxes))


def _words(kind: str) -> tuple[str, str]:
    titles = {
        "two_classes": say("Two classes at one place", "同一位置标了两个类别"),
        "twice": say("The same box twice", "同一个框标了两次"),
        "speck": say("Boxes of a few pixels", "只有几个像素的框"),
        "whole": say("Boxes around the whole picture", "框住整张图片的框"),
    }
    advice = {
        "two_classes": say("Delete the box of the wrong class.", "请删除类别错误的框。"),
        "twice": say("Delete one of the two.", "请删除其中一个。"),
        "speck": say("Often a slip of the mouse: delete or redraw it.", "多半是误点：请删除或重画。"),
        "whole": say("Draw it around the object, if that is smaller.", "如果目标没有占满图片，请贴着目标重画。"),
    }
    return titles[kind], advice[kind]
