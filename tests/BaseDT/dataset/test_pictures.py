"""Pictures are found by what annotations from other machines call them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from BaseDT.dataset.pictures import PictureFolder, find_pictures, unnamed_pictures
from BaseDT.errors import DatasetInvalid


@pytest.fixture
def pictures(tmp_path: Path) -> PictureFolder:
    folder = tmp_path / "数据 集" / "images"
    for key in ("图 片.jpg", "a/1.jpg", "b/1.jpg", "b/café.png", "only.PNG", ".hidden.jpg", "notes.txt"):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return PictureFolder(folder, "images")


def test_lists_pictures_at_any_depth_in_order(pictures: PictureFolder) -> None:
    assert pictures.keys == ("a/1.jpg", "b/1.jpg", "b/café.png", "only.PNG", "图 片.jpg")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("图 片.jpg", "图 片.jpg"),
        ("C:\\Users\\李\\images\\图 片.jpg", "图 片.jpg"),
        ("/home/li/images/only.png", "only.PNG"),
        ("./a/1.jpg", "a/1.jpg"),
        ("a\\1.jpg", "a/1.jpg"),
        ("A/1.JPG", "a/1.jpg"),
        ("x/y/b/1.jpg", "b/1.jpg"),
        (unicodedata.normalize("NFD", "café.png"), "b/café.png"),
        ("1.jpg", None),
        ("../only.PNG", "only.PNG"),
        ("nothing.jpg", None),
        ("", None),
        ("notes.txt", None),
    ],
)
def test_finds_a_picture_by_its_name(pictures: PictureFolder, name: str, key: str | None) -> None:
    assert pictures.named(name) == key


def test_finds_pictures_by_their_stem(pictures: PictureFolder) -> None:
    assert pictures.of_stem("a/1") == ["a/1.jpg"]
    assert pictures.of_stem("ONLY") == ["only.PNG"]
    assert pictures.of_stem("other/图 片") == ["图 片.jpg"]
    assert pictures.of_stem("1") == ["a/1.jpg", "b/1.jpg"]
    assert pictures.of_stem("2") == []


def test_missing_pictures_are_counted_and_named(pictures: PictureFolder) -> None:
    with pytest.raises(DatasetInvalid, match=r"2 of the 3 pictures that x\.json names are not in images: 图片\.jpg, 9"):
        find_pictures("x.json", ["a/1.jpg", "图片.jpg", "9.jpg"], pictures)


def test_two_names_of_one_picture_are_refused(pictures: PictureFolder) -> None:
    with pytest.raises(DatasetInvalid, match=r"images\[0\] and images\[1\] are the same picture: only\.PNG"):
        find_pictures("x.json", ["only.PNG", "only.png"], pictures)


def test_pictures_that_nobody_names_are_counted(pictures: PictureFolder) -> None:
    (note,) = unnamed_pictures("x.json", pictures, ["a/1.jpg", "b/1.jpg", "b/café.png"])
    assert note == "2 pictures in images have no entry in x.json (e.g. only.PNG): not used."
    assert list(unnamed_pictures("x.json", pictures, pictures.keys)) == []
