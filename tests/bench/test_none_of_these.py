"""The arithmetic of ``bench.none_of_these``."""

from __future__ import annotations

import pytest
from bench.none_of_these import calibration_error, figures, foreign_classes


def test_scores_that_say_how_often_they_are_right_have_no_error() -> None:
    assert calibration_error([0.75] * 4 + [1.0] * 2, [True, True, True, False, True, True]) == pytest.approx(0)


def test_a_score_of_90_that_is_right_half_of_the_time_is_40_points_off() -> None:
    assert calibration_error([0.9] * 4, [True, False] * 2) == pytest.approx(40)


def test_errors_of_bins_do_not_cancel() -> None:
    assert calibration_error([0.9, 0.9, 0.4, 0.4], [True, False, True, True]) == pytest.approx(50)


def test_each_seed_leaves_out_the_next_classes() -> None:
    assert [foreign_classes("abcde", 2, seed) for seed in (1, 2, 3)] == [["a", "b"], ["c", "d"], ["e", "a"]]


def test_shares_are_in_percent() -> None:
    own = [(True, 0.9, False), (True, 0.5, True), (False, 0.4, True), (True, 0.8, False)]
    told = figures(own, [0.9] * 4, [True, True, True, False])
    assert told["top1"] == 75
    assert told["kept_right"] == pytest.approx(200 / 3)
    assert (told["kept_own"], told["rejected_foreign"]) == (50, 75)
