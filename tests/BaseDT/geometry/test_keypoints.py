"""Points as numbers to learn from: the same wherever, however large, and if asked however turned."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from BaseDT.errors import ParameterInvalid
from BaseDT.geometry import keypoints
from BaseDT.results import KeypointsResult
from BaseDT.results.skeletons import BODY17, HAND21

HAND = np.random.default_rng(0).uniform(0, 100, (21, 2))
BODY = np.random.default_rng(1).uniform(0, 100, (17, 2))
FORMS = [(HAND, HAND21.names), (BODY, BODY17.names), (BODY[:5], ("a", "b", "c", "d", "e"))]


def turned(points: npt.NDArray[np.float64], angle: float) -> npt.NDArray[np.float64]:
    """Clockwise, as one looks at a picture."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return points @ np.array([[cosine, sine], [-sine, cosine]])


@pytest.mark.parametrize(("points", "names"), FORMS)
def test_place_and_size_are_left_out(points: Any, names: Any) -> None:
    for upright in (False, True):
        first = keypoints.normalised(points, names, upright=upright)
        assert keypoints.normalised(points * 3.7 + [500, -80], names, upright=upright) == pytest.approx(first)


def test_a_hand_begins_at_its_wrist_and_its_palm_is_one() -> None:
    placed = keypoints.normalised(HAND, HAND21.names)
    assert placed[0].tolist() == [0, 0]
    assert np.linalg.norm(placed[9]) == pytest.approx(1)


def test_a_body_begins_between_its_hips_and_its_torso_is_one() -> None:
    placed = keypoints.normalised(BODY, BODY17.names)
    assert placed[[11, 12]].mean(axis=0) == pytest.approx([0, 0])
    assert np.linalg.norm(placed[[5, 6]].mean(axis=0)) == pytest.approx(1)


def test_a_figure_with_a_neck_is_measured_by_it() -> None:
    names = ("neck", "left_hip", "right_hip")
    placed = keypoints.normalised([[0, -10], [-5, 10], [5, 10]], names)
    assert placed == pytest.approx(np.array([[0, -1], [-0.25, 0], [0.25, 0]]))


def test_turning_counts_unless_it_is_left_out() -> None:
    for points, names in FORMS[:2]:
        other = turned(points, 1.1)
        straight = keypoints.normalised(points, names, upright=True)
        assert keypoints.normalised(other, names, upright=True) == pytest.approx(straight)
        assert keypoints.normalised(other, names) != pytest.approx(keypoints.normalised(points, names))


def test_upright_is_palm_up() -> None:
    placed = keypoints.normalised(turned(HAND, 2.0), HAND21.names, upright=True)
    assert placed[9] == pytest.approx([0, -1])


def test_a_mirrored_left_hand_is_a_right_one() -> None:
    mirrored = HAND * [-1, 1] + [300, 0]
    for upright in (False, True):
        right = keypoints.features(HAND, HAND21.names, HAND21.bones, upright=upright)
        left = keypoints.features(mirrored, HAND21.names, HAND21.bones, upright=upright, mirror=True)
        assert left == pytest.approx(right, abs=1e-5)


def test_a_stretched_joint_is_one_and_a_folded_one_nothing() -> None:
    bones = ((0, 1), (1, 2))
    assert keypoints.bend_angles([[0, 0], [1, 0], [2, 0]], bones) == pytest.approx([1.0])
    assert keypoints.bend_angles([[0, 0], [1, 0], [1, 1]], bones) == pytest.approx([0.5])
    assert keypoints.bend_angles([[0, 0], [1, 0], [0, 0]], bones) == pytest.approx([0.0])


def test_angles_do_not_care_for_place_size_turn_or_mirror() -> None:
    first = keypoints.bend_angles(HAND, HAND21.bones)
    for other in (HAND * 5 - 3, turned(HAND, 2.2), HAND * [-1, 1]):
        assert keypoints.bend_angles(other, HAND21.bones) == pytest.approx(first)


def test_features_of_many_are_rows_of_named_numbers() -> None:
    many = keypoints.features(np.stack([HAND, HAND + 5]), HAND21.names, HAND21.bones)
    assert many.dtype == np.float32
    assert many.shape == (2, 68)
    assert many[0] == pytest.approx(many[1], abs=1e-5)
    names = keypoints.feature_names(HAND21.names, HAND21.bones)
    assert len(names) == 68
    assert names[:2] == ["wrist x", "wrist y"]
    assert "index_pip - index_mcp - wrist" in names or "wrist - index_mcp - index_pip" in names
    assert keypoints.features(HAND, HAND21.names).shape == (42,)


def test_points_in_one_place_are_nothing_and_no_accident() -> None:
    for upright in (False, True):
        same = keypoints.features(np.full((21, 2), 7.0), HAND21.names, HAND21.bones, upright=upright)
        assert not same.any()
    assert not keypoints.normalised(np.full((2, 2), 7.0), ("a", "b")).any()


@pytest.mark.parametrize(
    "points",
    [np.zeros((20, 2)), np.zeros((21, 3)), np.zeros(42), np.full((21, 2), np.nan), None, "x", [[1, 2], [3]],
     np.zeros((1, 1, 21, 2))],
)  # fmt: skip
def test_what_is_no_such_points_is_refused(points: Any) -> None:
    with pytest.raises(ParameterInvalid, match="21 names"):
        keypoints.features(points, HAND21.names)


def test_a_result_gives_its_features_and_left_hands_are_mirrored() -> None:
    right = KeypointsResult(HAND, np.ones(21), name="right", names=HAND21.names, skeleton=HAND21.bones)
    for name in ("left", "Left", "左手"):
        left = KeypointsResult(HAND * [-1, 1], np.ones(21), name=name, names=HAND21.names, skeleton=HAND21.bones)
        assert left.features() == pytest.approx(right.features(), abs=1e-5)
    assert right.features(upright=True) != pytest.approx(right.features())


def test_a_person_is_never_mirrored() -> None:
    person = KeypointsResult(BODY, np.ones(17), name="left", names=BODY17.names)
    assert person.features() == pytest.approx(keypoints.features(BODY, BODY17.names))


@pytest.mark.parametrize("value", [1, "yes", None])
def test_upright_is_yes_or_no(value: Any) -> None:
    with pytest.raises(ParameterInvalid, match="upright"):
        KeypointsResult(HAND, np.ones(21)).features(upright=value)
