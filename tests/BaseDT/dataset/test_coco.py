"""Reading a whole folder in COCO's layout: splits, labels, notes, and what is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco import load
from BaseDT.errors import AnnotationMissing, DatasetInvalid, DatasetNotFound

Refused = Callable[..., Any]


@pytest.fixture
def root(tmp_path: Path, make_coco: Callable[..., Path]) -> Path:
    return make_coco(
        tmp_path / "数据 集",
        train={"猫 一.jpg": [(7, 1, 2, 10, 20)], "狗.png": [(3, 0, 0, 5, 5), (7, 5, 5, 9, 9)], "空.jpg": []},
        valid={"2.jpg": [(3, 0, 0, 5, 5)]},
    )


def change(root: Path, split: str, edit: Callable[[Any], object]) -> None:
    file = root / "annotations" / f"{split}.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    edit(document)
    file.write_text(json.dumps(document), encoding="utf-8")


def test_reads_pictures_boxes_and_classes(root: Path) -> None:
    data = load(root)
    assert data.classes == ("狗", "猫")
    assert [image.path for image in data.train] == [
        root / "images" / "train" / n for n in ("猫 一.jpg", "狗.png", "空.jpg")
    ]
    assert data.train[0].boxes == (Box(1, (1, 2, 11, 22)),)
    assert data.train[2].boxes == ()
    assert (data.counts("train"), data.counts("val"), data.counts("test")) == ((1, 2), (1, 0), (0, 0))
    assert data.notes == ()


def test_labels_are_those_of_training_in_every_split(root: Path) -> None:
    change(root, "valid", lambda d: d.update(categories=[{"id": 7, "name": "猫"}], annotations=[], images=d["images"]))
    change(
        root,
        "valid",
        lambda d: d["annotations"].append({"id": 1, "image_id": 10, "category_id": 7, "bbox": [0, 0, 4, 4]}),
    )
    assert load(root).val[0].boxes == (Box(1, (0, 0, 4, 4)),)


@pytest.mark.parametrize(
    ("categories", "expected"),
    [([{"id": 7, "name": "鸟"}], "'猫'"), ([{"id": 8, "name": "猫"}], "no such id")],
)
def test_categories_that_differ_from_training_are_refused(
    root: Path, refused: Refused, categories: list[dict[str, object]], expected: str
) -> None:
    change(root, "valid", lambda d: d.update(categories=categories))
    change(root, "valid", lambda d: d["annotations"][0].update(category_id=categories[0]["id"]))
    with refused(DatasetInvalid, rf"annotations/valid\.json has the category .*, train\.json has {expected}"):
        load(root)


@pytest.mark.parametrize("other", [{"id": 7, "name": "鸟"}, {"id": 8, "name": "猫"}])
def test_a_category_that_no_box_has_may_differ(root: Path, other: dict[str, object]) -> None:
    change(root, "valid", lambda d: d.update(categories=[other, {"id": 3, "name": "狗"}]))
    data = load(root)
    assert data.classes == ("狗", "猫")
    assert data.val[0].boxes == (Box(0, (0, 0, 5, 5)),)


def test_boxes_are_fitted_and_counted(root: Path) -> None:
    boxes = [[0, 0, 0, 9], [50, 50, 9, 9], [30, 20, 90, 90]]
    change(root, "train", lambda d: [d["annotations"][i].update(bbox=box) for i, box in enumerate(boxes)])
    data = load(root)
    assert [len(image.boxes) for image in data.train] == [0, 1, 0]
    assert data.train[1].boxes[0].corners == (30, 20, 40, 30)
    assert sum(word in note for note in data.notes for word in ("without area", "outside", "cut at the edge")) == 3
    assert "No training boxes of: 狗." in data.notes


def test_a_background_that_labelme_lists_is_no_class(root: Path) -> None:
    for split in ("train", "valid"):
        extra = [{"id": 0, "name": "_background_"}, {"id": 99, "name": "__ignore__"}]
        change(root, split, lambda document, extra=extra: document["categories"].extend(extra))
    assert load(root).classes == ("狗", "猫")
    assert load(root).notes == ()


@pytest.mark.parametrize("bbox", [[11, 2, -10, 20], [1, 22, 10, -20], [11, 22, -10, -20]])
def test_negative_sizes_are_boxes_from_another_corner(root: Path, bbox: list[int]) -> None:
    change(root, "train", lambda document: document["annotations"][0].update(bbox=bbox, area=-200))
    data = load(root)
    assert data.train[0].boxes == (Box(1, (1, 2, 11, 22)),)
    assert data.notes == ("1 boxes were drawn from the other corner (x2 < x1, or a negative size): put in order.",)


def test_pictures_that_no_file_names_are_counted(root: Path, picture: Callable[..., Path]) -> None:
    picture(root / "images" / "train" / "多.jpg")
    (note,) = load(root).notes
    assert note == "1 pictures in images/train have no entry in annotations/train.json (e.g. 多.jpg): not used."


def test_named_pictures_that_are_not_there_are_refused(root: Path, refused: Refused) -> None:
    (root / "images" / "train" / "狗.png").unlink()
    with refused(DatasetInvalid, r"1 of the 3 pictures that annotations/train\.json names are not in images/train: 狗"):
        load(root)


def test_folders_and_val_may_be_spelled_otherwise(root: Path) -> None:
    (root / "images" / "valid").rename(root / "images" / "Val")
    (root / "annotations" / "valid.json").rename(root / "annotations" / "val.json")
    (root / "annotations").rename(root / "Annotations")
    assert len(load(root).val) == 1


def test_pictures_of_validation_may_lie_in_images_test(root: Path, refused: Refused) -> None:
    (root / "images" / "valid").rename(root / "images" / "test")
    data = load(root)
    assert [image.path for image in data.val] == [root / "images" / "test" / "2.jpg"]
    assert (data.test, data.notes) == ((), ())
    (root / "annotations" / "valid.json").rename(root / "annotations" / "test.json")
    assert [len(load(root).split(name)) for name in ("val", "test")] == [0, 1]
    (root / "images" / "test").rename(root / "images" / "rest")
    (root / "annotations" / "test.json").rename(root / "annotations" / "valid.json")
    with refused(DatasetInvalid, r"There is valid\.json, but no folder images/valid"):
        load(root)


def test_validation_and_test_may_share_images_test(root: Path, picture: Callable[..., Path]) -> None:
    (root / "images" / "valid").rename(root / "images" / "test")
    picture(root / "images" / "test" / "3.jpg")
    valid = root / "annotations" / "valid.json"
    (root / "annotations" / "test.json").write_bytes(valid.read_bytes())
    change(root, "test", lambda d: d["images"][0].update(file_name="3.jpg"))
    data = load(root)
    assert [image.path.name for image in (*data.val, *data.test)] == ["2.jpg", "3.jpg"]
    assert data.notes == ()


def test_images_valid_goes_before_images_test(root: Path, picture: Callable[..., Path]) -> None:
    picture(root / "images" / "test" / "2.jpg")
    data = load(root)
    assert [image.path.parent.name for image in data.val] == ["valid"]
    assert data.notes == ("The pictures in images/test have no annotations/test.json: not used.",)


def test_a_folder_of_another_shape_can_be_described(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "别 处"
    other.mkdir()
    (root / "annotations" / "train.json").rename(other / "a.json")
    (root / "images" / "train").rename(other / "pictures")
    data = load(other, train_json="a.json", train_images=other / "pictures")
    assert len(data.train) == 3
    assert data.notes == ("There are no validation pictures (valid).",)


def test_no_validation_is_said(root: Path, picture: Callable[..., Path]) -> None:
    (root / "annotations" / "valid.json").unlink()
    picture(root / "images" / "test" / "1.jpg")
    with pytest.raises(AnnotationMissing, match=r"images/valid, but no annotations/valid\.json"):
        load(root)
    (root / "images" / "valid").rename(root / "unused")
    notes = load(root).notes
    assert notes == (
        "There are no validation pictures (valid).",
        "The pictures in images/test have no annotations/test.json: not used.",
    )


@pytest.mark.parametrize("boxes", [[], [(3, 0, 0, 0, 5)]], ids=["none", "without area"])
def test_validation_without_any_box_is_said(root: Path, boxes: list[Any], make_coco: Callable[..., Path]) -> None:
    (root / "annotations" / "valid.json").unlink()
    (root / "images" / "valid" / "2.jpg").unlink()
    data = load(make_coco(root, valid={"2.jpg": boxes, "3.jpg": []}))
    assert data.notes[-1] == ("The 2 validation pictures have no box: validation can measure nothing, mAP stays 0.")
    change(root, "valid", lambda d: d.update(images=[], annotations=[]))
    assert not [note for note in load(root).notes if "measure nothing" in note]


def test_a_crowd_is_nothing_to_measure_with(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    change(root, "valid", lambda d: d["annotations"][0].update(iscrowd=1))
    assert load(root).notes == ("1 张验证图片都没有标注框：验证无法衡量效果，mAP 将一直为 0。",)


def test_what_is_missing_is_named(root: Path, refused: Refused, tmp_path: Path) -> None:
    (root / "annotations" / "train.json").rename(root / "t.json")
    with refused(AnnotationMissing, r"There is no annotations/train\.json"):
        load(root)
    with refused(DatasetInvalid, "No such file or folder"):
        load(root, train_json="x.json")
    (root / "images" / "train").rename(root / "t")
    with refused(DatasetInvalid, r"no data set in COCO's layout: .*\(found: annotations, images, t\)"):
        load(root)
    (root / "t.json").rename(root / "annotations" / "train.json")
    with refused(DatasetInvalid, r"There is train\.json, but no folder images/train"):
        load(root)
    with refused(DatasetNotFound):
        load(tmp_path / "没有")


BROKEN = [
    ("polygon", "a segmentation is 'polygon'"),
    ([1, 2, 3, 4, 5, 6], r"a segmentation is \[1, 2"),
    ([[1, 2, 3, 4, 5]], "a segmentation is"),
    ([[1, 2, 3, 4, 5, None]], "a segmentation is"),
    ({"size": None, "counts": [1200]}, "a segmentation is"),
    ({"size": [40, 30], "counts": [1200]}, "a mask of 40×30 with 1200 pixels is in a picture of 30×40"),
    ({"size": [30, 40], "counts": [3]}, "a mask of 30×40 with 3 pixels"),
    ({"size": [30, 40], "counts": "~~"}, "a segmentation is"),
]


@pytest.mark.parametrize(("segmentation", "expected"), BROKEN)
def test_broken_masks_are_named_where_masks_are_needed(
    root: Path, refused: Refused, segmentation: object, expected: str
) -> None:
    change(root, "valid", lambda d: d["annotations"][0].update(segmentation=segmentation, id=77))
    with refused(DatasetInvalid, rf"annotations/valid\.json: annotations\[0\] \(id 77\): {expected}"):
        load(root, with_masks=True)
    assert load(root).val[0].boxes[0].corners == (0, 0, 5, 5)


@pytest.mark.parametrize(
    "segmentation",
    [[], None, [[0, 0, 5, 0, 5, 5]], {"size": [30, 40], "counts": [0, 1200]}, {"size": [30, 40], "counts": "0`U1"}],
)
def test_masks_that_can_be_drawn_or_are_not_there_are_taken(root: Path, segmentation: object) -> None:
    change(root, "valid", lambda d: d["annotations"][0].update(segmentation=segmentation))
    assert load(root, with_masks=True).val[0].boxes[0].segmentation == (segmentation or None)


def test_sizes_are_needed(root: Path, refused: Refused) -> None:
    change(root, "train", lambda d: d["images"][1].pop("width"))
    with refused(DatasetInvalid, r"the picture '狗\.png' has no width or height"):
        load(root)
