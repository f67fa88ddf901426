"""Pictures with a camera's note of its rotation: boxes go with them, and other sizes are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.dataset.coco import load
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.directions import Head
from BaseDT.dataset.upright import head_of, head_of_decoded, upright
from BaseDT.errors import DatasetInvalid
from BaseDT.geometry import masks

STORED = (30, 40)  # height, width


def photo(path: Path, orientation: int) -> Path:
    """A black picture with a white box at x 4 to 16, y 8 to 18 of the stored pixels."""
    pixels = np.zeros((*STORED, 3), np.uint8)
    pixels[8:18, 4:16] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, exif=exif)
    return path


def dataset(
    root: Path, orientation: int, size: tuple[int, int], segmentation: Any = None, suffix: str = ".png"
) -> Path:
    photo(root / "images" / "train" / f"照 片{suffix}", orientation)
    entry = {"id": 1, "file_name": f"照 片{suffix}", "height": size[0], "width": size[1]}
    box = {"id": 1, "image_id": 1, "category_id": 9, "bbox": [4, 8, 12, 10], "segmentation": segmentation or []}
    document = {"images": [entry], "annotations": [box], "categories": [{"id": 9, "name": "猫"}]}
    (root / "annotations").mkdir()
    (root / "annotations" / "train.json").write_text(json.dumps(document), encoding="utf-8")
    return root


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_boxes_of_the_stored_picture_are_turned_with_it(tmp_path: Path, orientation: int, suffix: str) -> None:
    data = upright(load(dataset(tmp_path / "数据 集", orientation, STORED, suffix=suffix)))
    (one,) = data.train
    assert (one.height, one.width) == (40, 30)
    pixels = image.read(one.path)
    assert pixels.shape[:2] == (40, 30)
    x1, y1, x2, y2 = map(int, one.boxes[0].corners)
    assert pixels[y1:y2, x1:x2].min() > 200
    assert (x2 - x1, y2 - y1) == (10, 12)
    assert any("1 pictures were labelled without the camera's rotation" in note for note in data.notes)


@pytest.mark.parametrize(("orientation", "size"), [(1, STORED), (6, (40, 30))])
def test_what_is_upright_already_stays(tmp_path: Path, orientation: int, size: tuple[int, int]) -> None:
    root = dataset(tmp_path / "数据 集", orientation, size)
    data = load(root)
    assert upright(data) == data


@pytest.mark.parametrize(
    "segmentation",
    [
        [[4, 8, 16, 8, 16, 18, 4, 18]],
        {"size": [30, 40], "counts": masks.encoded(np.eye(30, 40, dtype=np.uint8))["counts"]},
    ],
)
def test_masks_are_turned_too(tmp_path: Path, segmentation: Any) -> None:
    (one,) = upright(load(dataset(tmp_path / "数据 集", 6, STORED, segmentation))).train
    mask = masks.decoded(one.boxes[0].segmentation, 40, 30)
    before = masks.decoded(segmentation, 30, 40)
    assert (mask != np.rot90(before, -1)).sum() == 0
    assert mask.any()


@pytest.mark.parametrize("segmentation", ["polygon", [[1, 2, 3]], {"size": None, "counts": [1200]}])
def test_a_broken_mask_does_not_keep_its_box_from_being_turned(tmp_path: Path, segmentation: Any) -> None:
    (one,) = upright(load(dataset(tmp_path / "数据 集", 6, STORED, segmentation))).train
    assert (one.height, one.width, one.boxes[0].corners) == (40, 30, (12, 4, 22, 16))


@pytest.mark.parametrize(("orientation", "size"), [(1, (40, 30)), (1, (60, 80)), (6, (60, 80)), (3, (40, 30))])
def test_every_other_size_is_named(tmp_path: Path, orientation: int, size: tuple[int, int]) -> None:
    data = load(dataset(tmp_path / "数据 集", orientation, size))
    with pytest.raises(DatasetInvalid, match="1 pictures have another size") as caught:
        upright(data)
    assert "train/照 片.png is " in caught.value.message
    assert f"not {size[1]}×{size[0]}" in caught.value.message
    assert caught.value.hint


def test_a_damaged_file_is_left_to_the_check(tmp_path: Path) -> None:
    root = dataset(tmp_path / "数据 集", 1, (99, 99))
    (root / "images" / "train" / "照 片.png").write_bytes(b"no picture")
    assert len(upright(load(root)).train) == 1


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_the_head_of_a_decoded_picture_is_the_same(tmp_path: Path, suffix: str, orientation: int) -> None:
    path = photo(tmp_path / f"甲{suffix}", orientation)
    size = image.read(path).shape[:2]
    assert head_of_decoded(path, path.read_bytes(), (size[0], size[1])) == head_of(path)
    assert head_of(path) == Head(30, 40, orientation)
    plain = tmp_path / f"乙{suffix}"
    Image.new("RGB", (40, 30)).save(plain)
    assert head_of_decoded(plain, plain.read_bytes(), (30, 40)) == head_of(plain) == Head(30, 40)


def test_the_head_of_a_file(tmp_path: Path) -> None:
    assert head_of(photo(tmp_path / "甲.jpg", 6)) == Head(30, 40, 6)
    assert head_of(tmp_path / "没有.jpg") is None


def test_a_set_that_is_made_has_its_boxes_turned(tmp_path: Path, make_voc: Callable[..., Path]) -> None:
    names = [f"图 {number}.png" for number in range(4)]
    src = make_voc(tmp_path / "来 源", {name: [("猫", (5, 9, 16, 18))] for name in names}, size=STORED)
    photo(src / "images" / names[0], 6)
    report = DataSet(tmp_path / "目 标").make_dataset(src, "VOC", 1, 0, 0)
    assert any("turned with them" in note for note in report.notes)
    turned = next(one for one in load(tmp_path / "目 标").train if one.path.name == names[0])
    assert ((turned.height, turned.width), turned.boxes[0].corners) == ((40, 30), (12, 4, 22, 16))
