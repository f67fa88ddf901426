"""Skeletons that everybody knows: as many points as they say, and what the names of points tell."""

from __future__ import annotations

import pytest

from BaseDT.results.point_names import finger_of, side_of
from BaseDT.results.skeletons import BODY17, BODY17_OF_33, BODY33, FACE468, HAND21, known


@pytest.mark.parametrize(("count", "bones"), [(17, 19), (21, 21), (33, 35), (468, 130)])
def test_each_has_so_many_points_and_bones_once_each(count: int, bones: int) -> None:
    skeleton = known(count)
    assert skeleton is not None
    assert len(skeleton.names) == len(set(skeleton.names)) == count
    assert len({frozenset(bone) for bone in skeleton.bones}) == len(skeleton.bones) == bones
    assert all(0 <= end < count for bone in skeleton.bones for end in bone)


def test_other_numbers_of_points_mean_nothing() -> None:
    assert known(8) is None


def test_cocos_body_is_a_part_of_blazeposes() -> None:
    assert tuple(BODY33.names[number] for number in BODY17_OF_33) == BODY17.names


def test_bones_join_what_belongs_together() -> None:
    joined = {frozenset((BODY17.names[a], BODY17.names[b])) for a, b in BODY17.bones}
    assert frozenset(("left_elbow", "left_wrist")) in joined
    assert frozenset(("left_hip", "right_hip")) in joined
    assert all(
        side_of(a) == side_of(b) or "" in (side_of(a), side_of(b))
        for a, b in (tuple(pair) for pair in joined)
        if a.split("_")[-1] != b.split("_")[-1]
    )
    assert (0, 5) in HAND21.bones
    assert (4, 5) not in HAND21.bones
    for a, b in HAND21.bones:
        same = finger_of(HAND21.names[a]) == finger_of(HAND21.names[b])
        assert same or HAND21.names[a] == "wrist" or {"mcp"} == {HAND21.names[n][-3:] for n in (a, b)}


def test_points_of_the_face_have_names_that_tell_where_they_are() -> None:
    assert FACE468.names[152] == "chin"
    assert FACE468.names[2] == "2"
    assert side_of(FACE468.names[263]) == "left"
    assert side_of(FACE468.names[70]) == "right"


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("left_eye", "left"), ("eye_R", "right"), ("LEye", "left"), ("rightKnee", "right"), ("左眼", "left"),
        ("右手腕", "right"), ("leftear", "left"), ("nose", ""), ("bright", ""), ("", ""), ("左右", ""),
        ("l_hip", "left"),
    ],
)  # fmt: skip
def test_names_tell_a_side(name: str, side: str) -> None:
    assert side_of(name) == side


@pytest.mark.parametrize(
    ("name", "finger"),
    [
        ("thumb_tip", 0),
        ("index_finger_mcp", 1),
        ("中指尖", 2),
        ("无名指", 3),
        ("pinky2", 4),
        ("wrist", None),
        ("", None),
    ],
)
def test_names_tell_a_finger(name: str, finger: int | None) -> None:
    assert finger_of(name) == finger
