"""Sets as Roboflow, Ultralytics, labelImg and CVAT hand them out are read as they are: loaded, checked, made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset import coco, imagenet
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.formats import yolo
from BaseDT.dataset.upright import upright
from BaseDT.errors import AnnotationMissing, DatasetInvalid

Make = Callable[..., Path]
# YAML that is not read here, or no list of names: said, never guessed.
STRANGE = (
    "names: &all [a, b]",
    "names: *all",
    "names: !!seq [a]",
    "names: |\n  a\n  b\n",
    "names: cat",
    "names: a\n  b\n",
    "names: [a, [b]]",
    "names: [a: b]",
    "names: [a] b",
    "names: ['a, b]",
    "names:\n  - a\n  -\n",
    "names:\n  - a\n  - ~\n",
    "names:\n  - a\n    b\n",
    "names:\n  - id: 0\n    name: a\n",
    "names:\n  0: a\n  0: b\n",
    "names:\n  a: 0\n  b: 1\n",
)
LINE = "1 0.5 0.5 0.5 0.4\n"  # of 40 × 30 pixels: 10, 9, 30, 21
CORNERS = (10.0, 9.0, 30.0, 21.0)


def label(path: Path, text: str = LINE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def yolo_set(root: Path, picture: Make, layout: str, counts: dict[str, int]) -> Path:
    """Write pictures and labels; ``layout`` has the split and what it is: ``{split}/{kind}`` or ``{kind}/{split}``."""
    for split, count in counts.items():
        for number in range(count):
            stem = f"{split}{number}"
            picture(root / layout.format(split=split, kind="images") / f"{stem}.jpg")
            label(root / layout.format(split=split, kind="labels") / f"{stem}.txt")
    label(root / "data.yaml", "train: ../train/images\nval: ../valid/images\n\nnc: 2\nnames: ['狗', \"cat's\"]\n")
    return root


@pytest.mark.parametrize("layout", ["{split}/{kind}", "{kind}/{split}"])
def test_yolo(tmp_path: Path, picture: Make, layout: str) -> None:
    root = yolo_set(tmp_path / "数据 集", picture, layout, {"train": 3, "valid": 2})
    assert coco.looks_like_coco(root)
    assert coco.class_names(root) == ("狗", "cat's")
    data = upright(coco.load(root))
    assert data.classes == ("狗", "cat's")
    assert (data.counts("train"), data.counts("val"), data.test) == ((0, 3), (0, 2), ())
    assert data.train[0].boxes[0].corners == pytest.approx(CORNERS)
    report = DataSet(tmp_path / "新").make_dataset(root, "YOLO")
    assert report.pictures == {"train": 3, "val": 2, "test": 0}
    assert DataSet(root).check().pictures == {"train": 3, "val": 2, "test": 0}
    assert DataSet(root).check().type == "COCO"


def test_a_rotated_photograph_of_yolo(tmp_path: Path, picture: Make) -> None:
    root = yolo_set(tmp_path / "数据", picture, "{split}/{kind}", {"train": 1, "val": 1})
    picture(root / "train" / "images" / "train0.jpg", orientation=6)
    (one,) = upright(coco.load(root)).train
    assert (one.width, one.height, one.boxes[0].corners) == (30, 40, pytest.approx((7.5, 12, 22.5, 28)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [a, b]", ("a", "b")),
        ("names: ['a, b', \"c\"]", ("a, b", "c")),
        ("names:\n- a\n- b\nroboflow:\n  x: 1\n", ("a", "b")),
        ("names:\n  - 'a'  # the first\n  - b\n", ("a", "b")),
        ("nc: 2\nnames:\n  0: a\n  1: b c\n", ("a", "b c")),
        ("names: {1: b, 0: a}\n", ("a", "b")),
        ("names: [a,\n  b]\nnc: 2\n", ("a", "b")),
        ("names:\n\n  0: a\n\n  1: b\n", ("a", "b")),
        ("names: ['it''s', \"a\\tb\"]", ("it's", "a\tb")),
        ("names: [cat's, 猫]  # two", ("cat's", "猫")),
        ("names: [a # first\n  , b]", ("a", "b")),
        ("names: [a, b,]\n", ("a", "b")),
        ("names:\n  '0': 猫  # a cat\n  \"1\": 'd: og'\n", ("猫", "d: og")),
        ("names:\n# all\n  - a#1\n  - 2\nnc: 2\n", ("a#1", "2")),
        ("'names': [a]\n", ("a",)),
        ("path: .\n", None),
        ("# names: [a]\n", None),
    ],
)
def test_the_names_of_a_yaml_file(tmp_path: Path, text: str, names: tuple[str, ...] | None) -> None:
    label(tmp_path / "data.yaml", text)
    assert yolo.names_of_yaml(tmp_path) == names


@pytest.mark.parametrize(
    "text", ["names: []", "names:\n", "names: [a, a]", "names:\n  0: a\n  2: b\n", "names: [a", *STRANGE]
)
def test_names_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    label(tmp_path / "data.yaml", text)
    with pytest.raises(DatasetInvalid, match=r"data\.yaml: the list 'names' cannot be read"):
        yolo.names_of_yaml(tmp_path)


@pytest.mark.parametrize(
    ("line", "corners", "outline"),
    [
        ("0 0.5 0.5 0.5 0.4 0.93", CORNERS, None),
        ("0 0.25 0.3 0.75 0.3 0.75 0.7", CORNERS, [[10, 9, 30, 9, 30, 21]]),
        ("0 0.25 0.3 0.75 0.3 0.75 0.7 0.25 0.7", CORNERS, [[10, 9, 30, 9, 30, 21, 10, 21]]),
    ],
)
def test_outlines_and_a_sixth_column(
    tmp_path: Path, picture: Make, line: str, corners: Any, outline: list[list[float]] | None
) -> None:
    root = yolo_set(tmp_path / "数据", picture, "{split}/{kind}", {"train": 1, "valid": 1})
    label(root / "train" / "labels" / "train0.txt", line)
    (one,) = coco.load(root, with_masks=True).train
    assert one.boxes[0].corners == pytest.approx(corners)
    assert (one.boxes[0].segmentation is None) == (outline is None)
    if outline:
        assert one.boxes[0].segmentation == [pytest.approx(outline[0])]  # type: ignore[comparison-overlap]
    DataSet(tmp_path / "新").make_dataset(root, "YOLO")
    (made,) = coco.load(tmp_path / "新").train
    assert made.boxes[0].corners == pytest.approx(corners)


@pytest.mark.parametrize("line", ["0 0.5 0.5 0.5", "0 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "0 0.1 0.1 0.9 0.1 0.9 1.7"])
def test_lines_that_are_neither(tmp_path: Path, picture: Make, line: str) -> None:
    root = yolo_set(tmp_path / "数据", picture, "{split}/{kind}", {"train": 1, "valid": 1})
    label(root / "train" / "labels" / "train0.txt", line)
    with pytest.raises(DatasetInvalid, match=r"train0\.txt:1"):
        coco.load(root)


def test_labels_beside_the_pictures(tmp_path: Path, picture: Make) -> None:
    src = tmp_path / "源"
    for number in range(3):
        picture(src / f"{number}.jpg")
        label(src / f"{number}.txt")
    label(src / "classes.txt", "猫\n狗\n")
    label(src / "notes of mine.txt", "not a label")
    report = DataSet(tmp_path / "新").make_dataset(src, "YOLO", 1, 0, 0)
    assert (report.classes, report.counts["train"]) == (("猫", "狗"), (0, 3))


def test_an_export_of_cvat(tmp_path: Path, picture: Make) -> None:
    src = tmp_path / "源"
    for number in range(3):
        picture(src / "obj_train_data" / f"{number}.jpg")
        label(src / "obj_train_data" / f"{number}.txt")
    label(src / "obj.names", "猫\n狗\n")
    label(src / "obj.data", "classes = 2\n")
    label(src / "train.txt", "data/obj_train_data/0.jpg\n")
    assert coco.load(src).counts("train") == (0, 3)
    assert DataSet(tmp_path / "新").make_dataset(src, "YOLO", 1, 0, 0).counts["train"] == (0, 3)


def test_yolo_without_labels_or_training(tmp_path: Path, picture: Make) -> None:
    root = yolo_set(tmp_path / "数据", picture, "{split}/{kind}", {"train": 1, "valid": 1})
    (root / "train" / "labels" / "train0.txt").unlink()
    (root / "valid" / "labels" / "valid0.txt").unlink()
    with pytest.raises(AnnotationMissing, match=r"no \.txt file"):
        coco.load(root)


def roboflow(root: Path, picture: Make, coco_json: Callable[..., Any], listed: dict[int, str]) -> Path:
    for split, count in (("train", 4), ("valid", 2), ("test", 1)):
        boxes = {f"{split}{number}.jpg": [(1 + number % 2, 10, 9, 20, 12)] for number in range(count)}
        for name in boxes:
            picture(root / split / name)
        document = coco_json(boxes, listed)
        for category in document["categories"]:
            category["supercategory"] = "none" if category["id"] == 0 else listed[0]
        label(root / split / "_annotations.coco.json", json.dumps(document))
    label(root / "README.roboflow.txt", "exported")
    return root


@pytest.mark.parametrize("first", ["pets", "猫"])
def test_coco_of_roboflow(tmp_path: Path, picture: Make, coco_json: Callable[..., Any], first: str) -> None:
    root = roboflow(tmp_path / "数据 集", picture, coco_json, {0: first, 1: "猫", 2: "狗"})
    assert coco.looks_like_coco(root)
    assert coco.class_names(root) == ("猫", "狗")
    data = upright(coco.load(root))
    assert data.classes == ("猫", "狗")
    assert (data.counts("train"), data.counts("val"), data.counts("test")) == ((2, 2), (1, 1), (1, 0))
    assert not any("No training boxes" in note for note in data.notes)
    assert DataSet(root).check().pictures == {"train": 4, "val": 2, "test": 1}
    report = DataSet(tmp_path / "新").make_dataset(root, "COCO")
    assert (report.classes, report.pictures) == (("猫", "狗"), {"train": 4, "val": 2, "test": 1})


def test_a_class_that_others_do_not_hang_below_stays_without_objects(
    tmp_path: Path, picture: Make, coco_json: Callable[..., Any], make_coco: Make
) -> None:
    root = make_coco(tmp_path / "数据", train={"a.jpg": [(7, 1, 1, 9, 9)]})
    assert coco.load(root).classes == ("狗", "猫"), "狗 has no object"


@pytest.mark.parametrize("val", ["valid", "val"])
def test_folders_of_classes(tmp_path: Path, picture: Make, val: str) -> None:
    for split, count in (("train", 3), (val, 2), ("test", 1)):
        for name in ("猫", "狗"):
            for number in range(count):
                picture(tmp_path / "源" / split / name / f"{split}{number}.jpg")
    report = DataSet(tmp_path / "新").make_dataset(tmp_path / "源")
    assert report.pictures == {"train": 6, "val": 4, "test": 2}
    assert imagenet.load(tmp_path / "新").counts("val") == (2, 2)
    assert imagenet.load(tmp_path / "源").counts("test") == (1, 1)
    assert DataSet(tmp_path / "源").check().pictures == {"train": 6, "val": 4, "test": 2}
