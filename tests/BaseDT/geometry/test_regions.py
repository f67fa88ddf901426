"""The region of one person, hand or face: points there and back, and the pixels that are cut out."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from BaseDT.geometry.regions import PADDING, RotatedRegion
from BaseDT.preprocess import Preprocess

TURNED = RotatedRegion(70.3, 51.7, 42.0, 63.0, 0.7)
SIZE = (96, 64)


def picture(height: int = 120, width: int = 160) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height: int, width: int) -> np.ndarray:
    """A picture whose blue and green say where the middle of a pixel lies."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([x, y, np.full_like(x, 9)], axis=2).round().astype(np.uint8)


def test_the_region_of_a_box_is_padded_and_has_the_ratio_of_the_input() -> None:
    region = RotatedRegion.of_box((10, 20, 30, 40), (256, 192))
    assert (region.x, region.y, region.angle) == (20, 30, 0)
    assert region.width == pytest.approx(20 * PADDING)
    assert region.height == pytest.approx(20 * PADDING * 256 / 192)
    tall = RotatedRegion.of_box((0, 0, 10, 100), (256, 192), padding=1)
    assert (tall.width, tall.height) == (75, 100)


@pytest.mark.parametrize("box", [(5, 5, 5, 5), (5, 5, 2, 2), (5, 5, 5.2, 90)])
def test_the_region_of_a_box_without_area_can_be_cut_out(box: tuple[float, ...]) -> None:
    region = RotatedRegion.of_box(box, SIZE)
    assert region.is_finite()
    assert region.crop(picture(), SIZE).shape == (*SIZE, 3)


@pytest.mark.parametrize("numbers", [(math.nan, 1, 1, 1), (1, math.inf, 1, 1), (1, 1, 0, 1), (1, 1, 1, -2)])
def test_what_no_region_can_be_is_told(numbers: tuple[float, float, float, float]) -> None:
    assert not RotatedRegion(*numbers).is_finite()


def test_points_come_back_exactly() -> None:
    points = np.random.default_rng(1).uniform(-50, 250, (3, 17, 2))
    back = TURNED.points_to_picture(TURNED.points_to_input(points, SIZE), SIZE)
    np.testing.assert_allclose(back, points, atol=1e-10)


def test_the_matrix_moves_points_as_the_methods_do() -> None:
    points = np.random.default_rng(2).uniform(0, 150, (9, 2))
    by_matrix = np.column_stack([points, np.ones(9)]) @ TURNED.matrix(SIZE).T
    np.testing.assert_allclose(by_matrix, TURNED.points_to_input(points, SIZE), atol=1e-10)


def test_its_middle_and_corners_are_those_of_the_input() -> None:
    height, width = SIZE
    np.testing.assert_allclose(TURNED.points_to_input([TURNED.x, TURNED.y], SIZE), [width / 2, height / 2])
    edges = [[0, 0], [width, 0], [width, height], [0, height]]
    np.testing.assert_allclose(TURNED.points_to_input(TURNED.corners(), SIZE), edges, atol=1e-10)


def test_a_quarter_turn_is_clockwise() -> None:
    region = RotatedRegion(50, 50, 20, 20, math.pi / 2)
    # What lies below the middle of the picture is to the right in a region that is turned with the clock.
    np.testing.assert_allclose(region.points_to_input([50, 60], (20, 20)), [20, 10], atol=1e-12)


def test_the_whole_picture_is_cut_out_bit_for_bit() -> None:
    image = picture()
    np.testing.assert_array_equal(RotatedRegion(80, 60, 160, 120).crop(image, (120, 160)), image)


def test_whole_pixels_are_cut_out_bit_for_bit() -> None:
    image = picture()
    region = RotatedRegion(40, 50, 20, 30)
    np.testing.assert_array_equal(region.crop(image, (30, 20)), image[35:65, 30:50])


def test_a_quarter_turn_is_that_of_numpy_bit_for_bit() -> None:
    image = picture()
    region = RotatedRegion(40, 50, 30, 30, math.pi / 2)
    np.testing.assert_array_equal(region.crop(image, (30, 30)), np.rot90(image[35:65, 25:55], 1))


@pytest.mark.parametrize("factor", [1, 2, 5])
def test_a_region_is_cut_out_where_its_points_say(factor: int) -> None:
    """Also where the picture is averaged down first."""
    image = smooth(240, 250)
    size = (60 // factor, 48 // factor)
    region = RotatedRegion(120.4, 119.1, 100.0, 130.0, 0.4)
    shown = region.crop(image, size).astype(float)
    grid = np.stack(np.meshgrid(np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5), axis=2)
    np.testing.assert_allclose(shown[..., :2], region.points_to_picture(grid, size), atol=1.3)
    assert abs((shown[..., :2] - region.points_to_picture(grid, size)).mean()) < 0.1


def test_the_same_region_gives_the_same_bits_whatever_surrounds_it() -> None:
    image = picture()
    other = image.copy()
    other[:10], other[:, 130:] = 0, 255
    np.testing.assert_array_equal(TURNED.crop(image, SIZE), TURNED.crop(other, SIZE))
    np.testing.assert_array_equal(TURNED.crop(image, SIZE), TURNED.crop(np.asfortranarray(image), SIZE))


def test_preprocess_leaves_a_region_as_it_is() -> None:
    shown = TURNED.crop(picture(), SIZE)
    np.testing.assert_array_equal(Preprocess(size=SIZE, color="bgr").pixels(shown), shown)


def test_a_pattern_finer_than_the_input_is_averaged() -> None:
    image = np.zeros((200, 200, 3), dtype=np.uint8)
    image[::2], image[1::2] = 0, 200
    shown = RotatedRegion(100, 100, 180, 180).crop(image, (30, 30))
    assert np.abs(shown.astype(int) - 100).max() <= 2


@pytest.mark.parametrize(("height", "width"), [(203, 205), (3, 205), (205, 3), (1, 1)])
def test_pictures_of_no_whole_blocks_are_averaged_too(height: int, width: int) -> None:
    image = np.full((height, width, 3), 77, dtype=np.uint8)
    region = RotatedRegion(width / 2, height / 2, 300, 300, 0.2)
    assert (region.crop(image, (40, 40), fill=None) == 77).all()
    filled = region.crop(image, (40, 40), fill=0)
    assert (filled[0, 0] == 0).all()
    assert min(height, width) < 7 or (filled[15:25, 15:25] == 77).all()


def test_what_leaves_the_picture_is_filled_or_continued() -> None:
    image = np.full((40, 40, 3), 90, dtype=np.uint8)
    region = RotatedRegion(0, 20, 40, 40)
    filled = region.crop(image, (40, 40), fill=7)
    assert (filled[:, :20] == 7).all()
    assert (filled[:, 20:] == 90).all()
    assert (region.crop(image, (40, 40), fill=None) == 90).all()


@pytest.mark.parametrize("x", [-500.0, 900.0, 1e9])
def test_a_region_beside_the_picture_shows_nothing(x: float) -> None:
    assert (RotatedRegion(x, 20, 40, 40, 0.3).crop(picture(), (16, 16), fill=3) == 3).all()


def test_gray_pictures_and_single_pixels_are_cut_out_too() -> None:
    gray = picture()[:, :, 0]
    np.testing.assert_array_equal(RotatedRegion(40, 50, 20, 30).crop(gray, (30, 20)), gray[35:65, 30:50])
    assert RotatedRegion(0.5, 0.5, 1, 1).crop(np.full((1, 1, 3), 5, np.uint8), (8, 8), fill=None).min() == 5


def test_a_varied_region_is_larger_turned_and_moved_along_itself() -> None:
    region = RotatedRegion(50, 50, 20, 40, math.pi / 2).varied(1.5, 0.1, (0.5, 0.0))
    assert (region.width, region.height) == (30, 60)
    assert region.angle == pytest.approx(math.pi / 2 + 0.1)
    np.testing.assert_allclose([region.x, region.y], [50, 60], atol=1e-12)


def test_a_turned_region_shows_what_opencv_turns() -> None:
    image = cv2.GaussianBlur(picture(), (0, 0), 3)
    region = RotatedRegion(80, 60, 60, 60, math.radians(30))
    turned = cv2.warpAffine(image, cv2.getRotationMatrix2D((79.5, 59.5), 30, 1.0), (160, 120))
    difference = np.abs(region.crop(image, (60, 60)).astype(int) - turned[30:90, 50:110].astype(int))
    assert difference.max() <= 2
