"""A forgotten ``src_format``: the error says which format the folder looks like."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset import DataSet
from BaseDT.errors import DatasetInvalid

Refused = Callable[..., Any]
Make = Callable[..., Path]


@pytest.fixture
def sources(tmp_path: Path, picture: Make, make_voc: Make, make_coco: Make) -> dict[str, Path]:
    voc = make_voc(tmp_path / "甲 VOC", {"图 片.jpg": [("猫", (1, 1, 20, 20))]})
    original = make_voc(tmp_path / "乙 VOC", {"图 片.jpg": [("猫", (1, 1, 20, 20))]})
    (original / "images").rename(original / "JPEGImages")
    (original / "annotations").rename(original / "Annotations")
    coco = make_coco(tmp_path / "甲 COCO", train={"a.jpg": [(7, 1, 1, 5, 5)]}, valid={"b.jpg": [(3, 1, 1, 5, 5)]})
    for folder, labels in (("甲 YOLO", "labels"), ("乙 YOLO", "annotations")):
        picture(tmp_path / folder / "images" / "a.jpg")
        (tmp_path / folder / labels).mkdir()
        (tmp_path / folder / labels / "a.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    picture(tmp_path / "甲 LABELME" / "images" / "a.jpg")
    (tmp_path / "甲 LABELME" / "annotations").mkdir()
    (tmp_path / "甲 LABELME" / "annotations" / "a.json").write_text(json.dumps({"shapes": []}))
    return {path.name: path for path in (voc, original, coco, *(tmp_path.glob("*YOLO")), tmp_path / "甲 LABELME")}


@pytest.mark.parametrize("name", ["甲 VOC", "乙 VOC", "甲 COCO", "甲 YOLO", "乙 YOLO", "甲 LABELME"])
def test_the_format_that_a_folder_looks_like_is_named(
    sources: dict[str, Path], tmp_path: Path, refused: Refused, name: str
) -> None:
    likely = name.split()[1]
    with refused(DatasetInvalid, f"looks like {likely}") as caught:
        DataSet(tmp_path / "新").make_dataset(sources[name])
    assert f"src_format='{likely}'" in caught.value.hint
    assert not (tmp_path / "新").exists()


def test_folders_of_classes_stay_classes_whatever_lies_beside_them(
    tmp_path: Path, picture: Make, make_voc: Make
) -> None:
    source = make_voc(tmp_path / "源", {"图 片.jpg": [("猫", (1, 1, 20, 20))]})
    (source / "images" / "图 片.jpg").unlink()
    for number in range(8):
        picture(source / "images" / "猫狗"[number % 2] / f"{number}.jpg")
    assert DataSet(tmp_path / "新").make_dataset(source).classes == ("狗", "猫")
