"""What labelme writes becomes a COCO set: rectangles, polygons, groups; and what is broken is named."""

from __future__ import annotations

import base64
import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset.coco import load
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.formats.labelme import read
from BaseDT.errors import AnnotationMissing, DatasetInvalid

RECTANGLE = {"label": "猫", "points": [[20, 25], [2, 5]], "shape_type": "rectangle", "group_id": None}
TRIANGLE = {"label": "狗", "points": [[0, 0], [10, 0], [10, 8]], "shape_type": "polygon"}


@pytest.fixture
def make(tmp_path: Path, picture: Callable[..., Path]) -> Callable[..., Path]:
    """A function that writes pictures and, beside or apart from them, what was drawn on each."""

    def write(files: dict[str, Any], apart: bool = True) -> Path:
        root = tmp_path / "标 注"
        for name, shapes in files.items():
            picture(root / ("images" if apart else "") / name)
            place = root / ("annotations" if apart else "") / Path(name).with_suffix(".json")
            place.parent.mkdir(parents=True, exist_ok=True)
            document = {
                "version": "5.5.0",
                "flags": {},
                "shapes": shapes,
                "imagePath": f"..\\{name}",
                "imageData": None,
            }
            text = json.dumps(document | {"imageHeight": 30, "imageWidth": 40}, ensure_ascii=False)
            place.write_text(shapes if isinstance(shapes, str) else text, encoding="utf-8")
        return root

    return write


@pytest.mark.parametrize("apart", [True, False])
def test_rectangles_and_polygons_become_boxes(make: Callable[..., Path], apart: bool) -> None:
    source = read(make({"图 1.jpg": [RECTANGLE, TRIANGLE], "图 2.jpg": []}, apart))
    assert [category.name for category in source.categories] == ["狗", "猫"]
    first, second = source.pictures
    assert (first.boxes[0].label, first.boxes[0].corners, first.boxes[0].segmentation) == (1, (2, 5, 20, 25), None)
    assert (first.boxes[1].label, first.boxes[1].corners, first.boxes[1].area) == (0, (0, 0, 10, 8), 40.0)
    assert first.boxes[1].segmentation == [[0, 0, 10, 0, 10, 8]]
    assert first.size == (30, 40)
    assert second.boxes == ()


def test_polygons_of_a_group_are_one_object(make: Callable[..., Path]) -> None:
    far = TRIANGLE | {"points": [[20, 10], [30, 10], [30, 18]]}
    shapes = [TRIANGLE | {"group_id": 3}, far | {"group_id": 3}, far | {"group_id": 4}]
    boxes = read(make({"图.jpg": shapes})).pictures[0].boxes
    assert [box.corners for box in boxes] == [(0, 0, 30, 18), (20, 10, 30, 18)]
    assert boxes[0].area == 80.0


@pytest.mark.parametrize("name", ["__ignore__", "_background_", " __ignore__ "])
def test_what_labelme_calls_no_class_is_none_and_counted(make: Callable[..., Path], name: str) -> None:
    root = make({"图.jpg": [RECTANGLE, TRIANGLE | {"label": name}, {"label": name, "shape_type": "line"}]})
    for text in (None, "__ignore__\n_background_\n猫\n"):
        if text:
            (root / "classes.txt").write_text(text, encoding="utf-8")
        source = read(root)
        assert [category.name for category in source.categories] == ["猫"]
        assert len(source.pictures[0].boxes) == 1
        assert f"2 shapes are labelled {name.strip()}" in source.notes[0]


def test_a_circle_is_its_box_and_lines_are_counted(make: Callable[..., Path]) -> None:
    circle = {"label": "球", "points": [[10, 10], [13, 14]], "shape_type": "circle"}
    line = {"label": "线", "points": [[0, 0], [1, 1]], "shape_type": "line"}
    source = read(make({"图.jpg": [circle, line]}))
    assert source.pictures[0].boxes[0].corners == (5, 5, 15, 15)
    assert [category.name for category in source.categories] == ["球"]
    assert "1 shapes are no rectangle" in source.notes[0]


def test_the_whole_way_to_a_coco_set(make: Callable[..., Path], tmp_path: Path) -> None:
    src = make({f"图 {number}.jpg": [RECTANGLE, TRIANGLE] for number in range(5)}, apart=False)
    report = DataSet(tmp_path / "数据 集").make_dataset(
        src, src_format="labelme", train_ratio=0.8, test_ratio=0, val_ratio=0.2
    )
    assert report.pictures == {"train": 4, "val": 1, "test": 0}
    data = load(tmp_path / "数据 集")
    assert data.classes == ("狗", "猫")
    assert data.train[0].boxes[1].segmentation == [[0, 0, 10, 0, 10, 8]]


def test_classes_txt_gives_the_order_and_refuses_what_it_does_not_name(make: Callable[..., Path]) -> None:
    root = make({"图.jpg": [RECTANGLE]})
    (root / "classes.txt").write_text("鸟\n猫\n", encoding="utf-8")
    assert read(root).pictures[0].boxes[0].label == 1
    (root / "classes.txt").write_text("鸟\n", encoding="utf-8")
    with pytest.raises(DatasetInvalid, match="'猫', which is not in classes"):
        read(root)


def test_pictures_that_nobody_looked_at_are_counted(make: Callable[..., Path], picture: Callable[..., Path]) -> None:
    root = make({"图.jpg": [RECTANGLE]})
    picture(root / "images" / "新 图.jpg")
    assert "1 pictures have no annotation file (e.g. 新 图.jpg)" in read(root).notes[0]


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ('{"shapes": [', "line 1, column 13"),
        ("[]", "found"),
        ("{}", "no list 'shapes'"),
        ([5], r"shapes\[0\]"),
        ([RECTANGLE | {"label": ""}], "label"),
        ([RECTANGLE | {"points": [[1, 2]]}], "points"),
        ([TRIANGLE | {"points": [[1, 2], [3, 4]]}], "points"),
        ([RECTANGLE | {"points": [[1, "a"], [3, 4]]}], "points"),
        ([RECTANGLE | {"points": None}], "points"),
    ],
)
def test_a_broken_file_is_named_with_its_place(make: Callable[..., Path], shapes: Any, told: str) -> None:
    root = make({"好.jpg": [RECTANGLE], "坏 的.jpg": shapes})
    with pytest.raises(DatasetInvalid, match=told) as caught:
        read(root)
    assert "坏 的.json" in caught.value.message
    assert caught.value.hint


def test_no_annotation_at_all(make: Callable[..., Path], tmp_path: Path, picture: Callable[..., Path]) -> None:
    with pytest.raises(AnnotationMissing, match="rectangle or polygon"):
        read(make({"图.jpg": []}))
    picture(tmp_path / "空 的" / "图.jpg")
    with pytest.raises(AnnotationMissing, match=r"\.json"):
        read(tmp_path / "空 的")


def embed(root: Path, name: str, data: object) -> None:
    """Leave a picture in its JSON file only."""
    file = root / "annotations" / Path(name).with_suffix(".json").name
    document = json.loads(file.read_text(encoding="utf-8"))
    picture = root / "images" / name
    text = base64.b64encode(picture.read_bytes()).decode() if data is None else data
    file.write_text(json.dumps(document | {"imageData": text}), encoding="utf-8")
    picture.unlink()


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_pictures_that_lie_in_their_files_only(make: Callable[..., Path], tmp_path: Path, suffix: str) -> None:
    names = [f"图 {number}{suffix}" for number in range(3)]
    src = make({name: [RECTANGLE] for name in names})
    contents = {name: (src / "images" / name).read_bytes() for name in names}
    for name in names[1:]:
        embed(src, name, None)
    before = sorted(path.name for path in src.rglob("*"))
    DataSet(tmp_path / "新").make_dataset(src, "LABELME", 1, 0, 0)
    made = load(tmp_path / "新").train
    assert {one.path.name: one.path.read_bytes() for one in made} == contents
    assert all(one.boxes[0].corners == (2, 5, 20, 25) for one in made)
    assert sorted(path.name for path in src.rglob("*")) == before


def test_a_set_without_any_picture_file(make: Callable[..., Path]) -> None:
    src = make({"图 1.jpg": [RECTANGLE]})
    embed(src, "图 1.jpg", None)
    source = read(src)
    (one,) = source.pictures
    assert one.path.is_file()
    folder = one.path.parent
    del source
    gc.collect()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("data", "message"), [("no base64!", "imageData is not as labelme"), ("", "no picture for"), (5, "no picture for")]
)
def test_pictures_in_files_that_are_none(make: Callable[..., Path], data: object, message: str) -> None:
    src = make({"图 1.jpg": [RECTANGLE], "图 2.jpg": [RECTANGLE]})
    embed(src, "图 2.jpg", data)
    with pytest.raises(DatasetInvalid, match=message):
        read(src)


def test_a_damaged_picture_in_a_file_is_named(make: Callable[..., Path], tmp_path: Path) -> None:
    src = make({"图 1.jpg": [RECTANGLE], "图 2.jpg": [RECTANGLE]})
    embed(src, "图 2.jpg", base64.b64encode(b"text").decode())
    with pytest.raises(DatasetInvalid, match=r"1 picture is unsupported: .*图 2\.jpg"):
        DataSet(tmp_path / "新").make_dataset(src, "LABELME")
