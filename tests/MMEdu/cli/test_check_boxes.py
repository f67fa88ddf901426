"""``mmedu check`` of a detection set: counts, damage, a sheet of boxes, and every way in which such a set is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from BaseDT import image


def document(names: list[str]) -> dict[str, Any]:
    images = [{"id": 7 * i, "file_name": name, "width": 40, "height": 30} for i, name in enumerate(names)]
    boxes = [{"id": i, "image_id": 7 * i, "category_id": 90 - i % 2, "bbox": [2, 3, 20, 15]} for i in range(len(names))]
    categories = [{"id": 90, "name": "猫"}, {"id": 89, "name": "狗"}]
    return {"images": images, "annotations": boxes, "categories": categories}


def write_json(root: Path, split: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    (root / "annotations" / f"{split}.json").write_text(text, encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "数据 集"
    (place / "annotations").mkdir(parents=True)
    for split, count in (("train", 4), ("valid", 2)):
        names = [f"图 {split} {number}.png" for number in range(count)]
        (place / "images" / split).mkdir(parents=True)
        for name in names:
            Image.fromarray(np.full((30, 40, 3), 120, np.uint8)).save(place / "images" / split / name)
        write_json(place, split, document(names))
    return place


def test_boxes_and_pictures_are_counted_and_drawn(mmedu, root):
    ended = mmedu("check", root)
    assert ended.code == 0, ended.err
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["狗", "2", "1", "0"] in lines
    assert ["pictures", "4", "2", "0"] in lines
    assert "6 pictures, 0 damaged." in ended.out
    sheet = image.read(Path("check_result/boxes.png"))
    assert sheet.shape[0] > 300


def test_the_same_for_a_program(mmedu, root):
    ended = mmedu("check", root, "--json", "--sheet", "画 好/表.png")
    told = json.loads(ended.out)
    assert (told["ok"], told["task"], told["classes"]) == (True, "detection", ["狗", "猫"])
    assert (told["train"], told["val"], told["pictures"]["train"]) == ([2, 2], [1, 1], 4)
    assert Path(told["sheet"]).is_file()


def test_what_was_dropped_and_cut_is_told(mmedu, root):
    content = document([f"图 train {number}.png" for number in range(4)])
    content["annotations"][0]["bbox"] = [5, 5, 0, 9]
    content["annotations"][1]["bbox"] = [50, 50, 9, 9]
    content["annotations"][2]["bbox"] = [30, 20, 60, 60]
    write_json(root, "train", content)
    ended = mmedu("check", root)
    assert ended.code == 0
    for told in ("1 boxes without area", "1 boxes lie outside", "1 boxes leave their pictures"):
        assert told in ended.out
    assert ["without", "boxes", "2", "0", "0"] in [line.split() for line in ended.out.splitlines()]


def test_damaged_pictures_are_named(mmedu, root):
    cut = root / "images" / "train" / "图 train 0.png"
    cut.write_bytes(cut.read_bytes()[:-20])
    ended = mmedu("check", root)
    assert ended.code == 1
    assert f"Damaged: {cut}: " in ended.out
    assert json.loads(mmedu("check", root, "--json").out)["ok"] is False


def _without_image(content):
    content["images"].pop()
    content["annotations"].pop()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: "{", "-201. annotations/train.json is no whole JSON: line 1, column 2"),
        (lambda c: c["images"][1].update(file_name="没有.png"), "-201. 1 of the 4 pictures"),
        (lambda c: c["images"][1].update(id=0), "-201. annotations/train.json: images[1] has the id 0"),
        (lambda c: c["annotations"][1].update(id=0), "-201. annotations/train.json: annotations[1] has the id 0"),
        (lambda c: c["annotations"][1].update(image_id=99), "-701. annotations/train.json: annotations[1] belongs to"),
        (lambda c: c["annotations"][1].update(category_id=1), "-701. annotations/train.json: annotations[1] belongs"),
        (lambda c: c["images"][1].update(width=30, height=40), "-201. 1 pictures have another size"),
        (lambda c: c["images"][1].update(width=80, height=60), "-201. 1 pictures have another size"),
    ],
)
def test_a_broken_annotation_file_is_named_with_its_place(mmedu, root, change, told):
    content = document([f"图 train {number}.png" for number in range(4)])
    replaced = change(content)
    write_json(root, "train", replaced if isinstance(replaced, str) else content)
    ended = mmedu("check", root)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"Error Code: {told}")


@pytest.mark.parametrize("split", ["train", "valid"])
def test_a_missing_annotation_file_is_named(mmedu, root, split):
    (root / "annotations" / f"{split}.json").unlink()
    ended = mmedu("check", root)
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -701. ")
    assert f"{split}.json" in ended.err


def test_pictures_that_the_file_does_not_name_are_counted(mmedu, root):
    content = document([f"图 train {number}.png" for number in range(4)])
    _without_image(content)
    write_json(root, "train", content)
    ended = mmedu("check", root)
    assert ended.code == 0
    assert "1 pictures in images/train have no entry" in ended.out


def test_how_the_objects_suit_a_model_is_told(mmedu, root):
    assert (
        "SSD_Lite sees 320x320 (whole pictures, stretched); 0 of 6 objects"
        in mmedu("check", root, "--backbone", "ssd_lite").out
    )
    ended = mmedu("check", root, "--backbone", "SSD_Light")
    assert ended.code == 1
    assert "Did you mean 'SSD_Lite'?" in ended.err


def test_a_letterboxed_picture_keeps_its_proportions(mmedu, root):
    for split, count in (("train", 4), ("valid", 2)):
        content = document([f"图 {split} {number}.png" for number in range(count)])
        for entry, box in zip(content["images"], content["annotations"], strict=True):
            Image.fromarray(np.full((40, 400, 3), 120, np.uint8)).save(root / "images" / split / entry["file_name"])
            entry.update(width=400, height=40)
            box.update(bbox=[50, 10, 30, 5])
        write_json(root, split, content)
    # 416 pixels for 400: a height of 5 stays one; stretched to the square it would be 52.
    assert (
        "Yolov3 sees 416x416 (whole pictures, ratio kept); 6 of 6 objects"
        in mmedu("check", root, "--backbone", "Yolov3").out
    )
    assert (
        "SSD_Lite sees 320x320 (whole pictures, stretched); 0 of 6 objects"
        in mmedu("check", root, "--backbone", "ssd_lite").out
    )


def test_masks_are_checked_for_a_model_that_needs_them(mmedu, root):
    content = document([f"图 train {number}.png" for number in range(4)])
    content["annotations"][2]["segmentation"] = {"size": None, "counts": [1200]}
    write_json(root, "train", content)
    assert mmedu("check", root, "--backbone", "SSD_Lite").code == 0
    ended = mmedu("check", root, "--backbone", "Mask_RCNN")
    assert ended.err.startswith("Error Code: -201. annotations/train.json: annotations[2] (id 2): a segmentation is")
