"""A map of points: every point in its colour and on its side, names and numbers readable, pictures framed."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from BaseDT import draw
from BaseDT.draw import text

SIZE = (400, 500)
MODULE = importlib.import_module("BaseDT.draw.scatter")  # draw.scatter is its function


def _labels(*numbers: int):
    return np.array(numbers, dtype=np.int64)


def _places_of(pixels, colour):
    """(N, 2) of row and column of the pixels of a colour."""
    return np.argwhere((pixels == np.array(colour, dtype=np.uint8)).all(axis=2))


@pytest.fixture
def unnamed(monkeypatch):
    """Names that are boxes of one pixel: what is coloured are the points."""
    monkeypatch.setattr(MODULE, "text_box", lambda *_, **__: np.zeros((1, 1, 3), dtype=np.uint8))


def test_right_is_right_and_up_is_up(unnamed):
    pixels = draw.scatter(np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]]), _labels(0, 1, 2), "abc", size=SIZE)
    assert pixels.shape == (*SIZE, 3)
    low_left, right, top = (_places_of(pixels, draw.class_colour(label)).mean(axis=0) for label in range(3))
    assert right[1] > low_left[1] + 100
    assert abs(right[0] - low_left[0]) < 2
    assert top[0] < low_left[0] - 100


def test_each_point_has_the_same_area_and_none_is_cut(unnamed):
    rng = np.random.default_rng(1)
    pixels = draw.scatter(rng.normal(size=(30, 2)) * 1e6, _labels(*[0] * 29, 1), "ab", size=SIZE)
    assert len(_places_of(pixels, draw.class_colour(0))) > 0
    assert (pixels[1:-1, 1] == 255).all()
    assert (pixels[1:-1, -2] == 255).all()


def test_a_flat_cloud_is_stretched_a_little_and_stays_flat(unnamed):
    points = np.stack([np.linspace(0, 100, 50), np.linspace(0, 1, 50)], axis=1)
    rows, columns = np.ptp(
        _places_of(draw.scatter(points, _labels(*[0] * 50), "a", size=SIZE), draw.class_colour(0)), 0
    )
    assert columns > 5 * rows


@pytest.mark.parametrize("points", [[[3.0, 4.0]], [[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 5.0]]])
def test_one_point_or_all_at_one_place_are_in_the_middle(points, unnamed):
    pixels = draw.scatter(np.array(points), _labels(*[0] * len(points)), "a", size=SIZE)
    middle = _places_of(pixels, draw.class_colour(0)).mean(axis=0)
    np.testing.assert_allclose(middle, (SIZE[0] / 2, SIZE[1] / 2), atol=4)


def test_classes_beyond_the_colours_have_another_shape(unnamed):
    count = text.colours()
    assert draw.class_colour(0) == draw.class_colour(count)
    shapes = []
    for label in (0, count, 2 * count, 3 * count):
        pixels = draw.scatter(np.zeros((1, 2)), _labels(label), ["n"] * (3 * count + 1), size=SIZE)
        shapes.append(len(_places_of(pixels, draw.class_colour(0))))
    assert len(set(shapes)) == 4


def test_a_name_stands_in_the_middle_of_its_class(monkeypatch):
    named = {"cat": 71, "dog": 72}  # a Chinese name is a number where there is no font
    monkeypatch.setattr(MODULE, "text_box", lambda name, *_, **__: np.full((20, 60, 3), named[name], dtype=np.uint8))
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(size=(40, 2)), rng.normal((30, 0), 1, (40, 2))])
    pixels = draw.scatter(points, _labels(*[0] * 40, *[1] * 40), ["cat", "dog"], size=SIZE)
    for label, value in enumerate(named.values()):
        name = _places_of(pixels, (value,) * 3).mean(axis=0)
        around = _places_of(pixels, draw.class_colour(label)).mean(axis=0)
        assert np.abs(name - around).max() < 25


def test_a_name_does_not_hide_a_small_class(monkeypatch):
    monkeypatch.setattr(MODULE, "text_box", lambda name, *_, **__: np.full((20, 60, 3), int(name), dtype=np.uint8))
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(0, 0.02, (30, 2)), rng.normal((30, 30), 0.02, (30, 2))])
    pixels = draw.scatter(points, _labels(*[0] * 30, *[1] * 30), ["71", "72"], size=SIZE)
    for label in range(2):
        assert len(_places_of(pixels, draw.class_colour(label))) > 40


def test_names_of_classes_at_one_place_are_both_seen(monkeypatch):
    monkeypatch.setattr(MODULE, "text_box", lambda name, *_, **__: np.full((20, 60, 3), int(name), dtype=np.uint8))
    pixels = draw.scatter(np.zeros((2, 2)), _labels(0, 1), ["71", "72"], size=SIZE)
    assert [len(_places_of(pixels, (value,) * 3)) for value in (71, 72)] == [1200, 1200]


def test_numbered_points_have_a_ring_and_a_number_beside_them():
    points, labels = np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]]), _labels(0, 0, 1)
    plain = draw.scatter(points, labels, "ab", size=SIZE)
    marked = draw.scatter(points, labels, "ab", size=SIZE, marked=[2])
    changed = np.argwhere((plain != marked).any(axis=2))
    assert len(changed) > 100
    assert changed[:, 1].min() > SIZE[1] / 2, "only about the point"
    assert len(_places_of(marked, text.INK)) > 50


def test_pictures_in_place_of_dots_are_framed_in_the_colour_of_their_class():
    pictures = [np.full((20, 40, 3), 77, dtype=np.uint8), np.full((40, 20), 99, dtype=np.uint8)]
    pixels = draw.scatter(np.array([[0.0, 0.0], [9.0, 9.0]]), _labels(0, 1), "ab", size=SIZE, pictures=pictures)
    for label, value in ((0, 77), (1, 99)):
        assert len(_places_of(pixels, draw.class_colour(label))) > 500
        assert len(_places_of(pixels, (value,) * 3)) > 500


def test_pictures_at_one_place_are_moved_off_each_other():
    pictures = [np.full((20, 20, 3), 60 + value, dtype=np.uint8) for value in range(6)]
    pixels = draw.scatter(np.zeros((6, 2)), _labels(*[0] * 6), "a", size=SIZE, pictures=pictures)
    seen = [len(_places_of(pixels, (60 + value,) * 3)) for value in range(6)]
    assert min(seen) > 0.7 * max(seen)


def test_a_heading_is_part_of_the_height():
    pixels = draw.scatter(np.zeros((1, 2)), _labels(0), "a", size=SIZE, heading="one\ntwo")
    assert pixels.shape == (*SIZE, 3)
    assert len(_places_of(pixels[:60], text.INK)) > 20


def test_the_same_points_give_the_same_picture():
    rng = np.random.default_rng(5)
    points, labels = rng.normal(size=(300, 2)), rng.integers(0, 9, 300)
    names = [f"类 {i}" for i in range(9)]
    first, second = (draw.scatter(points, labels, names, marked=[3, 4, 5]) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(
    ("points", "labels"), [(np.zeros((0, 2)), []), (np.zeros((2, 2)), [0]), (np.zeros((2, 3)), [0, 0])]
)
def test_points_and_labels_must_fit(points, labels, refused):
    from BaseDT.errors import ParameterInvalid

    with refused(ParameterInvalid):
        draw.scatter(points, _labels(*labels), "a")


def test_a_mark_on_a_tile_is_in_its_corner():
    tile = draw.Tile(np.full((100, 100, 3), 200, dtype=np.uint8), "x")
    from dataclasses import replace

    plain, marked = (draw.contact_sheet([one]) for one in (tile, replace(tile, mark="7")))
    changed = np.argwhere((plain != marked).any(axis=2))
    assert len(changed) > 100
    assert changed.max() < 60


def test_pictures_have_names_where_colours_do_not_tell_the_classes_apart(monkeypatch):
    written = []

    def box(name, *_, **__):
        written.append(name)
        return np.zeros((10, 20, 3), dtype=np.uint8)

    monkeypatch.setattr(MODULE, "text_box", box)
    names = [f"n{label}" for label in range(2 * text.colours())]
    pictures = [np.full((20, 20, 3), 60, dtype=np.uint8)] * 2
    for labels, expected in (((0, 1), []), ((1, 1), []), ((1, 1 + text.colours()), ["n1", f"n{1 + text.colours()}"])):
        written.clear()
        draw.scatter(np.array([[0.0, 0.0], [9.0, 9.0]]), _labels(*labels), names, size=SIZE, pictures=pictures)
        assert written == expected
