"""YOLO: shares of the picture, classes by number, pictures without labels, and lines that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset.formats import yolo
from BaseDT.errors import AnnotationMissing, DatasetInvalid

Refused = Callable[..., Any]


@pytest.fixture
def src(tmp_path: Path, picture: Callable[..., Path]) -> Path:
    root = tmp_path / "数据 集"
    for name in ("图 片.jpg", "b.png", "空.jpg"):
        picture(root / "images" / name)
    (root / "annotations").mkdir()
    (root / "classes.txt").write_bytes("猫\r\n狗\r\n".encode("gbk"))
    label(root, "1 0.5 0.5 0.5 0.2\n\n0 0.1 0.2 0.2 0.4\r\n")
    label(root, "", "b")
    return root


def label(root: Path, text: str, name: str = "图 片") -> None:
    (root / "annotations" / f"{name}.txt").write_text(text, encoding="utf-8", newline="")


def test_boxes_are_shares_of_the_picture(src: Path) -> None:
    source = yolo.read(src)
    assert source.relative
    assert [category.name for category in source.categories] == ["猫", "狗"]
    first, second = source.pictures[1].boxes
    assert (first.label, first.corners) == (1, pytest.approx((0.25, 0.4, 0.75, 0.6)))
    assert (second.label, second.corners) == (0, pytest.approx((0.0, 0.0, 0.2, 0.4)))


def test_pictures_without_labels_show_no_object(src: Path) -> None:
    source = yolo.read(src)
    assert [(p.key, len(p.boxes)) for p in source.pictures] == [("b.png", 0), ("图 片.jpg", 2), ("空.jpg", 0)]
    assert source.notes == ("1 pictures have no label file (e.g. 空.jpg): taken as pictures without objects.",)


@pytest.mark.parametrize("place", ["classes.txt", "labels/classes.txt"])
def test_labels_and_classes_may_lie_where_labelimg_puts_them(src: Path, place: str) -> None:
    (src / "annotations").rename(src / "labels")
    (src / "classes.txt").rename(src / place)
    assert len(yolo.read(src).pictures) == 3


def test_classes_txt_is_needed(src: Path, refused: Refused) -> None:
    (src / "classes.txt").unlink()
    with refused(DatasetInvalid, r"There is no classes\.txt"):
        yolo.read(src)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0.5 0.5 0.5", "expected five numbers, found '0 0.5 0.5 0.5'"),
        ("0 0.5 0.5 0.5 0.5 0.9 0.9 0.9", "expected five numbers"),
        ("猫 0.5 0.5 0.5 0.5", "expected five numbers"),
        ("0 0.5 0.5 nan 0.5", "expected five numbers"),
        ("0,0.5,0.5,0.5,0.5", "expected five numbers"),
        ("2 0.5 0.5 0.5 0.5", r"there is no class 2: classes\.txt has 2, 0 to 1"),
        ("-1 0.5 0.5 0.5 0.5", "there is no class -1"),
        ("0.5 0.5 0.5 0.5 0.5", r"there is no class 0\.5"),
        ("0 120 80 30 20", "not between 0 and 1: '0 120 80 30 20'"),
        ("0 0.5 0.5 -0.2 0.5", "not between 0 and 1"),
    ],
)
def test_a_wrong_line_is_named(src: Path, refused: Refused, line: str, message: str) -> None:
    label(src, f"1 0.5 0.5 0.5 0.5\n{line}\n")
    with refused(DatasetInvalid, rf"图 片\.txt:2: .*{message}"):
        yolo.read(src)


def test_a_label_file_without_picture_is_named(src: Path, refused: Refused) -> None:
    label(src, "", "丢了")
    with refused(DatasetInvalid, r"There is no picture for annotations/丢了\.txt"):
        yolo.read(src)


def test_no_label_files_at_all(src: Path, refused: Refused) -> None:
    for file in (src / "annotations").iterdir():
        file.unlink()
    with refused(AnnotationMissing, r"There is no \.txt file"):
        yolo.read(src)
