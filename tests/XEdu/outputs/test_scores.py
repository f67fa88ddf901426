"""The measures that training, INT8 and benchmark share: arrays in, percent out."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT.metrics import BoxTruth
from BaseDT.results import DetectionResult
from XEdu.outputs import classification, detection


def test_accuracies_are_percent_by_k() -> None:
    scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.4, 0.3, 0.3], [0.2, 0.2, 0.6]])
    assert classification.accuracies(scores, np.array([1, 1, 2, 2]), (1, 2, 3)) == {1: 50.0, 2: 75.0, 3: 100.0}


def test_of_equal_scores_the_lower_class_comes_first() -> None:
    assert classification.accuracies(np.full((4, 4), 0.25), np.arange(4), (1,)) == {1: 25.0}


@pytest.mark.parametrize(("shift", "map50"), [(0, 100.0), (40, 0.0)])
def test_mean_average_precision_is_percent(shift: int, map50: float) -> None:
    truth = BoxTruth(np.array([[10.0, 10, 50, 50]]), np.array([1]))
    boxes = [DetectionResult(1, 0.9, (10 + shift, 10, 50 + shift, 50), "车牌")]
    values = detection.mean_average_precision([detection.rows_of(boxes)], [truth], 2)
    assert values["map50"] == pytest.approx(map50)
    assert set(values) == set(detection.KIND.metrics)


def test_a_picture_without_boxes_has_no_rows() -> None:
    assert detection.rows_of([]).shape == (0, 6)
