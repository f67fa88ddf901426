"""Classes of pixels drawn over their picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from BaseDT import draw
from BaseDT.draw.masks import tint_classes
from BaseDT.errors import ParameterInvalid
from BaseDT.results import SegmentationResult

NAMES = ("background", "猫", "person")


def halves(height: int = 240, width: int = 320) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[:, width // 2 :] = 2
    return mask


def test_a_class_is_tinted_and_the_background_is_not():
    picture = np.full((240, 320, 3), 128, np.uint8)
    drawn = draw.segmentation(picture, SegmentationResult(halves(), NAMES), names=False)
    assert (drawn[:, :150] == 128).all()
    expected = 128 + (np.array(draw.mask_colour(2)) - 128) * 0.45
    assert np.abs(drawn[100, 300] - expected).max() <= 1
    assert (drawn[100, 160] == draw.mask_colour(2)).all(), "the border has the whole colour"
    assert (picture == 128).all()


def test_pixels_without_a_class_stay_as_they_are():
    picture = np.full((240, 320, 3), 128, np.uint8)
    result = SegmentationResult(np.full((240, 320), 255, np.uint8), NAMES)
    assert (draw.segmentation(picture, result) == picture).all()


def test_the_name_stands_within_its_region():
    picture = np.full((240, 320, 3), 128, np.uint8)
    result = SegmentationResult(halves(), ("background", "cat", "person"))
    with_names, without = (draw.segmentation(picture, result, names=names) for names in (True, False))
    rows, columns = np.nonzero((with_names != without).any(axis=2))
    assert columns.min() > 165
    assert abs(columns.mean() - 240) < 8
    assert abs(rows.mean() - 120) < 8


def test_colours_differ_from_each_other_and_stay():
    colours = [draw.mask_colour(label) for label in range(21)]
    assert colours[:7] == [draw.class_colour(label) for label in range(7)]
    lab = cv2.cvtColor(np.float32([colours]) / 255, cv2.COLOR_BGR2LAB)[0]
    distances = np.linalg.norm(lab[:, None] - lab[None], axis=2) + 1e3 * np.eye(21)
    assert distances.min() > 25
    assert len({draw.mask_colour(label) for label in range(255)}) == 255


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (28, 28), (2000, 50)])
@pytest.mark.parametrize("enlarge", [True, False])
def test_pictures_of_any_shape(size: tuple[int, int], enlarge: bool):
    rng = np.random.default_rng(0)
    mask = rng.integers(0, 3, size).astype(np.uint8)
    drawn = draw.segmentation(np.zeros(size, np.uint8), SegmentationResult(mask, NAMES), enlarge=enlarge)
    assert drawn.shape[2] == 3
    if not enlarge:
        assert drawn.shape[:2] == size


def test_many_classes_in_a_large_picture():
    rng = np.random.default_rng(0)
    mask = cv2.resize(rng.integers(0, 21, (6, 6)).astype(np.uint8), (1200, 900), interpolation=cv2.INTER_NEAREST)
    names = tuple(f"类 {number}" for number in range(21))
    drawn = draw.segmentation(np.zeros((900, 1200, 3), np.uint8), SegmentationResult(mask, names))
    assert drawn.shape == (900, 1200, 3)


def test_a_class_between_the_pixels_of_the_coarse_mask_has_its_name():
    mask = np.zeros((800, 800), np.uint8)
    mask[401, 401] = 2
    picture = np.zeros((800, 800, 3), np.uint8)
    assert (draw.segmentation(picture, SegmentationResult(mask, NAMES))[380:420, 380:420] > 0).sum() > 500


def test_nothing_to_tint():
    canvas = np.full((4, 4, 3), 9, np.uint8)
    tint_classes(canvas, np.zeros((4, 4), np.uint8), ())
    assert (canvas == 9).all()


def test_a_result_of_another_size_is_refused(refused):
    with refused(ParameterInvalid, "(240, 320)", "(240, 300)"):
        draw.segmentation(np.zeros((240, 300, 3), np.uint8), SegmentationResult(halves(), NAMES))
