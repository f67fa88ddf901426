"""Anchors, detections, regions and the filter of the tasks that need no training."""

from __future__ import annotations

import math

import numpy as np
import pytest

from BaseDT.geometry.regions import RotatedRegion
from XEdu.presets import anchors, regions, subjects
from XEdu.presets.located import MERGED_IOU, Located, decoded, merged
from XEdu.presets.networks import refined
from XEdu.presets.one_euro import OneEuro

FACE, PALM = subjects.FACE.detectors[0][1], subjects.HAND.detectors[0][1]


# --- anchors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "count"),
    [
        (subjects.FACE.detectors[0][1], 896),
        (subjects.FACE.detectors[1][1], 2304),
        (subjects.HAND.detectors[0][1], 2016),
        (subjects.BODY.detectors[0][1], 2254),
    ],
)
def test_there_is_an_anchor_for_each_output(design: object, count: int) -> None:
    middles = design.anchors  # type: ignore[attr-defined]
    assert middles.shape == (count, 2)
    assert middles.min() > 0
    assert middles.max() < 1


def test_layers_of_one_stride_share_their_cells() -> None:
    middles = anchors.centres(32, (8, 16, 16), 2)
    assert len(middles) == 2 * 4 * 4 + 4 * 2 * 2
    assert np.allclose(middles[:3], [(0.125, 0.125), (0.125, 0.125), (0.375, 0.125)])  # x runs first
    assert np.allclose(middles[32:36], (0.25, 0.25))  # four in the first cell of 16


# --- detections -------------------------------------------------------------------------------------------------------


def _raw(**cells: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Outputs of a palm detector: by number of the anchor (``a5``) a logit, and the side of the box."""
    raw, logits = np.zeros((2016, 18), np.float32), np.full(2016, -50, np.float32)
    for cell, (logit, side) in cells.items():
        number = int(cell[1:])
        logits[number], raw[number, 2:4], raw[number, 4:6] = logit, side, (3, -2)
    return raw, logits


def test_a_box_lies_around_its_anchor_with_its_points() -> None:
    (found,) = decoded(*_raw(a100=(2.0, 30)), PALM.anchors, 192, 0.5)
    middle = PALM.anchors[100] * 192
    assert np.allclose(found.box, [*(middle - 15), *(middle + 15)])
    assert np.allclose(found.points[0], middle + np.array([3, -2]))
    assert found.score == pytest.approx(1 / (1 + math.exp(-2)))


@pytest.mark.parametrize("broken", [(2.0, -30), (2.0, np.nan), (np.nan, 30), (-9.0, 30)])
def test_what_is_unsure_or_no_box_is_nothing(broken: tuple[float, float]) -> None:
    assert decoded(*_raw(a100=broken), PALM.anchors, 192, 0.5) == []


def test_overlapping_boxes_become_one_between_them() -> None:
    boxes = np.array([(0, 0, 10, 10), (2, 0, 12, 10), (50, 50, 60, 60)], float)
    points = np.array([[(5, 5)], [(7, 5)], [(55, 55)]], float)
    first, second = merged(boxes, points, np.array([0.9, 0.3, 0.6]))
    assert np.allclose(first.box, (0.5, 0, 10.5, 10))  # three quarters of the surer one
    assert np.allclose(first.points, (5.5, 5))
    assert (first.score, second.score) == (0.9, 0.6)


def test_boxes_that_hardly_overlap_stay_two() -> None:
    shift = 10 * (1 - MERGED_IOU)  # an IoU of less than the bound
    boxes = np.array([(0, 0, 10, 10), (shift, 0, 10 + shift, 10)])
    assert len(merged(boxes, np.zeros((2, 1, 2)), np.array([0.9, 0.8]))) == 2


def test_a_logit_of_any_size_is_a_probability() -> None:
    (found,) = decoded(*_raw(a0=(1e30, 30)), PALM.anchors, 192, 0.5)
    assert found.score == 1


# --- regions ----------------------------------------------------------------------------------------------------------


def _palm(angle: float) -> Located:
    """A palm whose middle finger points up, turned clockwise."""
    up = np.array([math.sin(angle), -math.cos(angle)])
    middle = np.array([100.0, 80.0])
    points = np.tile(middle, (7, 1))
    points[0], points[2] = middle - 10 * up, middle + 10 * up
    return Located(0.9, np.array([80.0, 60.0, 120.0, 100.0]), points)


@pytest.mark.parametrize("degrees", [0, 30, 90, 180, -120])
def test_the_region_of_a_palm_is_turned_and_moved_to_the_fingers(degrees: int) -> None:
    angle = math.radians(degrees)
    region = regions.of_palm(_palm(angle))
    assert math.remainder(region.angle - angle, 2 * math.pi) == pytest.approx(0, abs=1e-9)
    assert (region.width, region.height) == pytest.approx((104, 104))  # 2.6 times the palm
    up = np.array([math.sin(angle), -math.cos(angle)])
    assert np.allclose((region.x, region.y), np.array([100, 80]) + 20 * up)  # by half the palm
    wrist, finger = region.points_to_input(_palm(angle).points[[0, 2]], (224, 224))
    assert wrist[1] > finger[1]
    assert wrist[0] == pytest.approx(finger[0])


@pytest.mark.parametrize("degrees", [0, 60, 180, -100])
def test_the_next_region_of_a_hand_turns_with_it(degrees: int) -> None:
    hand = np.zeros((21, 2))
    hand[0] = 0, 40
    for finger in range(5):
        hand[1 + 4 * finger : 5 + 4 * finger] = [(20 * finger - 40, -10 * joint) for joint in range(4)]
    turn = RotatedRegion(300, 200, 1, 1, math.radians(degrees))
    upright = regions.of_hand(hand)
    turned = regions.of_hand(turn.points_to_picture(hand + 0.5, (1, 1)))
    assert turned.width == pytest.approx(upright.width)
    assert math.remainder(turned.angle - upright.angle - turn.angle, 2 * math.pi) == pytest.approx(0, abs=1e-9)
    expected = turn.points_to_picture(np.array([upright.x, upright.y]) + 0.5, (1, 1))
    assert np.allclose((turned.x, turned.y), expected)


def test_eyes_lie_level_in_the_region_of_a_face() -> None:
    points = np.array([(10, 10), (20, 20), (15, 25), (14, 28), (0, 0), (0, 0)], float)
    region = regions.of_detected_face(Located(0.9, np.array([0, 0, 40, 30.0]), points))
    assert region.angle == pytest.approx(math.pi / 4)
    assert (region.width, region.x, region.y) == pytest.approx((60, 20, 15))


def test_the_region_of_a_body_is_the_circle_around_its_hips() -> None:
    points = np.array([(100, 100), (100, 20), (0, 0), (0, 0)], float)
    region = regions.of_detected_body(Located(0.9, np.zeros(4), points))
    assert (region.x, region.y, region.width, region.angle) == pytest.approx((100, 100, 200, 0))
    beyond = np.zeros((39, 2))
    beyond[33:35] = points[:2]
    assert regions.of_body(beyond) == region


def test_a_detector_sees_the_whole_picture_in_its_middle() -> None:
    region = regions.whole(100, 200)
    assert np.allclose(region.points_to_input([(0, 0), (200, 100)], (192, 192)), [(0, 48), (192, 144)])


def test_heat_moves_a_point_to_its_middle_and_too_little_does_not() -> None:
    heat = np.full((2, 64, 64), -20, np.float32)
    heat[0, 30, 22] = 5
    moved = refined(np.array([(20.5 / 64, 31.5 / 64), (0.3, 0.3)]), heat)
    assert np.allclose(moved, [(22 / 64, 30 / 64), (0.3, 0.3)], atol=1e-3)
    outside = np.array([(1.5, 0.5), (-0.1, 0.2)])
    assert np.array_equal(refined(outside, heat), outside)


# --- points -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", [subjects.HAND, subjects.FACE, subjects.BODY])
def test_every_point_of_a_result_has_a_name(subject: subjects.Subject) -> None:
    assert len(subject.skeleton.names) == subject.count <= subject.design.points


# --- the filter -------------------------------------------------------------------------------------------------------


def test_noise_of_an_object_at_rest_is_smoothed() -> None:
    random, smooth = np.random.default_rng(0), OneEuro()
    noisy = 100 + random.normal(0, 1, (120, 21, 3))
    filtered = np.stack([smooth(points, frame / 30, 200) for frame, points in enumerate(noisy)])
    assert filtered[30:].std() < noisy[30:].std() / 2


def test_points_of_a_fast_object_keep_up() -> None:
    smooth, size = OneEuro(), 200.0
    for frame in range(60):
        true = np.full((21, 3), 5 * size * frame / 30)  # five of its sizes a second
        filtered = smooth(true, frame / 30, size)
    assert np.abs(filtered - true).max() < 0.1 * size


def test_a_clock_that_stands_still_or_goes_back_breaks_nothing() -> None:
    smooth = OneEuro()
    for seconds in (5.0, 5.0, 4.0, 4.1):
        assert np.isfinite(smooth(np.full((2, 3), seconds), seconds, 0.0)).all()


def test_what_is_returned_is_not_the_filters_own_memory() -> None:
    smooth, points = OneEuro(), np.ones((2, 3))
    smooth(points, 0.0, 10.0)[:] = 99
    points[:] = 77
    assert smooth(np.ones((2, 3)), 0.1, 10.0) == pytest.approx(1)
