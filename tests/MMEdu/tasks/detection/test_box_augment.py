"""Variation of pictures and boxes: pixels and boxes stay together, chance is the generator's, colours stay colours."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT.geometry.boxes import iou
from MMEdu.tasks.detection import box_augment
from MMEdu.tasks.detection.box_augment import View
from MMEdu.tasks.photometric import photometric


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))


def floats(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, dtype=np.float32).reshape(-1, 4)


def test_a_view_maps_boxes_as_it_shows_pixels():
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[40:60, 80:140] = 255
    view = View((50, 20, 150, 80), (10, 30, 110, 90))
    canvas = np.full((100, 120, 3), 7, np.uint8)
    box_augment.paint(canvas, pixels, view, generator(0), 0)
    x1, y1, x2, y2 = view.boxes(floats((80, 40, 140, 60)))[0].astype(int)
    assert (x1, y1, x2, y2) == (40, 50, 100, 70)
    assert canvas[y1:y2, x1:x2].min() == 255
    assert (canvas == 255).sum() == 3 * 60 * 20
    assert (canvas[:30] == 7).all()
    assert (canvas[:, :10] == 7).all()


def test_what_lies_beyond_the_picture_stays_ground():
    view = View((-100, -50, 300, 150), (0, 0, 200, 100))
    canvas = np.full((100, 200, 1), 9, np.uint8)
    box_augment.paint(canvas, np.full((100, 200, 1), 200, np.uint8), view, generator(0), 0)
    assert (canvas[25:75, 50:150] == 200).all()
    assert (canvas == 200).sum() == 50 * 100


def test_boxes_are_cut_at_the_edge_of_the_place():
    view = View((0, 0, 10, 10), (0, 0, 100, 100))
    assert view.boxes(floats((-5, 2, 20, 4))).tolist() == [[0, 20, 100, 40]]
    assert view.shows_centre_of(floats((-5, 2, 4, 4), (0, 0, 4, 4))).tolist() == [False, True]


def test_an_expanded_window_holds_the_first_and_is_at_most_so_large():
    window = (0.0, 0.0, 60.0, 40.0)
    windows = [box_augment.expanded(window, 4, generator(seed)) for seed in range(200)]
    assert 0.35 < np.mean([one == window for one in windows]) < 0.65
    for x1, y1, x2, y2 in windows:
        assert x1 <= 0
        assert y1 <= 0
        assert x2 >= 60 - 1e-6
        assert y2 >= 40 - 1e-6
        assert (x2 - x1) / 60 == pytest.approx((y2 - y1) / 40)
        assert (x2 - x1) / 60 <= 4
    assert box_augment.expanded(window, 1, generator(0)) == window


@pytest.mark.parametrize("least", [0.1, 0.5, 0.9])
def test_a_crop_overlaps_an_object_as_much_as_is_asked(least):
    window, boxes = (0.0, 0.0, 300.0, 200.0), floats((50, 40, 200, 160), (220, 20, 260, 60))
    changed = 0
    for seed in range(200):
        crop = box_augment.cropped(window, boxes, (least,), generator(seed))
        x1, y1, x2, y2 = crop
        assert x1 >= 0
        assert y1 >= 0
        assert x2 <= 300.001
        assert y2 <= 200.001
        if crop != window:
            changed += 1
            assert 0.5 <= (x2 - x1) / (y2 - y1) <= 2
            assert View(crop, (0, 0, 10, 10)).shows_centre_of(boxes).any()
            if generator(seed).integers(3) == 2:  # 0: no crop, 1: any part
                assert iou(floats(crop), boxes).max() >= least
    assert changed > 50


def test_a_picture_without_boxes_is_cropped_too_and_nothing_asked_changes_nothing():
    window = (0.0, 0.0, 300.0, 200.0)
    crops = [box_augment.cropped(window, floats(), (0.5,), generator(seed)) for seed in range(40)]
    assert any(crop != window for crop in crops)
    assert box_augment.cropped(window, floats(), (), generator(0)) == window


@pytest.mark.parametrize("channels", [1, 3])
def test_colours_vary_in_their_limits(channels):
    gray = np.full((8, 8, channels), 100, np.uint8)
    means = [float(photometric(gray, generator(seed), 0.5).mean()) for seed in range(300)]
    assert (gray == 100).all(), "the kept picture is not written to"
    assert min(means) < 60
    assert max(means) > 150
    assert min(means) >= (100 - 32) * 0.5 - 2
    assert max(means) <= (100 + 32) * 1.5 + 2
    assert photometric(gray, generator(0), 0) is gray


def test_saturation_and_hue_leave_gray_gray_and_turn_colours():
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 200
    seen = {tuple(photometric(red, generator(seed), 1.0)[0, 0].tolist()) for seed in range(50)}
    assert len(seen) > 30
    assert all(pixel[0] >= max(pixel[1:]) for pixel in seen), "18 degrees do not make red green"


def test_the_same_numbers_give_the_same_picture():
    pixels = np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)
    once, again, other = (photometric(pixels, generator(seed), 0.9) for seed in (3, 3, 4))
    assert (once == again).all()
    assert (once != other).any()


def test_a_mosaic_has_four_places_that_touch_and_do_not_overlap():
    for seed in range(50):
        sizes = [(30, 90), (200, 150), (64, 64), (500, 20)]
        views = box_augment.mosaic_views(sizes, (96, 128), generator(seed))
        covered = np.zeros((96, 128), int)
        for (height, width), view in zip(sizes, views, strict=True):
            x1, y1, x2, y2 = view.rectangle
            assert 0 <= x1 < x2 <= 128
            assert 0 <= y1 < y2 <= 96
            covered[y1:y2, x1:x2] += 1
            assert view.window[0] >= -width
            assert view.window[3] <= height * 2
        assert covered.max() == 1


def test_a_sliver_of_a_box_is_gone():
    before = floats((0, 0, 10, 10), (0, 0, 10, 10), (0, 0, 2, 20))
    after = floats((0, 0, 20, 20), (0, 0, 20, 4), (0, 0, 1, 40))
    assert box_augment.still_visible(before, after, (2, 2)).tolist() == [True, False, False]


def test_a_mirrored_box():
    assert box_augment.flipped(floats((1, 2, 4, 8)), 10).tolist() == [[6, 2, 9, 8]]
