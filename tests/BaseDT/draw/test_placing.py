"""Rectangles part until none covers another, and move no further than that."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT.draw.placing import separate

ROOM = (400, 300)


def _covering(centres, sizes):
    """Pairs that cover each other by more than a pixel."""
    over = (sizes[:, None] + sizes[None]) / 2 - np.abs(centres[:, None] - centres[None])
    return [(i, j) for i, j in np.argwhere((over > 1).all(axis=2)) if i < j]


def test_what_covers_nothing_stays():
    centres = np.array([[50.0, 50.0], [200.0, 50.0]])
    np.testing.assert_allclose(separate(centres, np.full((2, 2), 40.0), ROOM), centres, atol=0.01)


@pytest.mark.parametrize("count", [2, 3, 12])
def test_those_at_one_place_part(count):
    sizes = np.tile([60.0, 20.0], (count, 1))
    moved = separate(np.full((count, 2), 150.0), sizes, ROOM)
    assert not _covering(moved, sizes)


def test_many_at_random_part_and_stay_within_the_room():
    rng = np.random.default_rng(3)
    sizes = np.stack([rng.uniform(20, 60, 25), np.full(25, 18.0)], axis=1)
    moved = separate(rng.uniform(0, 300, (25, 2)), sizes, ROOM)
    assert not _covering(moved, sizes)
    assert (moved - sizes / 2 >= -0.01).all()
    assert (moved + sizes / 2 <= np.array(ROOM) + 0.01).all()


def test_they_go_the_shorter_way():
    moved = separate(np.array([[100.0, 100.0], [110.0, 118.0]]), np.full((2, 2), 20.0), ROOM)
    np.testing.assert_allclose(moved, [[100, 99], [110, 119]], atol=0.1)


def test_a_fixed_one_makes_the_others_go():
    centres = np.array([[100.0, 100.0], [105.0, 100.0]])
    moved = separate(centres, np.full((2, 2), 20.0), ROOM, fixed=1)
    assert tuple(moved[1]) == (105.0, 100.0)
    assert not _covering(moved, np.full((2, 2), 20.0))


def test_no_rounds_leave_them_where_they_are():
    centres = np.array([[100.0, 100.0], [105.0, 100.0]])
    np.testing.assert_allclose(separate(centres, np.full((2, 2), 20.0), ROOM, rounds=0), centres, atol=0.01)


def test_one_that_is_larger_than_the_room_does_no_harm():
    moved = separate(np.array([[10.0, 10.0]]), np.array([[900.0, 20.0]]), ROOM)
    assert np.isfinite(moved).all()
