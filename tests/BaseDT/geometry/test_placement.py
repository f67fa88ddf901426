"""Points and maps of pixels, laid from a picture into a network's input and back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from BaseDT.geometry import mapping
from BaseDT.preprocess import Preprocess

INPUT = (64, 64)
PICTURES = [(50, 90), (200, 60), (64, 64), (37, 111)]
WAYS = [
    Preprocess(size=INPUT, resize="stretch"),
    Preprocess(size=INPUT, resize="stretch", resize_to=(80, 80)),
    Preprocess(size=INPUT, resize="short_side"),
    Preprocess(size=INPUT, resize="letterbox"),
]
cases = pytest.mark.parametrize(
    ("preprocess", "size"), [(way, size) for way in WAYS for size in PICTURES], ids=lambda value: str(value)[:40]
)


@cases
def test_points_come_back(preprocess: Preprocess, size: tuple[int, int]):
    placement = preprocess.placement(size)
    points = np.random.default_rng(0).uniform(-5, 100, (3, 7, 2))
    assert placement.points_to_picture(placement.points_to_input(points)) == pytest.approx(points)


@cases
def test_points_move_as_boxes_do(preprocess: Preprocess, size: tuple[int, int]):
    inside = np.array([[20.0, 20.0], [31.0, 33.0]])
    mapped = preprocess.placement(size).points_to_picture(inside)
    box = preprocess.to_original(inside.reshape(1, 4), size)[0]
    expected = mapped.clip(0, np.array(size[::-1])).ravel()
    assert box == pytest.approx(expected)


@cases
def test_a_map_moves_as_the_pixels_do(preprocess: Preprocess, size: tuple[int, int]):
    mask = np.zeros(size, np.uint8)
    mask[size[0] // 4 : size[0] // 2, size[1] // 4 : size[1] // 2] = 255
    pixels = preprocess.pixels(np.repeat(mask[..., None], 3, axis=2))[..., 0]
    laid = preprocess.placement(size).map_to_input(mask, INPUT, 0, cv2.INTER_LINEAR)
    assert np.abs(pixels.astype(int) - laid).mean() < 2


@cases
def test_a_map_of_the_input_lies_on_the_picture_again(preprocess: Preprocess, size: tuple[int, int]):
    mask = np.zeros(size, np.uint8)
    mask[size[0] // 4 : size[0] // 2, size[1] // 4 : size[1] // 2] = 1
    placement = preprocess.placement(size)
    laid = placement.map_to_input(mask, INPUT, 0, cv2.INTER_NEAREST)
    back = placement.map_to_picture(laid, INPUT, 9, cv2.INTER_NEAREST)
    shown = back != 9
    assert shown.mean() == pytest.approx(placement.visible(INPUT), abs=0.03)
    assert (back == mask)[shown].mean() > 0.98


def test_a_coarser_map_covers_the_whole_input():
    preprocess = WAYS[0]
    coarse = np.zeros((16, 16), np.float32)
    coarse[4:8, 4:8] = 1
    laid = preprocess.placement((128, 64)).map_to_picture(coarse, INPUT, 0, cv2.INTER_LINEAR) > 0.5
    expected = np.zeros((128, 64), bool)
    expected[32:64, 16:32] = True
    assert (laid & expected).sum() / (laid | expected).sum() > 0.95


@pytest.mark.parametrize("side", [32, 24])
@pytest.mark.parametrize("picture", [(64, 64), (96, 128), (48, 64), (50, 64), (13, 64)])
def test_resizing_lays_a_map_as_warping_does(picture: tuple[int, int], side: int, monkeypatch: pytest.MonkeyPatch):
    values = cv2.GaussianBlur(np.random.default_rng(0).uniform(0, 1, (side, side, 2)).astype(np.float32), (5, 5), 0)
    for preprocess in WAYS:
        placement = preprocess.placement(picture)
        fast = placement.map_to_picture(values, INPUT, 0, cv2.INTER_LINEAR)
        with monkeypatch.context() as patch:
            patch.setattr(mapping, "_whole_part", lambda *_: None)
            warped = placement.map_to_picture(values, INPUT, 0, cv2.INTER_LINEAR)
        # Beside a letterboxed picture lies padding, of which a resized part knows nothing: one row differs.
        difference = np.abs(fast - warped)[:-2, :-2]
        assert difference.max() < 0.02  # warping looks up positions in 32nds of a pixel
