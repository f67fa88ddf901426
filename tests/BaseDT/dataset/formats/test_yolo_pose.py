"""YOLO's format for poses: shares of the picture, shapes and exchanges from data.yaml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT.dataset.keypoints import load, looks_like_keypoints
from BaseDT.errors import DatasetInvalid

Refused = Callable[..., Any]
YAML = (
    "train: images/train\nval: images/val\nkpt_shape: [3, 3]  # points, numbers\nflip_idx: [0, 2, 1]\nnames: ['人']\n"
)
LINE = "0 0.5 0.5 0.5 0.8 0.5 0.25 2 0.25 0.5 1 0 0 0\n"


@pytest.fixture
def make(tmp_path: Path, picture: Callable[..., Path]) -> Callable[..., Path]:
    """A function that writes a set as Ultralytics lays it out."""

    def write(yaml: str = YAML, line: str = LINE, *, orientation: int = 1) -> Path:
        root = tmp_path / "姿态 集"
        for split in ("train", "val"):
            picture(root / "images" / split / f"{split} 图.jpg", orientation=orientation)
            label = root / "labels" / split / f"{split} 图.txt"
            label.parent.mkdir(parents=True, exist_ok=True)
            label.write_text(line, encoding="utf-8")
        (root / "data.yaml").write_text(yaml, encoding="utf-8")
        return root

    return write


def test_shares_become_pixels(make: Callable[..., Path]) -> None:
    root = make()
    assert looks_like_keypoints(root)
    data = load(root)
    assert (data.classes, data.names, data.flip_pairs, data.mirrors) == (("人",), ("0", "1", "2"), ((1, 2),), True)
    assert [len(part) for part in (data.train, data.val)] == [1, 1]
    person = data.train[0]
    np.testing.assert_allclose(person.points, [(20, 7.5, 2), (10, 15, 1), (0, 0, 0)])
    assert person.box == pytest.approx((10, 3, 30, 27))


def test_shares_are_those_of_the_upright_picture(make: Callable[..., Path]) -> None:
    person = load(make(orientation=6)).train[0]
    assert (person.height, person.width) == (40, 30)
    np.testing.assert_allclose(person.points[0], (15, 10, 2))


def test_without_a_visibility_0_0_is_not_labelled(make: Callable[..., Path]) -> None:
    yaml = YAML.replace("[3, 3]", "[3, 2]")
    data = load(make(yaml, "0 0.5 0.5 0.5 0.8 0.5 0.25 0 0 -1 -1\n"))
    assert data.train[0].points[:, 2].tolist() == [2, 0, 0]


@pytest.mark.parametrize(
    "text",
    [
        "kpt_names:\n  0:\n    - nose\n    - left_eye\n    - right_eye\n",
        "kpt_names: {0: ['nose', left_eye, right_eye]}\n",
    ],
)
def test_names_of_newer_files_are_read(make: Callable[..., Path], text: str) -> None:
    data = load(make(YAML.replace("flip_idx: [0, 2, 1]\n", "") + text))
    assert data.names == ("nose", "left_eye", "right_eye")
    assert (data.flip_pairs, data.mirrors) == (((1, 2),), True)


def test_too_few_names_are_said(make: Callable[..., Path]) -> None:
    data = load(make(YAML + "kpt_names: {0: [a, b]}\n"))
    assert data.names == ("0", "1", "2")
    assert any("kpt_names has no 3 different names" in note for note in data.notes)


def test_a_box_alone_has_no_points(make: Callable[..., Path]) -> None:
    data = load(make(line=LINE + "0 0.5 0.5 0.2 0.2\n"))
    assert len(data.train) == 1
    assert any("persons have no labelled point" in note for note in data.notes)


def test_a_set_of_boxes_is_none_of_keypoints(make: Callable[..., Path]) -> None:
    root = make("train: images/train\nval: images/val\nnames: ['人']\n", "0 0.5 0.5 0.5 0.8\n")
    assert not looks_like_keypoints(root)


@pytest.mark.parametrize(
    ("yaml", "line", "message"),
    [
        (YAML.replace("[3, 3]", "[3]"), LINE, "kpt_shape is"),
        (YAML.replace("[3, 3]", "[3, 4]"), LINE, "kpt_shape is"),
        (YAML.replace("[0, 2, 1]", "[0, 2]"), LINE, "flip_idx is no exchange of 3 points"),
        (YAML.replace("[0, 2, 1]", "[1, 2, 0]"), LINE, "flip_idx is no exchange of 3 points"),
        (YAML, "0 0.5 0.5 0.5 0.8 0.5 0.25 2\n", r"txt:1: expected 14 numbers \(kpt_shape: \[3, 3\]\), found 8"),
        (YAML, LINE.replace("0.25", "x"), "expected 14 numbers"),
        (YAML, "7" + LINE[1:], "there is no class 7"),
        (YAML, LINE.replace("0.25 2", "250 2"), "point 0 lies at 0.5, 250, and shares"),
    ],
)
def test_what_is_wrong_is_named(
    make: Callable[..., Path], refused: Refused, yaml: str, line: str, message: str
) -> None:
    with refused(DatasetInvalid, message):
        load(make(yaml, line))
