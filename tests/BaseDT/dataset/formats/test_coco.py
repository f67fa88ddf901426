"""COCO as a source: one annotation file or several, whose classes are put together by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset.formats import coco
from BaseDT.errors import AnnotationMissing, DatasetInvalid

Refused = Callable[..., Any]


@pytest.fixture
def src(tmp_path: Path, picture: Callable[..., Path]) -> Path:
    root = tmp_path / "数据 集"
    (root / "annotations").mkdir(parents=True)
    for name in ("图 片.jpg", "b.jpg", "空.jpg"):
        picture(root / "images" / name)
    return root


def write(src: Path, name: str, document: Any) -> None:
    (src / "annotations" / name).write_text(json.dumps(document), encoding="utf-8")


def test_ids_and_groups_are_kept(src: Path, coco_json: Callable[..., Any]) -> None:
    write(src, "all.json", coco_json({"空.jpg": [], "图 片.jpg": [(7, 1, 2, 3, 4)]}))
    source = coco.read(src)
    assert [(c.id, c.name, c.supercategory) for c in source.categories] == [(3, "狗", "宠物"), (7, "猫", "宠物")]
    assert [(p.key, len(p.boxes), p.size) for p in source.pictures] == [
        ("图 片.jpg", 1, (30, 40)),
        ("空.jpg", 0, (30, 40)),
    ]
    assert source.notes == ("1 pictures in images have no entry in annotations/all.json (e.g. b.jpg): not used.",)


def test_files_are_put_together_by_the_names_of_classes(src: Path, coco_json: Callable[..., Any]) -> None:
    write(src, "a.json", coco_json({"b.jpg": [(1, 1, 2, 3, 4)]}, {1: "猫"}))
    write(src, "b.json", coco_json({"图 片.jpg": [(1, 1, 2, 3, 4), (2, 0, 0, 1, 1)]}, {1: "狗", 2: "猫"}))
    source = coco.read(src)
    assert [(c.id, c.name) for c in source.categories] == [(1, "猫"), (2, "狗")]
    assert [[box.label for box in picture.boxes] for picture in source.pictures] == [[0], [1, 0]]


def test_pictures_of_one_name_in_two_splits_are_told_apart_by_their_folders(
    src: Path, coco_json: Callable[..., Any], picture: Callable[..., Path]
) -> None:
    for split in ("train", "valid"):
        picture(src / "images" / split / "1.jpg")
        write(src, f"{split}.json", coco_json({"1.jpg": [(7, 1, 2, 3, 4)]}))
    assert [picture.key for picture in coco.read(src).pictures] == ["train/1.jpg", "valid/1.jpg"]


def test_a_picture_in_two_files_is_named(src: Path, coco_json: Callable[..., Any], refused: Refused) -> None:
    for name in ("a.json", "b.json"):
        write(src, name, coco_json({"b.jpg": []}))
    with refused(DatasetInvalid, r"The picture b\.jpg is named by annotations/a\.json and by annotations/b\.json"):
        coco.read(src)


def test_a_picture_that_is_not_there_is_named(src: Path, coco_json: Callable[..., Any], refused: Refused) -> None:
    write(src, "a.json", coco_json({"没有.jpg": []}))
    with refused(DatasetInvalid, r"1 of the 1 pictures that annotations/a\.json names are not in images: 没有\.jpg"):
        coco.read(src)


def test_no_annotations_at_all(src: Path, refused: Refused) -> None:
    with refused(AnnotationMissing, r"There is no \.json file"):
        coco.read(src)
