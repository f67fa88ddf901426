"""Writing a data set: whole or not at all, names that every file system tells apart, pictures byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset import making
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Category
from BaseDT.dataset.dividing import Ratios
from BaseDT.dataset.formats.source import Picture, Source
from BaseDT.dataset.making import make_coco, sizes_of, unique_names, whole_folder
from BaseDT.errors import DatasetInvalid, DiskFull, PathNotWritable

Refused = Callable[..., Any]
ALL = Ratios(1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.jpg", "b.jpg"], ["a.jpg", "b.jpg"]),
        (["a.jpg", "a.jpg", "a.jpg"], ["a.jpg", "a_2.jpg", "a_3.jpg"]),
        (["a.jpg", "A.JPG"], ["a.jpg", "A_2.JPG"]),
        (["a.jpg", "a.jpg", "a_2.jpg"], ["a.jpg", "a_3.jpg", "a_2.jpg"]),
        (["é.png", "e\u0301.png"], ["é.png", "e\u0301_2.png"]),
        (["猫/1.jpg", "狗/1.jpg", "狗/1.jpg"], ["猫/1.jpg", "狗/1.jpg", "狗/1_2.jpg"]),
    ],
)
def test_names_become_unique(names: list[str], expected: list[str]) -> None:
    assert unique_names(names) == expected


def test_sizes_are_those_of_pictures_as_they_are_read(tmp_path: Path, picture: Callable[..., Path]) -> None:
    plain, turned = picture(tmp_path / "一.jpg"), picture(tmp_path / "二.jpg", orientation=6)
    assert sizes_of([plain, turned]) == [(30, 40), (40, 30)]


def test_all_damaged_pictures_are_named(tmp_path: Path, picture: Callable[..., Path], refused: Refused) -> None:
    paths = [picture(tmp_path / "数据" / f"{index}.png") for index in range(4)]
    paths[1].write_bytes(paths[1].read_bytes()[:-20])
    paths[3].write_text("no picture", encoding="utf-8")
    with refused(DatasetInvalid, r"2 pictures are damaged or unsupported: .*/1\.png: .*; .*/3\.png: "):
        sizes_of(paths, hint="repair")


def test_a_folder_takes_its_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "新 的" / "数据 集"
    with whole_folder(target) as half:
        (half / "1.txt").write_text("1", encoding="utf-8")
        assert not target.exists()
        assert half.parent == target.parent
    assert [path.name for path in target.iterdir()] == ["1.txt"]
    assert list(target.parent.iterdir()) == [target]


def test_an_empty_folder_may_be_there(tmp_path: Path) -> None:
    target = tmp_path / "数据 集"
    target.mkdir()
    with whole_folder(target) as half:
        (half / "1.txt").touch()
    assert (target / "1.txt").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, DatasetInvalid("x")])
def test_nothing_stays_of_a_folder_that_was_not_finished(tmp_path: Path, error: Any) -> None:
    def fill() -> None:
        with whole_folder(tmp_path / "新 的" / "数据 集") as half:
            (half / "1.txt").touch()
            raise error

    with pytest.raises((KeyboardInterrupt, ValueError)):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_fills_meanwhile_is_not_overwritten(tmp_path: Path, refused: Refused) -> None:
    target = tmp_path / "数据 集"
    with refused(PathNotWritable), whole_folder(target) as half:
        (half / "1.txt").touch()
        target.mkdir()
        (target / "other.txt").touch()
    assert [path.name for path in target.iterdir()] == ["other.txt"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "file").touch()
    with refused(PathNotWritable, "Cannot write"), whole_folder(tmp_path / "file" / "数据 集"):
        pass


@pytest.fixture
def source(tmp_path: Path, picture: Callable[..., Path]) -> Source:
    pictures = []
    for index, key in enumerate(("a/1.jpg", "b/1.jpg", "b/A.png")):
        path = picture(tmp_path / "源" / key)
        pictures.append(Picture(path, key, (Box(0, (0, 0, 10 + index, 10)),)))
    return Source((Category(4, "猫"),), tuple(pictures), notes=("from the source",))


def test_pictures_are_copied_byte_for_byte_under_unique_names(source: Source, tmp_path: Path) -> None:
    report = make_coco(source, tmp_path / "新", ALL, 0)
    copies = tmp_path / "新" / "images" / "train"
    assert {path.name for path in copies.iterdir()} == {"1.jpg", "1_2.jpg", "A.png"}
    document = json.loads((tmp_path / "新" / "annotations" / "train.json").read_text(encoding="utf-8"))
    for picture, entry in zip(source.pictures, document["images"], strict=True):
        assert (copies / entry["file_name"]).read_bytes() == picture.path.read_bytes()
    assert [note["bbox"][2] for note in document["annotations"]] == [10, 11, 12]
    assert document["categories"] == [{"id": 4, "name": "猫", "supercategory": ""}]
    assert report.notes == ("from the source",)
    assert not (tmp_path / "新" / "images" / "valid").exists()
    assert (tmp_path / "新" / "classes.txt").read_text(encoding="utf-8") == "猫\n"


def test_a_full_disk_leaves_nothing(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    written = []

    def write(path: Path, data: bytes, **_: object) -> None:
        if len(written) == 2:
            raise DiskFull("No room left", hint="x")
        path.parent.mkdir(parents=True, exist_ok=True)
        written.append(path.write_bytes(data))

    monkeypatch.setattr(making, "write_whole", write)
    with refused(DiskFull):
        make_coco(source, tmp_path / "新", ALL, 0)
    assert {path.name for path in tmp_path.iterdir()} == {"源"}


def test_a_picture_that_vanishes_meanwhile_is_named(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setattr(making, "sizes_of", lambda paths, **_: [paths[1].unlink(), *[(30, 40)] * 3][1:])
    with refused(DatasetInvalid, r"A picture cannot be read any more: .*b/1\.jpg"):
        make_coco(source, tmp_path / "新", ALL, 0)
    assert not (tmp_path / "新").exists()


def test_no_pictures_at_all(tmp_path: Path, refused: Refused) -> None:
    with refused(DatasetInvalid, "no picture with annotations"):
        make_coco(Source((Category(1, "猫"),), ()), tmp_path / "新", ALL, 0)
