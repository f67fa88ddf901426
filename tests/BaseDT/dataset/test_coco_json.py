"""One annotation file of COCO: what it says, and every way in which it can be broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Category, as_json, read
from BaseDT.errors import AnnotationMissing, DatasetInvalid

Refused = Callable[..., Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "数据 集" / "annotations"
    folder.mkdir(parents=True)
    return folder / "train.json"


@pytest.fixture
def document(coco_json: Callable[..., Any]) -> Any:
    return coco_json({"图 片.jpg": [(7, 1, 2, 10, 20), (3, 0, 0, 5, 5)], "空.jpg": []})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_labels_follow_the_ids_however_they_are_numbered(file: Path, document: Any, encoding: str) -> None:
    file.write_bytes(json.dumps(document, ensure_ascii=False).encode(encoding))
    found = read(file)
    assert found.name == "annotations/train.json"
    assert found.categories == (Category(3, "狗", "宠物"), Category(7, "猫", "宠物"))
    first, empty = found.entries
    assert (first.id, first.file_name, first.width, first.height) == (10, "图 片.jpg", 40, 30)
    assert first.boxes == (Box(1, (1.0, 2.0, 11.0, 22.0)), Box(0, (0.0, 0.0, 5.0, 5.0)))
    assert empty.boxes == ()


def test_masks_areas_and_crowds_are_kept_and_written_again(file: Path, document: Any) -> None:
    document["annotations"][0] |= {"iscrowd": 1, "area": 42.5, "segmentation": [[1, 2, 3, 4, 5, 6]]}
    file.write_text(json.dumps(document), encoding="utf-8")
    found = read(file)
    assert found.entries[0].boxes[0] == Box(1, (1, 2, 11, 22), True, 42.5, [[1, 2, 3, 4, 5, 6]])
    text = as_json(found.categories, found.entries)
    assert "图 片.jpg" in text
    file.write_text(text, encoding="utf-8")
    again = read(file)
    assert again.categories == found.categories
    assert again.entries[0].boxes[0] == found.entries[0].boxes[0]
    assert json.loads(text)["annotations"][1]["area"] == 25


def test_a_number_that_a_tool_wrote_with_a_point_is_a_whole_number(file: Path, document: Any) -> None:
    document["annotations"][0]["category_id"] = 7.0
    file.write_text(json.dumps(document), encoding="utf-8")
    assert read(file).entries[0].boxes[0].label == 1


def test_sizes_may_be_missing(file: Path, document: Any) -> None:
    del document["images"][0]["width"]
    document["images"][0]["height"] = None
    file.write_text(json.dumps(document), encoding="utf-8")
    assert (read(file).entries[0].width, read(file).entries[0].height) == (None, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"images": [\n  {"id": 1,,}', r"annotations/train\.json is no whole JSON: line 2, column 12"),
        ("", r"is no whole JSON: line 1, column 1"),
        ("[" * 100_000, r"cannot be read as JSON"),
        ("[]", r"not in COCO's format: no list 'images, annotations, categories' \(found: list\)"),
        ('{"shapes": [], "imagePath": "1.jpg"}', r"\(found: imagePath, shapes\)"),
        ('{"images": {}, "annotations": [], "categories": []}', r"no list 'images'"),
    ],
)
def test_a_file_that_is_no_coco_is_named(file: Path, refused: Refused, text: str, message: str) -> None:
    file.write_text(text, encoding="utf-8")
    with refused(DatasetInvalid, message):
        read(file)


@pytest.mark.parametrize(
    ("part", "index", "change", "message"),
    [
        ("images", 0, {"id": "a"}, r"images\[0\]\.id is 'a'"),
        ("images", 0, {"id": True}, r"images\[0\]\.id is True"),
        ("images", 0, {"id": 1.5}, r"images\[0\]\.id is 1\.5"),
        ("images", 1, {"id": 10}, r"images\[1\] has the id 10 of images\[0\]"),
        ("images", 1, {"file_name": ""}, r"images\[1\]\.file_name is ''"),
        ("images", 0, {"width": 0}, r"images\[0\]\.width is 0"),
        ("categories", 1, {"id": 7}, r"categories\[1\] has the id 7 of categories\[0\]"),
        ("categories", 1, {"name": "猫"}, r"categories\[1\] has the name '猫' of categories\[0\]"),
        ("categories", 0, {"name": None}, r"categories\[0\]\.name is missing"),
        ("annotations", 1, {"id": 0}, r"annotations\[1\] has the id 0 of annotations\[0\]"),
        ("annotations", 1, {"bbox": None}, r"annotations\[1\]\.bbox is missing"),
        ("annotations", 1, {"bbox": [1, 2, 3]}, r"annotations\[1\]\.bbox is \[1, 2, 3\]"),
        ("annotations", 1, {"bbox": [1, 2, 3, "4"]}, r"annotations\[1\]\.bbox"),
        ("annotations", 1, {"bbox": [1, 2, 3, float("nan")]}, r"annotations\[1\]\.bbox"),
        ("annotations", 1, {"image_id": None}, r"annotations\[1\]\.image_id is missing"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(
    file: Path, document: Any, refused: Refused, part: str, index: int, change: dict[str, object], message: str
) -> None:
    document[part][index] |= change
    file.write_text(json.dumps(document), encoding="utf-8")
    with refused(DatasetInvalid, message):
        read(file)


@pytest.mark.parametrize("part", ["images", "annotations", "categories"])
def test_something_that_is_no_object_is_named(file: Path, document: Any, refused: Refused, part: str) -> None:
    document[part][1] = 5
    file.write_text(json.dumps(document), encoding="utf-8")
    with refused(DatasetInvalid, rf"{part}\[1\] is 5"):
        read(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_id": 99}, r"annotations\[0\] belongs to image_id 99, which is not in 'images'"),
        ({"category_id": 5}, r"annotations\[0\] belongs to category_id 5, which is not in 'categories'"),
    ],
)
def test_an_annotation_of_nothing_is_named(
    file: Path, document: Any, refused: Refused, change: dict[str, object], message: str
) -> None:
    document["annotations"][0] |= change
    file.write_text(json.dumps(document), encoding="utf-8")
    with refused(AnnotationMissing, message):
        read(file)


@pytest.mark.parametrize("change", [{"annotations": None}, {"categories": []}])
def test_pictures_without_annotations_are_refused(
    file: Path, document: Any, refused: Refused, change: dict[str, object]
) -> None:
    file.write_text(json.dumps(document | change), encoding="utf-8")
    with refused(AnnotationMissing):
        read(file)
