"""The anchors, against numbers worked out by hand from the configurations they come from."""

from __future__ import annotations

import numpy as np
import pytest

from MMEdu.models.detection.parts.anchors import YOLO_ANCHORS, ssd_anchors, ssd_sides, yolo_anchors

MAPS_320 = ((20, 20), (10, 10), (5, 5), (3, 3), (2, 2), (1, 1))


def test_a_cell_of_ssd_has_two_squares_and_then_a_wide_and_a_tall_one_for_each_ratio() -> None:
    assert ssd_sides(48, 100) == [
        (48, 48),
        pytest.approx((69.2820, 69.2820), abs=1e-4),
        pytest.approx((67.8823, 33.9411), abs=1e-4),
        pytest.approx((33.9411, 67.8823), abs=1e-4),
        pytest.approx((83.1384, 27.7128), abs=1e-4),
        pytest.approx((27.7128, 83.1384), abs=1e-4),
    ]


def test_ssds_anchors_at_320() -> None:
    anchors = ssd_anchors((320, 320), MAPS_320)
    assert anchors.shape == ((400 + 100 + 25 + 9 + 4 + 1) * 6, 4)
    assert anchors.dtype == np.float32
    # The first cell's centre is (8, 8): half a stride of 16.
    assert anchors[0] == pytest.approx([-16, -16, 32, 32])
    assert anchors[2] == pytest.approx([8 - 33.9411, 8 - 16.9706, 8 + 33.9411, 8 + 16.9706], abs=1e-3)
    # The next cell to the right comes next, the next row after twenty cells.
    assert anchors[6] == pytest.approx([0, -16, 48, 32])
    assert anchors[20 * 6] == pytest.approx([-16, 0, 32, 48])
    # The fourth level's stride is 107: its first centre lies at 53.5.
    assert anchors[(400 + 100 + 25) * 6] == pytest.approx([53.5 - 101] * 2 + [53.5 + 101] * 2)
    # The last level: one cell of 320.
    assert anchors[-6] == pytest.approx([160 - 152] * 2 + [160 + 152] * 2)
    mean = np.sqrt(304 * 320) / 2
    assert anchors[-5] == pytest.approx([160 - mean] * 2 + [160 + mean] * 2)


def test_ssds_anchors_grow_with_the_picture() -> None:
    small = ssd_anchors((160, 160), ((10, 10), (5, 5), (3, 3), (2, 2), (1, 1), (1, 1)))
    assert small[0] == pytest.approx([8 - 12, 8 - 12, 8 + 12, 8 + 12])
    # 160 pixels on 3 cells: a stride of 53.
    assert small[(100 + 25) * 6] == pytest.approx([26.5 - 37.5] * 2 + [26.5 + 37.5] * 2)


def test_cells_of_pictures_that_are_not_square() -> None:
    maps = ((10, 20), (5, 10), (3, 5), (2, 3), (1, 2), (1, 1))
    anchors = ssd_anchors((160, 320), maps)
    assert anchors[-6] == pytest.approx([160 - 76, 80 - 76, 160 + 76, 80 + 76])


def test_yolos_anchors() -> None:
    anchors, strides = yolo_anchors(((13, 13), (26, 26), (52, 52)), YOLO_ANCHORS)
    assert anchors.shape == (10647, 4)
    assert anchors[0] == pytest.approx([16 - 58, 16 - 45, 16 + 58, 16 + 45])
    assert anchors[1] == pytest.approx([16 - 78, 16 - 99, 16 + 78, 16 + 99])
    assert anchors[13 * 13 * 3] == pytest.approx([8 - 15, 8 - 30.5, 8 + 15, 8 + 30.5])
    assert anchors[-1] == pytest.approx([412 - 16.5, 412 - 11.5, 412 + 16.5, 412 + 11.5])
    assert [strides[0, 0], strides[13 * 13 * 3, 0], strides[-1, 0]] == [32, 16, 8]
