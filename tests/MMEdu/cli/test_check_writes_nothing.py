"""``mmedu check`` changes nothing in what it checks, in whatever form it lies there, unless ``--fix`` is given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT.dataset import imagenet
from BaseDT.dataset.data_set import DataSet

Make = Callable[[Path], None]
BOX = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 6, 18, 20]}


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(list(str(path).encode())).integers(0, 255, (30, 40, 3), np.uint8)
    Image.fromarray(pixels).save(path)


def text(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def pictures_of_classes(root: Path, *parts: str) -> None:
    for part in parts:
        for name in ("猫", "狗"):
            for number in range(6):
                picture(root / part / name / f"{number}.png")


def coco_json(file: str) -> str:
    images = [{"id": 1, "file_name": file, "width": 40, "height": 30}]
    return json.dumps({"images": images, "annotations": [BOX], "categories": [{"id": 1, "name": "猫"}]})


def coco(root: Path) -> None:
    for split in ("train", "valid"):
        picture(root / "images" / split / f"{split}.png")
        text(root / "annotations" / f"{split}.json", coco_json(f"{split}.png"))


def roboflow_boxes(root: Path) -> None:
    for split in ("train", "valid"):
        picture(root / split / f"{split}.png")
        text(root / split / "_annotations.coco.json", coco_json(f"{split}.png"))


def yolo(root: Path, layout: str) -> None:
    text(root / "data.yaml", "train: train/images\nval: valid/images\nnames: ['猫']\n")
    for split in ("train", "valid"):
        picture(root / layout.format(split, "images") / "a.jpg")
        text(root / layout.format(split, "labels") / "a.txt", "0 0.5 0.5 0.5 0.4\n")


def voc(root: Path) -> None:
    picture(root / "images" / "a.jpg")
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>20</xmax><ymax>20</ymax></bndbox>"
    text(root / "annotations" / "a.xml", f"<annotation><object><name>猫</name>{box}</object></annotation>")


def labelme(root: Path) -> None:
    picture(root / "a.png")
    shape = {"label": "猫", "points": [[2, 3], [20, 18]], "shape_type": "rectangle"}
    text(root / "a.json", json.dumps({"imagePath": "a.png", "imageHeight": 30, "imageWidth": 40, "shapes": [shape]}))


FORMS: dict[str, tuple[Make, bool]] = {
    "ImageNet style": (lambda root: pictures_of_classes(root, "training_set", "val_set", "test_set"), True),
    "as the documents spell it": (lambda root: pictures_of_classes(root, "trainning_set"), True),
    "class folders": (lambda root: pictures_of_classes(root, ""), True),
    "class folders of Roboflow": (lambda root: pictures_of_classes(root, "train", "valid", "test"), True),
    "class folders of Ultralytics": (lambda root: pictures_of_classes(root, "train", "val"), True),
    "COCO": (coco, True),
    "COCO of Roboflow": (roboflow_boxes, True),
    "YOLO of Roboflow": (lambda root: yolo(root, "{0}/{1}"), True),
    "YOLO of Ultralytics": (lambda root: yolo(root, "{1}/{0}"), True),
    "VOC": (voc, False),
    "LabelMe": (labelme, False),
}


def state(root: Path) -> dict[str, str]:
    """Every file and folder, with what is in it."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in root.rglob("*")
    }


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["", "json"])
@pytest.mark.parametrize("form", FORMS)
def test_a_check_writes_nothing_into_the_set(mmedu, tmp_path, form, options):
    make, is_read = FORMS[form]
    make(root := tmp_path / "数据 集")
    before = state(root)
    ended = mmedu("check", root, *options)
    assert (ended.code == 0) == is_read, ended.err
    assert state(root) == before


@pytest.mark.parametrize("form", [form for form, (_, is_read) in FORMS.items() if is_read])
def test_from_within_the_set_everything_is_drawn_beside_it(mmedu, tmp_path, monkeypatch, form):
    FORMS[form][0](root := tmp_path / "数据 集")
    before = state(root)
    monkeypatch.chdir(root)
    assert mmedu("check", ".", "--sheet", "check_result/boxes.png").code == 0
    assert state(root) == before
    told = json.loads(mmedu("check", root, "--json").out)
    assert told.get("task") != "detection" or Path(told["sheet"]) == tmp_path / "check_result" / "boxes.png"


@pytest.mark.parametrize("form", [form for form, (_, is_read) in FORMS.items() if is_read])
def test_the_check_of_a_script_writes_nothing(tmp_path, form):
    FORMS[form][0](root := tmp_path / "数据 集")
    before = state(root)
    DataSet(root).check()
    assert state(root) == before


def test_what_is_missing_is_said_and_fix_writes_it(mmedu, tmp_path):
    FORMS["ImageNet style"][0](root := tmp_path / "数据 集")
    before = state(root)
    ended = mmedu("check", root)
    assert "Not there: classes.txt, val.txt, test.txt. A training makes them" in ended.out
    assert json.loads(mmedu("check", root, "--json").out)["missing"] == ["classes.txt", "val.txt", "test.txt"]
    assert "Made the missing classes.txt, val.txt, test.txt." in mmedu("check", root, "--fix").out
    after = state(root)
    assert after.keys() - before.keys() == {"classes.txt", "val.txt", "test.txt"}
    assert all(after[name] == content for name, content in before.items())
    again = mmedu("check", root, "--fix")
    assert "no text file is missing" in again.out
    assert "Not there" not in again.out
    assert state(root) == after


@pytest.mark.parametrize(
    "form", [form for form in FORMS if form not in ("ImageNet style", "as the documents spell it")]
)
def test_fix_writes_nothing_into_other_layouts(mmedu, tmp_path, form):
    FORMS[form][0](root := tmp_path / "数据 集")
    before = state(root)
    mmedu("check", root, "--fix")
    assert state(root) == before


def test_loading_for_a_training_completes_the_documented_layout_only(tmp_path):
    for form, made in (("ImageNet style", 3), ("class folders of Roboflow", 0), ("class folders", 0)):
        FORMS[form][0](root := tmp_path / form)
        before = state(root)
        imagenet.load(root, write=True)
        assert len(state(root).keys() - before.keys()) == made, form
