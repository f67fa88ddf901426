"""Left and right by name, and where a skeleton counts from."""

from __future__ import annotations

import pytest

from BaseDT.dataset.keypoint_names import sides, skeleton_of

SIDED = ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
COCO = ["nose", *(f"{side}_{part}" for part in SIDED for side in ("left", "right"))]


def test_pairs_of_coco() -> None:
    pairs, mirrors = sides(COCO)
    assert pairs == tuple((index, index + 1) for index in range(1, 17, 2))
    assert mirrors


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left_eye", "right_eye"),
        ("Left Eye", "Right Eye"),
        ("l_eye", "r_eye"),
        ("eye_L", "eye_R"),
        ("eye.l", "eye.r"),
        ("leftEye", "rightEye"),
        ("EyeLeft", "EyeRight"),
        ("LEye", "REye"),
        ("lefteye", "righteye"),
        ("LSHO", "RSHO"),
        ("左眼", "右眼"),
        ("眼（左）", "眼（右）"),
        ("left_eye_1", "right_eye_1"),
        ("LEFT_EYE", "RIGHT_EYE"),
    ],
)
def test_the_two_sides_of_a_pair_are_known(left: str, right: str) -> None:
    assert sides((right, "nose", left)) == (((2, 0),), True)


@pytest.mark.parametrize(
    "names", [("0", "1"), ("head", "tail"), ("bright", "slight"), ("LOW", "ROW2"), ("头", "尾"), ("左右", "右左"), ()]
)
def test_names_that_tell_nothing_give_no_pairs(names: tuple[str, ...]) -> None:
    assert sides(names) == ((), False)


def test_a_side_without_its_partner_forbids_mirrored_pictures() -> None:
    assert sides(("left_eye", "right_eye", "left_hand")) == (((0, 1),), False)
    assert sides(("left_hand", "nose")) == ((), False)
    assert sides(("left_eye", "right_eye", "bright_spot")) == (((0, 1),), True)


def test_a_point_is_in_one_pair_only() -> None:
    pairs, _ = sides(("left_eye", "right_eye", "l_eye", "r_eye"))
    assert len({number for pair in pairs for number in pair}) == 2 * len(pairs)


def test_a_skeleton_counts_from_one() -> None:
    assert skeleton_of([[1, 2], [2, 3]], 3, "train.json") == (((0, 1), (1, 2)), [])


def test_a_skeleton_with_a_0_counts_from_there() -> None:
    lines, (note,) = skeleton_of([[0, 1], [1, 2]], 3, "train.json")
    assert lines == ((0, 1), (1, 2))
    assert "counted from 0" in note


def test_a_skeleton_that_does_not_tell_is_said_to_count_from_one() -> None:
    lines, (note,) = skeleton_of([[2, 3]], 5, "train.json")
    assert lines == ((1, 2),)
    assert "counted from 1" in note


def test_a_skeleton_with_0_and_the_last_is_named() -> None:
    lines, (note,) = skeleton_of([[0, 1], [2, 3]], 3, "train.json")
    assert lines == ((0, 1),)
    assert "both 0 and 3" in note


@pytest.mark.parametrize("value", [[[1, 2], [1, 9]], [[1, 2], "x"], [[1, 2], [1, 2]], [[1, 2], [3, 3]], [[1, 2], [1]]])
def test_lines_that_are_none_are_left_out_and_counted(value: object) -> None:
    lines, (note,) = skeleton_of(value, 3, "train.json")
    assert lines == ((0, 1),)
    assert "1 entries of the skeleton" in note


@pytest.mark.parametrize("value", [None, []])
def test_no_skeleton_is_no_mistake(value: object) -> None:
    assert skeleton_of(value, 3, "train.json") == ((), [])


@pytest.mark.parametrize("value", ["1-2", {"a": 1}, 5])
def test_a_skeleton_that_is_none_is_named(value: object) -> None:
    lines, notes = skeleton_of(value, 3, "train.json")
    assert lines == ()
    assert len(notes) == 1
