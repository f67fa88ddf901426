"""PCK and OKS: what is right, what does not count, and what cannot be said."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from BaseDT.errors import ParameterInvalid
from BaseDT.metrics import keypoints as metrics
from BaseDT.metrics.keypoints import PoseTruth
from BaseDT.results.skeletons import BODY17

NAMES = ("left_shoulder", "right_hip", "nose")
TRUTH = np.array([[[10, 10, 2], [40, 50, 1], [20, 5, 2]], [[0, 0, 0], [100, 100, 2], [50, 80, 2]]], np.float64)
BOXES = np.array([[0, 0, 50, 100], [0, 0, 200, 100]], np.float64)
SIZES = metrics.sizes_of(BOXES, TRUTH, NAMES)


def moved(*by: float) -> np.ndarray:
    """The true points, each person's moved right by so many pixels."""
    return TRUTH[:, :, :2] + np.array(by)[:, None, None] * [1.0, 0.0]


def test_distances_are_measured_by_the_larger_side_of_the_box() -> None:
    assert SIZES.tolist() == [100, 200]
    assert metrics.errors(moved(10, 10), TRUTH, SIZES)[:, 2] == pytest.approx([0.1, 0.05])


def test_points_that_nobody_labelled_do_not_count() -> None:
    result = metrics.pck(metrics.errors(moved(0, 0), TRUTH, SIZES))
    assert result.counts.tolist() == [1, 2, 2]
    assert result.pck == 1.0


def test_a_point_is_right_within_alpha_of_the_size_and_not_beyond() -> None:
    at_the_edge, beyond = (metrics.errors(moved(shift, 0), TRUTH, SIZES) for shift in (20.0, 20.1))
    assert metrics.pck(at_the_edge).pck == 1.0
    result = metrics.pck(beyond)
    assert result.hits.tolist() == [0, 1, 1]
    assert result.pck == pytest.approx(2 / 5)
    assert result.per_point == [0.0, 0.5, 0.5]
    assert result.mean == pytest.approx(1 / 3)
    assert metrics.pck(beyond, 0.25).pck == 1.0


def test_a_person_that_was_not_found_is_wrong_at_every_labelled_point() -> None:
    found = moved(0, 0)
    found[0] = np.nan
    distances = metrics.errors(found, TRUTH, SIZES)
    assert np.isinf(distances[0]).all()
    assert np.isnan(distances[1, 0])
    assert metrics.pck(distances).pck == pytest.approx(2 / 5)


def test_where_nothing_is_labelled_there_is_nothing_to_say() -> None:
    nothing = TRUTH * [1, 1, 0]
    result = metrics.pck(metrics.errors(moved(0, 0), nothing, SIZES))
    assert (result.pck, result.mean, result.per_point) == (None, None, [None] * 3)
    empty = metrics.pck(metrics.errors(np.zeros((0, 3, 2)), np.zeros((0, 3, 3)), np.zeros(0)))
    assert empty.pck is None


def test_a_size_of_nothing_tells_nothing() -> None:
    distances = metrics.errors(moved(5, 5), TRUTH, np.array([0.0, np.nan]))
    assert np.isnan(distances).all()


def test_sizes_by_the_torso_and_the_head_where_the_points_have_such_names() -> None:
    torso = metrics.sizes_of(BOXES, TRUTH, NAMES, "torso")
    assert torso[0] == 50.0
    assert math.isnan(torso[1])  # its shoulder is not labelled
    head = metrics.sizes_of(BOXES, TRUTH, ("Head_Top", "x", "neck"), "head")
    assert head[0] == pytest.approx(math.hypot(10, 5))


def test_a_torso_is_taken_from_the_other_side_where_one_is_hidden() -> None:
    names = ("left_shoulder", "right_hip", "right_shoulder", "left_hip")
    truth = np.array([[[0, 0, 0], [9, 9, 2], [10, 10, 2], [10, 70, 2]], [[0, 0, 2], [30, 40, 2], [0, 9, 2], [9, 9, 2]]])
    assert metrics.sizes_of(BOXES, truth.astype(float), names, "torso").tolist() == [60, 50]


@pytest.mark.parametrize("by", ["torso", "head"])
def test_lengths_without_their_points_are_refused(by: Any) -> None:
    with pytest.raises(ParameterInvalid, match="by="):
        metrics.sizes_of(BOXES, TRUTH, ("a", "b", "c"), by)


@pytest.mark.parametrize("by", ["hand", "", None, 3])
def test_unknown_lengths_are_refused(by: Any) -> None:
    with pytest.raises(ParameterInvalid):
        metrics.sizes_of(BOXES, TRUTH, NAMES, by)


@pytest.mark.parametrize("alpha", [0, -1, math.nan, math.inf, "0.2", None, True])
def test_an_alpha_that_is_no_share_is_refused(alpha: Any) -> None:
    with pytest.raises(ParameterInvalid, match="alpha"):
        metrics.pck(np.zeros((1, 3)), alpha)


@pytest.mark.parametrize(
    ("found", "truth", "sizes"),
    [((2, 3, 3), (2, 3, 3), (2,)), ((2, 2, 2), (2, 3, 3), (2,)), ((2, 3, 2), (2, 3, 3), (3,)), ((3, 2), (3, 3), ())],
)
def test_arrays_that_do_not_fit_are_refused(found: Any, truth: Any, sizes: Any) -> None:
    with pytest.raises(ParameterInvalid, match="do not fit"):
        metrics.errors(np.zeros(found), np.zeros(truth), np.zeros(sizes))


# --- OKS --------------------------------------------------------------------------------------------------------------


def person(count: int = 3, area: float = 10000.0, **more: Any) -> PoseTruth:
    points = np.array([[[10.0 * n, 5.0 * n, 2] for n in range(1, count + 1)]])
    return PoseTruth(points, np.array([[0.0, 0, 100, 100]]), np.array([area]), **more)


def answer(truth: PoseTruth, shift: float = 0.0, score: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    return truth.points[:, :, :2] + [shift, 0.0], np.full(len(truth.points), score)


def test_who_is_found_exactly_gives_one() -> None:
    result = metrics.oks_ap([answer(person())] * 2, [person()] * 2, (0.05,) * 3)
    assert result == {"AP": 1.0, "AP_50": 1.0, "AP_75": 1.0, "AP_m": None, "AP_l": 1.0}


def test_similarity_is_the_formula_of_coco() -> None:
    # exp(-d² / (2 · area · (2σ)²)) = 0.72: right at the thresholds 0.50 to 0.70, wrong at 0.75 and above.
    shift = math.sqrt(-math.log(0.72) * 2 * 10000 * 0.1**2)
    result = metrics.oks_ap([answer(person(), shift)], [person()], (0.05,) * 3)
    assert result["AP"] == pytest.approx(0.5)
    assert (result["AP_50"], result["AP_75"]) == (1.0, 0.0)


def test_unlabelled_points_do_not_count_and_persons_without_points_are_nobody() -> None:
    truth = person()
    truth.points[0, 0, 2] = 0
    found = answer(truth)
    found[0][0, 0] += 500
    assert metrics.oks_ap([found], [truth], (0.05,) * 3)["AP"] == 1.0
    truth.points[0, :, 2] = 0
    assert set(metrics.oks_ap([found], [truth], (0.05,) * 3).values()) == {None}


def test_nobody_found_is_nothing_and_nobody_there_is_no_number() -> None:
    nobody = (np.zeros((0, 3, 2)), np.zeros(0))
    empty = PoseTruth(np.zeros((0, 3, 3)), np.zeros((0, 4)), np.zeros(0))
    assert metrics.oks_ap([nobody], [person()], (0.05,) * 3)["AP"] == 0.0
    assert metrics.oks_ap([nobody], [empty], (0.05,) * 3)["AP"] is None
    assert metrics.oks_ap([], [], (0.05,) * 3)["AP"] is None


def test_groups_count_neither_way() -> None:
    crowd = person(crowd=np.array([True]))
    assert metrics.oks_ap([answer(crowd)] * 2, [crowd, person()], (0.05,) * 3)["AP"] == 1.0


def test_false_alarms_that_are_surer_cost() -> None:
    truth = person()
    points, scores = answer(truth, 0.0, 0.5)
    found = (np.concatenate([points + 400, points]), np.array([0.9, *scores]))
    assert metrics.oks_ap([found], [truth], (0.05,) * 3)["AP"] == pytest.approx(0.5, abs=0.01)


def test_sizes_are_judged_by_the_area() -> None:
    result = metrics.oks_ap([answer(person(area=2500.0))], [person(area=2500.0)], (0.05,) * 3)
    assert (result["AP_m"], result["AP_l"]) == (1.0, None)


def test_what_is_no_number_is_nobody() -> None:
    points, scores = answer(person())
    assert metrics.oks_ap([(points * np.nan, scores)], [person()], (0.05,) * 3)["AP"] == 0.0


def test_cocos_body_has_cocos_sigmas_and_all_others_the_same() -> None:
    assert metrics.sigmas_of(BODY17.names)[0] == 0.026
    assert len(metrics.sigmas_of(BODY17.names)) == 17
    assert metrics.sigmas_of(("a", "b")) == (0.05, 0.05)


@pytest.mark.parametrize("sigmas", [(0.05,) * 2, (0.05, 0.05, 0), (0.05, 0.05, -1)])
def test_sigmas_that_do_not_fit_are_refused(sigmas: tuple[float, ...]) -> None:
    with pytest.raises(ParameterInvalid):
        metrics.oks_ap([answer(person())], [person()], sigmas)


def test_answers_for_other_pictures_are_refused() -> None:
    with pytest.raises(ParameterInvalid, match="2 pictures"):
        metrics.oks_ap([answer(person())] * 2, [person()], (0.05,) * 3)
    points, _ = answer(person())
    with pytest.raises(ParameterInvalid):
        metrics.oks_ap([(points, np.zeros(2))], [person()], (0.05,) * 3)
