"""IDF1 by hand: two objects in four pictures."""

from __future__ import annotations

import pytest

from BaseDT.metrics import idf1

LEFT, RIGHT, BESIDE = (0, 0, 10, 10), (20, 0, 30, 10), (7, 0, 17, 10)
TRUTH = [{1: LEFT, 2: RIGHT}] * 4


def test_whatever_the_numbers_are_called_kept_ones_are_right() -> None:
    assert idf1(TRUTH, [{7: LEFT, 3: RIGHT}] * 4) == 1


def test_numbers_that_change_places_halve_it() -> None:
    assert idf1(TRUTH, [{1: LEFT, 2: RIGHT}] * 2 + [{2: LEFT, 1: RIGHT}] * 2) == 0.5


def test_a_new_number_a_miss_and_a_false_alarm_cost_their_pictures() -> None:
    assert idf1(TRUTH, [{1: LEFT, 2: RIGHT}] * 3 + [{1: LEFT, 9: RIGHT}]) == pytest.approx(7 / 8)
    assert idf1(TRUTH, [{1: LEFT, 2: RIGHT}] * 3 + [{1: LEFT}]) == pytest.approx(14 / 15)
    assert idf1(TRUTH, [{1: LEFT, 2: RIGHT}] * 3 + [{1: LEFT, 2: BESIDE}]) == pytest.approx(14 / 16)


def test_where_nothing_is_and_nothing_is_said_all_is_right() -> None:
    assert idf1([{}], [{}]) == 1
    assert idf1([{}], [{1: LEFT}]) == 0
