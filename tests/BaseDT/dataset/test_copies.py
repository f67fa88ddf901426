"""The same picture twice in a data set: in two classes, in two parts, beside itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.dataset import copies
from BaseDT.dataset.copies import Copies
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.imagenet import load
from BaseDT.dataset.samples import Listed

Make = Callable[..., Path]


@pytest.fixture
def pets(make_imagenet: Make, tmp_path: Path) -> Path:
    return make_imagenet(tmp_path / "数据 集", classes=("cat", "dog"), train=4, val=3, test=2)


def first(root: Path, part: str, name: str, number: int = 0) -> Path:
    return sorted((root / part / name).iterdir())[number]


def copy(source: Path, folder: Path, name: str = "复 制.png") -> Path:
    return Path(shutil.copy(source, folder / name))


def found(root: Path, *, pixels: bool) -> Copies:
    pictures = load(root).listed()
    files = [picture.path.read_bytes() for picture in pictures]
    return copies.find(pictures, [copies.mark(file, image.decode(file) if pixels else None) for file in files])


def names(groups: Any, root: Path) -> list[list[str]]:
    return [[picture.path.relative_to(root).as_posix() for picture in group] for group in groups]


def test_a_set_without_copies_has_none_and_nothing_is_said(pets: Path) -> None:
    assert found(pets, pixels=True) == found(pets, pixels=False) == Copies()
    assert list(Copies().notes(pets)) == []


@pytest.mark.parametrize("pixels", [True, False])
def test_each_kind_is_found_by_bytes_and_by_pixels(pets: Path, pixels: bool) -> None:
    copy(first(pets, "training_set", "cat"), pets / "training_set" / "dog")
    copy(first(pets, "training_set", "cat", 1), pets / "val_set" / "cat")
    copy(first(pets, "training_set", "dog", 2), pets / "test_set" / "dog")
    copy(first(pets, "val_set", "dog"), pets / "val_set" / "dog", "z1.png")
    copy(first(pets, "val_set", "dog"), pets / "val_set" / "dog", "z2.png")
    same = found(pets, pixels=pixels)
    assert names(same.classes, pets) == [["training_set/cat/图 片-training-cat-00.png", "training_set/dog/复 制.png"]]
    assert names(same.splits, pets) == [
        ["training_set/cat/图 片-training-cat-01.png", "val_set/cat/复 制.png"],
        ["training_set/dog/图 片-training-dog-02.png", "test_set/dog/复 制.png"],
    ]
    assert [len(group) for group in same.within] == [3]
    two, parts, beside = same.notes(pets)
    assert "in two classes, 1 times (training_set/cat/图 片-training-cat-00.png = training_set/dog/复 制.png)" in two
    assert "in more than one part, 2 times" in parts
    assert beside.startswith("2 pictures are copies of others beside them")
    assert [len(same.content()[kind]) for kind in ("classes", "parts", "within")] == [1, 2, 1]


def test_another_file_with_the_same_pixels_is_the_same_picture(pets: Path) -> None:
    source = first(pets, "training_set", "cat")
    Image.open(source).convert("RGB").save(pets / "val_set" / "cat" / "another.bmp")
    assert found(pets, pixels=False) == Copies()
    assert names(found(pets, pixels=True).splits, pets) == [
        ["training_set/cat/图 片-training-cat-00.png", "val_set/cat/another.bmp"]
    ]


def test_pictures_that_differ_where_no_mark_looks_are_told_apart(pets: Path) -> None:
    pixels = np.full((960, 4, 3), 90, np.uint8)
    for name, row in (("a.png", 7), ("b.png", 9)):
        changed = pixels.copy()
        changed[row] = 0
        Image.fromarray(changed).save(pets / "training_set" / "cat" / name)
    a, b = (pets / "training_set" / "cat" / name for name in ("a.png", "b.png"))
    assert copies.mark(b"", image.read(a)) == copies.mark(b"", image.read(b)), "or this tests nothing"
    assert found(pets, pixels=True) == Copies()


def test_files_with_the_same_short_mark_are_compared_whole(pets: Path) -> None:
    pictures = load(pets).listed()
    same: list[copies.Mark | None] = [(9, 9, None)] * len(pictures)
    assert copies.find(pictures, same) == Copies()
    pictures[0].path.unlink()
    assert copies.find(pictures, same) == Copies(), "a file that is gone is no copy"


def test_one_file_that_is_listed_in_two_parts_counts(pets: Path) -> None:
    (listed, *_) = load(pets).listed()
    again = copies.Listed(listed.path, "val", listed.label)
    mark = copies.mark(listed.path.read_bytes())
    assert copies.find([listed, again], [mark, mark]).splits == ((listed, again),)


def test_the_sentences_are_chinese_where_the_user_is(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy(first(pets, "training_set", "cat"), pets / "training_set" / "dog")
    copy(first(pets, "training_set", "cat", 1), pets / "val_set" / "cat")
    monkeypatch.setenv("MMEDU_LANG", "zh")
    two, parts = found(pets, pixels=True).notes(pets)
    assert "同时出现在两个类别中" in two
    assert "测得的准确率会偏高" in parts


def test_a_name_cannot_act_on_the_terminal(pets: Path) -> None:
    try:
        copy(first(pets, "training_set", "cat"), pets / "val_set" / "cat", "\x1b[31m.png")
    except OSError:
        pytest.skip("this file system holds no such names")
    (text,) = found(pets, pixels=True).notes(pets)
    assert "\x1b" not in text


def test_the_check_of_a_script_says_it(pets: Path) -> None:
    copy(first(pets, "training_set", "cat"), pets / "training_set" / "dog")
    assert any("in two classes, 1 times" in note for note in DataSet(pets).check().notes)


def test_boxes_have_no_classes_of_pictures(make_coco: Make, tmp_path: Path) -> None:
    boxes = [(7, 1, 2, 10, 12)]
    root = make_coco(tmp_path / "数据", train={"a.png": boxes, "b.png": boxes}, valid={"c.png": boxes})
    shutil.copy(root / "images" / "train" / "b.png", root / "images" / "valid" / "c.png")
    notes = DataSet(root).check().notes
    assert any("in more than one part, 1 times (images/train/b.png = images/valid/c.png)" in note for note in notes)


@pytest.mark.parametrize("pixels", [False, True])
def test_several_samples_of_one_file_are_no_copies(pets: Path, pixels: bool) -> None:
    path = first(pets, "training_set", "cat")
    data = path.read_bytes()
    marks = [copies.mark(data, image.decode(data) if pixels else None)] * 2
    assert copies.find([Listed(path, "train"), Listed(path, "train")], marks) == Copies()
