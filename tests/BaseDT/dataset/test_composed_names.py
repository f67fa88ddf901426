"""One name, written in two ways, is one class: in folders, text files and every format of annotations."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from BaseDT.dataset import coco, imagenet
from BaseDT.dataset.data_set import DataSet
from BaseDT.errors import DatasetInvalid
from BaseDT.names import composed

Make = Callable[..., Path]
NFC, NFD = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
BOX = (1, 2, 9, 9)


@pytest.fixture(autouse=True)
def _names_differ(tmp_path: Path) -> None:
    (tmp_path / "x" / NFC).mkdir(parents=True)
    if (tmp_path / "x" / NFD).exists():
        pytest.skip("this file system composes names")


def test_composed() -> None:
    assert NFC != NFD
    assert composed(NFC) == composed(NFD) == NFC
    assert composed("猫\udcff") == "猫\udcff"
    assert composed("plain") == "plain"
    assert composed("한") == composed("한") == "한"


@pytest.mark.parametrize("text", [None, f"bar\n{NFD}\n", f"bar\n{NFC}\n"])
def test_class_folders(tmp_path: Path, picture: Make, text: str | None) -> None:
    root = tmp_path / "数据"
    for name in (f"{NFC}/1.png", f"{NFD}/2.png", f"{NFD}/1.png", "bar/3.png"):
        picture(root / "training_set" / name)
    picture(root / "val_set" / NFD / "1.png")
    picture(root / "val_set" / "bar" / "2.png")
    if text:
        (root / "classes.txt").write_text(text, encoding="utf-8")
    data = imagenet.load(root, write=True)
    assert data.classes == ("bar", NFC)
    assert data.counts("train") == (1, 3)
    assert data.counts("val") == (1, 1)
    assert all(sample.path.is_file() for sample in (*data.train, *data.val))
    assert imagenet.load(root).train == data.train, "the text files that were written are read again"


def test_empty_folders_of_the_other_spelling_do_not_count(tmp_path: Path, picture: Make) -> None:
    for name in (f"{NFC}/1.png", "bar/3.png"):
        picture(tmp_path / "training_set" / name)
    (tmp_path / "training_set" / NFD).mkdir()
    assert imagenet.load(tmp_path).classes == ("bar", NFC)


def test_a_set_made_of_class_folders(tmp_path: Path, picture: Make) -> None:
    for name in (f"{NFC}/1.png", f"{NFD}/1.png", f"{NFD}/2.png", "bar/3.png"):
        picture(tmp_path / "源" / name)
    report = DataSet(tmp_path / "新").make_dataset(tmp_path / "源", "IMAGENET", 1, 0, 0)
    assert report.classes == ("bar", NFC)
    assert report.counts["train"] == (1, 3)
    assert sorted(path.name for path in (tmp_path / "新" / "training_set").iterdir()) == ["bar", NFC]


@pytest.mark.parametrize("listed", [None, NFC, NFD])
def test_voc(tmp_path: Path, make_voc: Make, listed: str | None) -> None:
    src = make_voc(tmp_path / "源", {"a.jpg": [(NFC, BOX)], "b.jpg": [(NFD, BOX)]})
    if listed:
        (src / "classes.txt").write_text(f"{listed}\n", encoding="utf-8")
    report = DataSet(tmp_path / "新").make_dataset(src, "VOC", 1, 0, 0)
    assert (report.classes, report.counts["train"]) == ((NFC,), (2,))


def test_labelme(tmp_path: Path, picture: Make) -> None:
    for name, label in (("a", NFC), ("b", NFD)):
        picture(tmp_path / "源" / f"{name}.jpg")
        shape = {"label": label, "points": [[1, 2], [9, 9]], "shape_type": "rectangle"}
        document = {"shapes": [shape], "imageHeight": 30, "imageWidth": 40}
        (tmp_path / "源" / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    report = DataSet(tmp_path / "新").make_dataset(tmp_path / "源", "LABELME", 1, 0, 0)
    assert (report.classes, report.counts["train"]) == ((NFC,), (2,))


def set_of(
    root: Path, coco_json: Callable[..., object], picture: Make, **splits: tuple[dict[int, str], list[int]]
) -> Path:
    (root / "annotations").mkdir(parents=True)
    for split, (categories, used) in splits.items():
        boxes = {f"{split}{n}.jpg": [(category, 1, 2, 8, 7)] for n, category in enumerate(used)}
        for name in boxes:
            picture(root / "images" / split / name)
        text = json.dumps(coco_json(boxes, categories))
        (root / "annotations" / f"{split}.json").write_text(text, encoding="utf-8")
    return root


def test_coco_categories(tmp_path: Path, coco_json: Callable[..., object], picture: Make) -> None:
    both = {1: NFC, 2: NFD, 3: "bar"}
    data = coco.load(
        set_of(tmp_path / "数据", coco_json, picture, train=(both, [1, 2, 3]), valid=(both, [2]), test=({1: NFD}, [1]))
    )
    assert data.classes == (NFC, "bar")
    assert (data.counts("train"), data.counts("val"), data.counts("test")) == ((2, 1), (1, 0), (1, 0))
    report = DataSet(tmp_path / "新").make_dataset(tmp_path / "数据", "COCO", 1, 0, 0)
    assert set(report.classes) == {NFC, "bar"}


def test_a_category_of_the_same_name_without_objects_is_left_out(
    tmp_path: Path, coco_json: Callable[..., object], picture: Make
) -> None:
    listed = {0: "猫", 1: "猫", 2: "狗"}
    data = coco.load(set_of(tmp_path / "数据", coco_json, picture, train=(listed, [1, 2, 1]), valid=(listed, [1])))
    assert [(category.id, category.name) for category in data.categories] == [(1, "猫"), (2, "狗")]
    assert (data.counts("train"), data.counts("val")) == ((2, 1), (1, 0))


def test_two_categories_of_the_same_name_with_objects_are_refused(
    tmp_path: Path, coco_json: Callable[..., object], picture: Make
) -> None:
    root = set_of(tmp_path / "数据", coco_json, picture, train=({0: "猫", 1: "猫"}, [0, 1]))
    with pytest.raises(DatasetInvalid, match=r"categories\[1\] has the name '猫' of categories\[0\]"):
        coco.load(root)
