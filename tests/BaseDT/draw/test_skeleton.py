"""Skeletons on pictures: sides and fingers in their colours, unsure points faint, any picture, meshes thin."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from BaseDT import draw
from BaseDT.draw.skeleton import LEFT, MIDDLE, RIGHT
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.results import KeypointsResult
from BaseDT.results.skeletons import FACE468, HAND21

GRAY = np.full((300, 400, 3), 90, np.uint8)
NAMES = ("left_hand", "right_hand", "head")
POINTS = np.array([[300.5, 200.5], [100.5, 200.5], [200.5, 50.5]])
PERSON = KeypointsResult(POINTS, np.ones(3), names=NAMES, skeleton=((0, 2), (1, 2)))


def changed(**fields: Any) -> KeypointsResult:
    return dataclasses.replace(PERSON, **fields)


def drawn(*people: KeypointsResult, picture: Pixels = GRAY, **settings: Any) -> Pixels:
    return draw.keypoints(picture, people, **{"labels": False, **settings})


def count(picture: Pixels, colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=2).sum())


def test_left_right_and_middle_have_their_colours() -> None:
    picture = drawn(PERSON)
    assert tuple(picture[200, 300]) == LEFT
    assert tuple(picture[200, 100]) == RIGHT
    assert tuple(picture[50, 200]) == MIDDLE
    assert tuple(picture[125, 250]) == LEFT  # the bone to the head
    assert tuple(picture[125, 150]) == RIGHT


def test_a_bone_across_the_body_has_the_colour_of_the_middle() -> None:
    picture = drawn(changed(skeleton=((0, 1),)))
    assert tuple(picture[200, 200]) == MIDDLE


def test_each_finger_of_a_hand_has_a_colour_of_its_own() -> None:
    points = np.stack([20 + 17.0 * np.arange(21), np.full(21, 100.0)], axis=1)
    picture = drawn(KeypointsResult(points, np.ones(21), names=HAND21.names))
    tips = {tuple(picture[99, int(points[tip, 0])]) for tip in (4, 8, 12, 16, 20)}
    assert len(tips) == 5


def test_points_without_a_side_have_the_colour_of_the_class() -> None:
    picture = drawn(changed(names=("a", "b", "c"), label=2))
    assert tuple(picture[200, 300]) == draw.class_colour(2)


def test_unsure_points_are_faint_and_those_nobody_believes_are_left_out() -> None:
    sure, faint, gone = (drawn(changed(scores=np.array([score, 1, 1]))) for score in (0.9, 0.2, 0.1))
    left = np.s_[100:250, 220:350]  # the left hand, and most of the bone that leads there
    assert 0 < (faint != GRAY)[left].sum() < (sure != GRAY)[left].sum() / 2
    assert not (gone != GRAY)[left].any()
    assert count(gone, RIGHT) == count(sure, RIGHT)
    assert count(drawn(changed(scores=np.zeros(3)), threshold=0.0), LEFT) == 0  # a score of 0 is no point


def test_the_threshold_says_who_is_sure() -> None:
    unsure = changed(scores=np.full(3, 0.4))
    assert count(drawn(unsure), LEFT) > count(drawn(unsure, threshold=0.6), LEFT)


def test_the_surest_is_drawn_on_top() -> None:
    above = changed(score=0.9, names=("a", "b", "c"), label=3)
    below = changed(score=0.5, names=("a", "b", "c"), label=4)
    for people in ((above, below), (below, above)):
        assert tuple(drawn(*people)[200, 300]) == draw.class_colour(3)


def test_the_picture_of_the_caller_stays_as_it_is() -> None:
    before = GRAY.copy()
    drawn(PERSON, labels=True)
    assert np.array_equal(before, GRAY)


def test_nobody_is_nothing_drawn() -> None:
    assert np.array_equal(drawn(labels=True), GRAY)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 900, 3), (900, 3, 3), (20, 30), (2000, 1500, 3)])
@pytest.mark.parametrize("enlarge", [True, False])
def test_pictures_of_any_size_are_drawn_on(shape: tuple[int, ...], enlarge: bool) -> None:
    size = np.array(shape[1::-1])
    person = KeypointsResult(
        np.array([[0.1, 0.1], [0.9, 0.2], [0.5, 0.9]]) * size, np.ones(3), skeleton=((0, 1), (1, 2))
    )
    picture = drawn(person, picture=np.zeros(shape, np.uint8), labels=True, enlarge=enlarge)
    assert picture.ndim == 3
    assert picture.any()
    if not enlarge:
        assert picture.shape[:2] == shape[:2]


def test_small_pictures_become_larger_and_the_points_with_them() -> None:
    picture = drawn(KeypointsResult([[10.5, 10.5], [30.5, 30.5]], np.ones(2)), picture=np.zeros((40, 40, 3), np.uint8))
    assert picture.shape == (240, 240, 3)
    assert tuple(picture[63, 63]) == draw.class_colour(0)


def test_points_far_outside_the_picture_draw_what_is_inside() -> None:
    outside = changed(points=np.array([[1e9, 200], [-1e9, 200], [200, -1e12]]))
    assert drawn(outside, labels=True).shape == GRAY.shape
    half = drawn(changed(points=np.array([[300.5, 200.5], [100.5, 200.5], [200.5, -150.0]])))
    assert count(half, LEFT) > 0


def test_names_scores_and_numbers_are_written_where_asked_for() -> None:
    plain, labelled = drawn(PERSON), drawn(PERSON, labels=True)
    numbered = drawn(changed(number=7), labels=True)
    assert not np.array_equal(plain, labelled)
    assert not np.array_equal(labelled, numbered)


def test_a_label_does_not_hide_the_head() -> None:
    assert tuple(drawn(PERSON, labels=True)[50, 200]) == MIDDLE


def test_a_mesh_is_thin() -> None:
    angles = np.linspace(0, 2 * np.pi, 468)
    points = np.stack([200 + 100 * np.cos(angles), 150 + 100 * np.sin(angles)], axis=1)
    face = KeypointsResult(points, np.ones(468), names=FACE468.names, skeleton=())
    changed_pixels = (drawn(face) != GRAY).any(axis=2).sum()
    assert 300 < changed_pixels <= 468


def test_the_mesh_is_left_out_where_it_leaves_the_picture() -> None:
    points = np.random.default_rng(0).uniform(-500, 900, (468, 2))
    face = KeypointsResult(points, np.ones(468), names=FACE468.names, skeleton=FACE468.bones)
    assert drawn(face).shape == GRAY.shape


@pytest.mark.parametrize("picture", [None, GRAY.astype(float), np.zeros((0, 3, 3), np.uint8), GRAY[..., :2], "a.jpg"])
def test_what_is_no_picture_is_refused(picture: Any) -> None:
    with pytest.raises(ParameterInvalid):
        draw.keypoints(picture, [PERSON])


def test_one_skeleton_is_put_in_one_colour() -> None:
    canvas = GRAY.copy()
    draw.put_skeleton(canvas, POINTS, np.array([True, True, False]), ((0, 1), (1, 2)), (1, 2, 3))
    assert tuple(canvas[200, 200]) == (1, 2, 3)
    assert tuple(canvas[125, 150]) == (90, 90, 90)  # one end is not seen
