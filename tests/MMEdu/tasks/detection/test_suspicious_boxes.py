"""Boxes that are hardly meant: twice, of two classes at one place, a speck, the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Category
from BaseDT.dataset.coco_samples import CocoDataset, CocoImage
from MMEdu.tasks.detection.suspicious_boxes import suspicious_boxes

WHOLE = Box(0, (0, 0, 100, 80))
GOOD = Box(1, (10, 10, 50, 50))


def dataset(*boxes: Sequence[Box]) -> CocoDataset:
    root = Path("root").absolute()
    images = tuple(CocoImage(root / f"{n}.png", n, 100, 80, tuple(found)) for n, found in enumerate(boxes))
    return CocoDataset(root, (Category(1, "cat"), Category(2, "dog")), images[:-1], images[-1:], ())


def kinds(*boxes: Sequence[Box]) -> dict[str, list[str]]:
    return {s.kind: [group[0].name for group in s.groups] for s in suspicious_boxes(dataset(*boxes))}


def test_boxes_as_they_should_be() -> None:
    assert kinds([GOOD, Box(0, (20, 15, 60, 50))], [], [GOOD]) == {}
    assert kinds([GOOD, Box(1, (12, 12, 52, 52))], [GOOD]) == {}, "two objects side by side overlap"


def test_each_kind_is_found_where_it_is() -> None:
    found = kinds(
        [GOOD, Box(1, (10, 10, 50, 50.5))],
        [GOOD, Box(0, (10, 10.3, 50, 50))],
        [GOOD, Box(0, (5, 5, 7, 40))],
        [GOOD, Box(0, (0, 0, 100, 79.9))],
        [GOOD],
    )
    assert (found["boxes_twice"], found["boxes_two_classes"]) == (["0.png"], ["1.png"])
    assert (found["boxes_speck"], found["boxes_whole"], len(found)) == (["2.png"], ["3.png"], 4)


def test_a_set_whose_objects_fill_the_pictures_is_like_that() -> None:
    assert kinds([WHOLE], [WHOLE], [WHOLE]) == {}


def test_crowds_are_left_out() -> None:
    assert kinds([GOOD, Box(0, GOOD.corners, crowd=True)], [GOOD]) == {}


def test_the_page_gets_the_boxes_and_the_names() -> None:
    (section,) = suspicious_boxes(dataset([GOOD, Box(0, (10, 10, 50, 50))], [GOOD]))
    ((shown,),) = section.groups
    assert (shown.note, shown.part, shown.boxes) == ("dog, cat", "train", ((10, 10, 50, 50), (10, 10, 50, 50)))
