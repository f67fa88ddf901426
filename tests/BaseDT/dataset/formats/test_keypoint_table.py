"""Tables of pictures and points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT.dataset.keypoints import load, looks_like_keypoints
from BaseDT.errors import AnnotationMissing, DatasetInvalid

Refused = Callable[..., Any]


@pytest.fixture
def make(tmp_path: Path, picture: Callable[..., Path]) -> Callable[..., Path]:
    """A function that writes tables and their pictures, 1.png to 6.png."""

    def write(text: str, name: str = "点.csv", encoding: str = "utf-8-sig", *, images: str = "images") -> Path:
        root = tmp_path / "表 格"
        for number in range(1, 7):
            picture(root / images / f"{number}.png")
        (root / name).write_text(text, encoding=encoding)
        return root

    return write


def people(root: Path) -> dict[str, list[list[float]]]:
    data = load(root)
    return {person.path.name: person.points.tolist() for person in (*data.train, *data.val)}


def test_columns_name_the_points(make: Callable[..., Path]) -> None:
    root = make("file,鼻子_x,鼻子_y,左眼_x,左眼_y,右眼_x,右眼_y\n1.png,5.5,6,8,5,3,5\n2.png,9,9,,,NaN,4\n")
    assert looks_like_keypoints(root)
    data = load(root)
    assert (data.names, data.flip_pairs) == (("鼻子", "左眼", "右眼"), ((1, 2),))
    assert data.whole_pictures
    found = people(root)
    assert found["1.png"] == [[5.5, 6, 2], [8, 5, 2], [3, 5, 2]]
    assert found["2.png"] == [[9, 9, 2], [0, 0, 0], [0, 0, 0]]
    assert any("4 pictures in images have no entry" in note for note in data.notes)


@pytest.mark.parametrize(
    "head",
    [
        "image,x1,y1,x2,y2,x3,y3",
        "filename,x_1,y_1,x_2,y_2,x_3,y_3",
        "文件名;x1;y1;x2;y2;x3;y3",
        "img\tX1\tY1\tX2\tY2\tX3\tY3",
    ],
)
def test_columns_may_number_them(make: Callable[..., Path], head: str) -> None:
    mark = next(character for character in "\t;," if character in head)
    root = make(f"{head}\n{mark.join(['1.png', '5', '6', '8', '5', '-1', '-1'])}\n", images="")
    assert people(root) == {"1.png": [[5.5, 6.5, 2], [8.5, 5.5, 2], [0, 0, 0]]}


def test_boxes_visibility_classes_and_parts_are_read(make: Callable[..., Path]) -> None:
    root = make(
        "file,class,split,xmin,ymin,xmax,ymax,a_x,a_y,a_v,b_x,b_y,b_v\n"
        "1.png,猫,train,1,2,20,22,5.5,6,1,8,5,2\n1.png,狗,train,10,12,30,28,15,16,2,18,15,0\n2.png,猫,val,0,0,9,9,5,6,2,8,5,2\n"
    )
    data = load(root)
    assert data.classes == ("狗", "猫")
    assert [(person.label, person.box) for person in data.train] == [(1, (1, 2, 20, 22)), (0, (10, 12, 30, 28))]
    assert [person.points[:, 2].tolist() for person in data.train] == [[1, 2], [2, 0]]
    assert [person.path.name for person in data.val] == ["2.png"]


def test_tables_of_each_part(make: Callable[..., Path]) -> None:
    make("file,a_x,a_y\n1.png,5.5,6\n2.png,5,6\n", "train.csv")
    root = make("file,a_x,a_y\n3.png,5.5,6\n", "val.csv")
    data = load(root)
    assert [len(part) for part in (data.train, data.val)] == [2, 1]
    assert not data.holds_out


def test_tables_of_deeplabcut_are_read(make: Callable[..., Path]) -> None:
    root = make(
        "scorer,me,me,me,me\nbodyparts,snout,snout,tail,tail\ncoords,x,y,x,y\nlabeled-data/video/1.png,5.5,6,8.5,5\n"
    )
    assert load(root).names == ("snout", "tail")


def test_gbk_is_read(make: Callable[..., Path]) -> None:
    root = make("文件名,鼻子_x,鼻子_y,左眼_x,左眼_y\n1.png,5.5,6,8,5\n", encoding="gbk")
    assert load(root).names == ("鼻子", "左眼")


def test_a_suffix_may_be_missing(make: Callable[..., Path]) -> None:
    np.testing.assert_array_equal(people(make("image,a_x,a_y\n1,5.5,6\n"))["1.png"], [[5.5, 6, 2]])


@pytest.mark.parametrize(
    "text",
    [
        "file,x1,y1,x2,y2\n1.png,1,2,9,9\n2.png,3,3,8,9\n",
        "file,x1,y1,x2,y2,class\n1.png,1,2,9,9,猫\n",
        "file,label\n1.png,猫\n",
        "file,猫,狗\n1.png,0,1\n",
        "file,bbox_x,bbox_y,bbox_w,bbox_h\n1.png,1,2,9,9\n",
        "a_x,a_y\n1,2\n",
        "",
        '"',
    ],
)
def test_tables_of_something_else_are_no_keypoints(make: Callable[..., Path], refused: Refused, text: str) -> None:
    root = make(text)
    assert not looks_like_keypoints(root)
    with refused(AnnotationMissing):
        load(root)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,a_x,a_y\n1.png,五,6\n", r"点\.csv:2: '五' is no number"),
        ("file,a_x,a_y\n,5,6\n", r"点\.csv:2: the picture's name is missing"),
        ("file,a_x,a_y\n9.png,5,6\n", r"点\.csv:2: 1 of 1 pictures are not in images: 9\.png"),
        ("file,a_x,a_y,split\n1.png,5,6,train\n1.png,7,8,val\n", r"点\.csv:3: the picture is in two parts"),
        ("file,a_x,a_y,b_x,b_y\n1.png,0.5,0.6,0.1,0.2\n", "look like shares of 1"),
    ],
)
def test_what_is_wrong_is_named(make: Callable[..., Path], refused: Refused, text: str, message: str) -> None:
    with refused(DatasetInvalid, message):
        load(make(text))
