"""Arithmetic of boxes, and which of them non-maximum suppression keeps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from BaseDT.geometry import boxes
from BaseDT.geometry.nms import non_maximum_suppression


def floats(*rows: tuple[float, ...]) -> npt.NDArray[np.float32]:
    return np.array(rows, dtype=np.float32).reshape(-1, 4)


WHOLE = floats((0, 0, 10, 10))


def test_iou_of_the_same_of_halves_and_of_boxes_apart() -> None:
    found = boxes.iou(WHOLE, floats((0, 0, 10, 10), (5, 0, 15, 10), (20, 20, 30, 30), (10, 0, 20, 10)))
    assert found.tolist() == [pytest.approx([1, 1 / 3, 0, 0])]
    assert found.dtype == np.float32
    assert boxes.iou(WHOLE.astype(np.float64), WHOLE).dtype == np.float64


def test_boxes_without_area_overlap_nothing_and_are_no_nan() -> None:
    point = floats((5, 5, 5, 5))
    assert boxes.iou(point, point).tolist() == [[0]]
    assert boxes.coverage(point, WHOLE).tolist() == [[0]]


@pytest.mark.parametrize("matrix", [boxes.iou, boxes.intersection, boxes.coverage])
def test_no_box_at_all(matrix) -> None:
    assert matrix(floats(), WHOLE).shape == (0, 1)
    assert matrix(WHOLE, floats()).shape == (1, 0)


def test_coverage_is_the_share_of_the_first_box() -> None:
    assert boxes.coverage(floats((0, 0, 2, 10)), WHOLE).tolist() == [[1]]
    assert boxes.coverage(WHOLE, floats((0, 0, 2, 10))).tolist() == [pytest.approx([0.2])]


def test_what_is_clipped_away_has_no_area() -> None:
    clipped = boxes.clip(floats((-5, 2, 30, 8), (25, 0, 30, 10)), height=6, width=20)
    assert clipped.tolist() == [[0, 2, 20, 6], [20, 0, 20, 6]]
    assert boxes.with_area(clipped).tolist() == [True, False]
    assert boxes.area(clipped).tolist() == [80, 0]
    assert boxes.with_area(floats()).shape == (0,)


def test_suppression_keeps_the_best_of_each_class_in_their_order() -> None:
    corners = floats((0, 0, 10, 10), (1, 0, 11, 10), (1, 0, 11, 10), (40, 40, 50, 50))
    scores = np.array([0.5, 0.9, 0.3, 0.6], dtype=np.float32)
    kept = non_maximum_suppression(corners, scores, np.array([0, 0, 1, 0]), 0.5)
    assert kept.tolist() == [1, 3, 2]
    assert non_maximum_suppression(corners, scores, np.array([0, 0, 1, 0]), 0.95).tolist() == [1, 3, 0, 2]
    assert non_maximum_suppression(floats(), np.empty(0), np.empty(0), 0.5).tolist() == []
