"""Numbers that cannot be meant are named or not used: shares of 1, corners instead of sizes, empty outlines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset import coco
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.plausible import outline, refuse_corners, refuse_shares
from BaseDT.errors import DatasetInvalid
from BaseDT.geometry import masks

Make = Callable[..., Path]
SIZE = (48, 64)


@pytest.mark.parametrize(
    ("boxes", "refused"),
    [
        ([(0.1, 0.2, 0.5, 0.6), (0, 0, 1, 1)], True),
        ([(0.1, 0.2, 0.5, 0.6), (0, 0, 0, 0)], True),
        ([(0.1, 0.2, 0.5, 0.6), (0, 0, 2, 1)], False),
        ([(0, 0, 0, 0)], False),
        ([], False),
    ],
)
def test_shares_of_one(boxes: list[tuple[float, float, float, float]], refused: bool) -> None:
    if not refused:
        refuse_shares("file", boxes)
        return
    with pytest.raises(DatasetInvalid, match="look like shares of 1, not pixels"):
        refuse_shares("file", boxes)


@pytest.mark.parametrize(
    ("boxes", "refused"),
    [
        ([(30, 20, 60, 44)], True),
        ([(30, 20, 60, 44), (4, 6, 22, 26)], True),
        ([(30, 20, 60, 44), (4, 6, 22, 26), (1, 1, 5, 5)], False),
        ([(30, 20, 60, 44), (40, 30, 10, 12)], False),
        ([(30, 20, 70, 44)], False),
        ([(4, 6, 18, 20)], False),
        ([], False),
    ],
)
def test_corners_instead_of_sizes(boxes: list[tuple[float, float, float, float]], refused: bool) -> None:
    if not refused:
        refuse_corners("file", boxes, [SIZE] * len(boxes))
        return
    with pytest.raises(DatasetInvalid, match="their numbers look like two corners"):
        refuse_corners("file", boxes, [SIZE] * len(boxes))


@pytest.mark.parametrize("box", [(7, 0.1, 0.2, 0.5, 0.6), (7, 20, 10, 39, 28)])
@pytest.mark.parametrize("use", ["load", "make"])
def test_coco_says_what_the_boxes_look_like(tmp_path: Path, make_coco: Make, box: Any, use: str) -> None:
    root = make_coco(tmp_path / "数据", train={"a.jpg": [box], "b.jpg": [box]})
    with pytest.raises(DatasetInvalid, match=r"train\.json: .* (look like shares of 1|look like two corners)"):
        coco.load(root) if use == "load" else DataSet(tmp_path / "新").make_dataset(root, "COCO")


def test_voc_in_shares(tmp_path: Path, make_voc: Make) -> None:
    src = make_voc(tmp_path / "源", {"a.jpg": [("猫", (0.1, 0.2, 0.5, 0.6))]})
    with pytest.raises(DatasetInvalid, match="look like shares of 1"):
        DataSet(tmp_path / "新").make_dataset(src, "VOC")


def test_yolo_with_corners(tmp_path: Path, picture: Make) -> None:
    for name in "ab":
        picture(tmp_path / "源" / "images" / f"{name}.jpg")
        (tmp_path / "源" / "labels").mkdir(exist_ok=True)
        (tmp_path / "源" / "labels" / f"{name}.txt").write_text("0 0.5 0.6 0.9 0.95\n", encoding="utf-8")
    (tmp_path / "源" / "classes.txt").write_text("猫\n", encoding="utf-8")
    with pytest.raises(DatasetInvalid, match="labels: 2 of 2 boxes leave their pictures"):
        DataSet(tmp_path / "新").make_dataset(tmp_path / "源", "YOLO")


@pytest.mark.parametrize(
    ("segmentation", "usable"),
    [
        ([[]], False),
        ([[4, 6, 22, 26]], False),
        ([[0.1, 0.1, 0.4, 0.1, 0.4, 0.5]], False),
        ([[4, 6, 22, 6, 4, 6]], False),
        ([[40, 6, 50, 6, 50, 26]], False),
        ([[4, 6, 22, 6, 22, 26, 4, 26]], True),
        ([[], [4, 6, 22, 6, 22, 26]], True),
        ({"size": [30, 40], "counts": [1200]}, False),
        ({"size": [30, 40], "counts": [0, 0, 1200]}, False),
        ({"size": [30, 40], "counts": [100, 20, 1080]}, True),
    ],
)
def test_outlines_that_enclose_nothing(
    tmp_path: Path, make_coco: Make, coco_json: Callable[..., Any], segmentation: object, usable: bool
) -> None:
    assert outline(segmentation, (4, 6, 22, 26)) == (segmentation if usable else None)
    root = make_coco(tmp_path / "数据", train={"a.jpg": [(7, 4, 6, 18, 20), (7, 4, 6, 18, 20)]})
    document = coco_json({"a.jpg": [(7, 4, 6, 18, 20), (7, 4, 6, 18, 20)]})
    document["annotations"][0]["segmentation"] = [[4, 6, 22, 6, 22, 26, 4, 26]]
    document["annotations"][1].update(segmentation=segmentation, area=3.5)
    (root / "annotations" / "train.json").write_text(json.dumps(document), encoding="utf-8")
    data = coco.load(root, with_masks=True)
    box = data.train[0].boxes[1]
    assert box.segmentation == (segmentation if usable else None)
    assert box.area == (3.5 if usable else None)
    said = [note for note in data.notes if "encloses nothing of their boxes" in note]
    assert [note.startswith("annotations/train.json: the segmentation of 1 objects") for note in said] == [True] * (
        not usable
    )
    assert any("whole boxes are taken for their masks" in note for note in data.notes) is not usable


def test_a_code_without_a_pixel() -> None:
    assert masks.is_filled({"counts": [0, 1]})
    assert not masks.is_filled({"counts": [5, 0, 3]})
