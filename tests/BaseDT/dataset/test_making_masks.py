"""Data sets for segmentation are made of outlines and of masks, checked, and drawn on a sheet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.dataset import DataSet
from BaseDT.dataset.mask_check import check_masks, table, write_sheet
from BaseDT.dataset.segmentation import load
from BaseDT.errors import AnnotationMissing, DatasetInvalid, ParameterInvalid, PathExists

Refused = Callable[..., Any]
Make = Callable[..., Path]
WIDTH, HEIGHT = 40, 30


def mask(number: int) -> np.ndarray:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[2:12, 2:12] = 1
    if number % 3 == 0:
        labels[15:25, 20:36] = 2
    return labels


@pytest.fixture
def masks(tmp_path: Path, picture: Make) -> Path:
    """Twelve pictures with masks, not divided; every third shows the third class."""
    root = tmp_path / "源 图"
    (root / "labels").mkdir(parents=True)
    for number in range(12):
        picture(root / "images" / f"图 {number}.jpg")
        Image.fromarray(mask(number)).save(root / "labels" / f"图 {number}.png")
    (root / "classes.txt").write_text("背景\n猫\n狗\n", encoding="utf-8")
    return root


@pytest.fixture
def outlines(tmp_path: Path, picture: Make) -> Path:
    """Ten pictures in COCO's format, all in one folder, with two polygons each."""
    root = tmp_path / "源 图"
    images, annotations = [], []
    for number in range(10):
        picture(root / "images" / f"图 {number}.jpg")
        images.append({"id": number, "file_name": f"图 {number}.jpg", "width": WIDTH, "height": HEIGHT})
        for category, (x, y) in ((1, (2, 2)), (2, (20, 10))):
            corners = [x, y, x + 10, y, x + 10, y + 10, x, y + 10]
            box = {"bbox": [x, y, 10, 10], "segmentation": [corners], "area": 100, "category_id": category}
            annotations.append({"id": len(annotations), "image_id": number, **box})
    categories = [{"id": 1, "name": "猫"}, {"id": 2, "name": "狗"}]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (root / "annotations").mkdir()
    (root / "annotations" / "all.json").write_text(json.dumps(document), encoding="utf-8")
    return root


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


class TestMaking:
    def test_of_outlines(self, outlines: Path, tmp_path: Path) -> None:
        target = tmp_path / "新 集"
        report = DataSet(target, type="SEGMENTATION").make_dataset(outlines, src_format="COCO")
        assert {path.name for path in target.iterdir()} == {"images", "labels", "splits", "classes.txt"}
        data = load(target)
        assert data.classes == report.classes == ("background", "猫", "狗")
        assert [len(data.train), len(data.val), len(data.test)] == [7, 2, 1]
        assert report.pictures == {"train": 7, "val": 2, "test": 1}
        assert report.counts["train"] == (7, 7, 7)
        assert data.notes == ()
        labels = data.train[0].read_mask()
        assert (labels[2:12, 2:12] == 1).all()
        assert (labels[10:20, 20:30] == 2).all()
        assert labels.sum() == 300

    def test_masks_have_colours_to_look_at(self, outlines: Path, tmp_path: Path) -> None:
        DataSet(tmp_path / "新", type="seg").make_dataset(outlines, src_format="COCO")
        with Image.open(next((tmp_path / "新" / "labels").iterdir())) as opened:
            assert opened.mode == "P"
            shown = np.asarray(opened.convert("RGB"))
        assert tuple(shown[0, 0]) == (0, 0, 0)
        assert len({tuple(shown[y, x]) for y, x in ((0, 0), (5, 5), (15, 25))}) == 3

    @pytest.mark.parametrize("how", [{"type": "SEGMENTATION"}, {}])
    def test_of_masks(self, masks: Path, tmp_path: Path, how: dict[str, str]) -> None:
        before = files(masks)
        target = tmp_path / "新"
        DataSet(target, **how).make_dataset(masks, src_format="MASKS")
        assert files(masks) == before
        data = load(target)
        assert sorted(p.path.name for p in (*data.train, *data.val, *data.test)) == sorted(
            Path(name).name for name in before if name.startswith("images/")
        )
        for one in data.train:
            assert one.path.read_bytes() == before[f"images/{one.path.name}"]
            assert (one.read_mask() == mask(int(one.path.stem.split()[1]))).all()

    def test_the_same_seed_gives_the_same_set(self, masks: Path, tmp_path: Path) -> None:
        for name in ("甲", "乙"):
            DataSet(tmp_path / name).make_dataset(masks, src_format="MASKS", seed=3)
        assert files(tmp_path / "甲") == files(tmp_path / "乙")
        DataSet(tmp_path / "丙").make_dataset(masks, src_format="MASKS", seed=4)
        assert files(tmp_path / "甲") != files(tmp_path / "丙")

    def test_every_class_is_trained_on(self, masks: Path, tmp_path: Path) -> None:
        DataSet(tmp_path / "新").make_dataset(masks, src_format="MASKS", train_ratio=0.2, val_ratio=0.4, test_ratio=0.4)
        assert any(2 in one.read_mask() for one in load(tmp_path / "新").train)

    def test_a_division_stays(self, masks: Path, tmp_path: Path) -> None:
        (masks / "train.txt").write_text("\n".join(f"图 {i}" for i in range(3)), encoding="utf-8")
        (masks / "val.txt").write_text("\n".join(f"图 {i}" for i in range(3, 12)), encoding="utf-8")
        report = DataSet(tmp_path / "新").make_dataset(masks, src_format="MASKS")
        assert report.pictures == {"train": 3, "val": 9, "test": 0}
        assert any("its parts are kept" in note for note in report.notes)
        again = DataSet(tmp_path / "又").make_dataset(
            masks, src_format="MASKS", train_ratio=0.5, val_ratio=0.5, test_ratio=0.0
        )
        assert again.pictures == {"train": 6, "val": 6, "test": 0}

    def test_pictures_of_one_stem_get_names_of_their_own(self, tmp_path: Path, picture: Make) -> None:
        root = tmp_path / "源"
        for part in ("train", "val"):
            for suffix in ("jpg", "png"):
                picture(root / part / "images" / f"{suffix}1.{suffix}")
                (root / part / "masks").mkdir(exist_ok=True)
                Image.fromarray(mask(0)).save(root / part / "masks" / f"{suffix}1.png")
        DataSet(tmp_path / "新").make_dataset(root, src_format="MASKS")
        data = load(tmp_path / "新")
        assert [len(data.train), len(data.val)] == [2, 2]

    def test_rotated_pictures_keep_their_masks(self, masks: Path, tmp_path: Path, picture: Make) -> None:
        picture(masks / "images" / "图 0.jpg", orientation=6)
        DataSet(tmp_path / "新").make_dataset(masks, src_format="MASKS")
        data = load(tmp_path / "新")
        one = next(p for p in (*data.train, *data.val, *data.test) if p.path.name == "图 0.jpg")
        assert (one.read_mask() == np.rot90(mask(0), -1)).all()

    def test_nothing_half_made_stays(self, masks: Path, tmp_path: Path, refused: Refused) -> None:
        Image.fromarray(mask(0) + 7).save(masks / "labels" / "图 5.png")
        Image.fromarray(mask(0) + 7).save(masks / "labels" / "图 6.png")
        with refused(DatasetInvalid, "2 masks cannot be used: .*图 5.png has the values .*图 6.png has the values"):
            DataSet(tmp_path / "新").make_dataset(masks, src_format="MASKS")
        assert not (tmp_path / "新").exists()

    def test_what_cannot_be_made(self, masks: Path, outlines: Path, tmp_path: Path, refused: Refused) -> None:
        (tmp_path / "新").mkdir()
        (tmp_path / "新" / "a").write_text("")
        with refused(PathExists):
            DataSet(tmp_path / "新").make_dataset(masks, src_format="MASKS")
        with refused(DatasetInvalid, "looks like MASKS"):
            DataSet(tmp_path / "乙").make_dataset(masks)
        with refused(ParameterInvalid, "IMAGENET cannot be made from MASKS"):
            DataSet(tmp_path / "乙", type="IMAGENET").make_dataset(masks, src_format="MASKS")
        file = outlines / "annotations" / "all.json"
        document = json.loads(file.read_text(encoding="utf-8"))
        for one in document["annotations"]:
            one["segmentation"] = []
        file.write_text(json.dumps(document), encoding="utf-8")
        (outlines / "labels").rename(tmp_path / "别处")
        with refused(AnnotationMissing, "20 boxes"):
            DataSet(tmp_path / "乙", type="SEGMENTATION").make_dataset(outlines, src_format="COCO")


class TestChecking:
    def test_counts_pictures_and_pixels(self, masks: Path) -> None:
        (masks / "train.txt").write_text("\n".join(f"图 {i}" for i in range(9)), encoding="utf-8")
        (masks / "val.txt").write_text("图 9\n图 10\n图 11\n", encoding="utf-8")
        data = load(masks)
        found = check_masks(data)
        assert found.ok
        assert found.pictures == {"train": (9, 9, 3), "val": (3, 3, 1), "test": (0, 0, 0)}
        assert found.pixels["train"][1:] == (900, 480)
        assert sum(found.pixels["val"]) == 3 * WIDTH * HEIGHT
        assert table(data, found)[3] == ("狗", "4.4%", 3, 1, 0)
        assert json.dumps(found.content())

    def test_names_rare_classes(self, masks: Path) -> None:
        rare = np.minimum(mask(0), 1)
        rare[20, 20:24] = 2
        for path in (masks / "labels").iterdir():
            Image.fromarray(rare).save(path)
        assert any("Less than 0.5% of the pixels are: 狗" in note for note in check_masks(load(masks)).notes)

    def test_names_everything_that_is_wrong(self, masks: Path, refused: Refused) -> None:
        data = load(masks, complete=False)
        Image.fromarray(mask(0) + 7).save(masks / "labels" / "图 5.png")
        Image.fromarray(mask(0) + 9).save(masks / "labels" / "图 6.png")
        path = masks / "labels" / "图 7.png"
        path.write_bytes(path.read_bytes()[:-30])
        (masks / "images" / "图 8.jpg").write_bytes(b"\xff\xd8")
        path = masks / "labels" / "图 10.png"
        path.write_bytes(path.read_bytes()[:-1] + b"\0")  # only the last checksum is wrong: decoders forgive it
        Image.fromarray(np.arange(HEIGHT * WIDTH * 3, dtype=np.uint32).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)).save(
            masks / "labels" / "图 9.png"
        )
        with refused(DatasetInvalid):
            load(masks)
        assert len(load(masks, complete=False, refuse=False).train) == 12
        found = check_masks(data)
        assert not found.ok
        assert {item.path.stem for item in found.damaged} == {"图 7", "图 8", "图 10"}
        assert {item.path.stem for item in found.wrong} == {"图 5", "图 6", "图 9"}
        assert any("图 5.png has the values 7, 8, 9" in line for line in found.lines())

    def test_says_what_no_picture_shows(self, masks: Path) -> None:
        (masks / "classes.txt").write_text("背景\n猫\n狗\n马\n", encoding="utf-8")
        labels = [mask(0) * 0, np.minimum(mask(0), 1), *([mask(0) * 0 + 255] * 10)]
        for number in range(12):
            Image.fromarray(labels[number]).save(masks / "labels" / f"图 {number}.png")
        notes = check_masks(load(masks)).notes
        assert any("No picture shows: 狗, 马" in note for note in notes)
        assert any("83% of all pixels are ignored" in note for note in notes)
        assert any("10 masks are ignored all over" in note for note in notes)
        assert any("1 pictures show nothing but the background" in note for note in notes)

    def test_the_documented_class(self, masks: Path, refused: Refused) -> None:
        report = DataSet(masks).check()
        assert report.type == "SEGMENTATION"
        assert report.counts["train"][1] == 10
        path = masks / "labels" / "图 5.png"
        path.write_bytes(path.read_bytes()[:-30])
        with refused(DatasetInvalid, "1 picture is damaged"):
            DataSet(masks).check()

    def test_the_sheet(self, masks: Path, tmp_path: Path) -> None:
        drawn = write_sheet(tmp_path / "图 表.png", load(masks))
        assert drawn is not None
        pixels = image.read(drawn)
        assert pixels.shape[1] > 1000
        for path in (masks / "labels").iterdir():
            path.write_bytes(b"\x89PNG")
        assert write_sheet(tmp_path / "空.png", load(masks)) is None
