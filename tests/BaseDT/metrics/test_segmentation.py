"""Confusion of pixels, and what is read off it; compared with sums that are written out."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT.errors import ParameterInvalid
from BaseDT.metrics import mean_accuracy, mean_iou, pixel_accuracy, pixel_confusion, pixel_reports

TRUTH = np.array([[0, 0, 1], [1, 255, 1]], np.uint8)
PREDICTED = np.array([[0, 1, 1], [1, 0, 0]], np.uint8)


def test_pixels_are_counted_and_ignored_ones_are_not():
    assert pixel_confusion(TRUTH, PREDICTED, 3).tolist() == [[1, 1, 0], [1, 2, 0], [0, 0, 0]]


def test_another_value_may_be_ignored():
    assert pixel_confusion(TRUTH % 255, PREDICTED, 2, ignore=0).tolist() == [[0, 0], [1, 2]]


def test_the_shares_of_each_class():
    first, second, third = pixel_reports(pixel_confusion(TRUTH, PREDICTED, 3))
    assert (first.iou, first.precision, first.recall, first.f1) == (1 / 3, 1 / 2, 1 / 2, 1 / 2)
    assert (second.iou, second.precision, second.recall) == (2 / 4, 2 / 3, 2 / 3)
    assert (second.pixels, second.predicted, second.hits) == (3, 3, 2)
    assert (third.iou, third.precision, third.recall, third.f1, third.pixels) == (None, None, None, None, 0)


def test_a_class_that_occurs_nowhere_is_in_no_mean():
    matrix = pixel_confusion(TRUTH, PREDICTED, 3)
    assert mean_iou(matrix) == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert mean_accuracy(matrix) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert pixel_accuracy(matrix) == 3 / 5


def test_a_class_that_is_only_predicted_counts_as_none_found():
    matrix = pixel_confusion(np.zeros(4, np.uint8), np.array([0, 0, 0, 1], np.uint8), 2)
    assert mean_iou(matrix) == pytest.approx((3 / 4 + 0) / 2)
    assert mean_accuracy(matrix) == 3 / 4
    assert pixel_reports(matrix)[1].recall is None


def test_of_nothing_nothing_is_said():
    matrix = pixel_confusion(np.full((2, 2), 255, np.uint8), np.zeros((2, 2), np.uint8), 2)
    assert (mean_iou(matrix), mean_accuracy(matrix), pixel_accuracy(matrix)) == (None, None, None)


def test_pixels_without_an_answer_are_missed():
    predicted = np.array([[0, 255, 1], [1, 0, 255]], np.uint8)
    matrix = pixel_confusion(TRUTH, predicted, 2, unanswered=True)
    assert matrix.tolist() == [[1, 0, 1], [0, 2, 1]]
    first, second = pixel_reports(matrix)
    assert (first.iou, second.recall, first.predicted) == (1 / 2, 2 / 3, 1)
    assert pixel_accuracy(matrix) == 3 / 5


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.int32])
def test_it_counts_as_a_loop_does(dtype: type):
    rng = np.random.default_rng(0)
    truth, predicted = (rng.integers(0, 5, (30, 40)).astype(dtype) for _ in range(2))
    expected = np.zeros((5, 5), int)
    for row, column in zip(truth.ravel(), predicted.ravel(), strict=True):
        expected[row, column] += 1
    assert pixel_confusion(truth, predicted, 5).tolist() == expected.tolist()
    assert pixel_confusion(truth[:, ::2], predicted[:, ::2], 5).sum() == 600


def test_all_255_classes_are_counted():
    every = np.arange(255, dtype=np.uint8)
    assert (pixel_confusion(every, every, 255) == np.eye(255)).all()


@pytest.mark.parametrize(
    ("truth", "predicted", "classes"),
    [
        (TRUTH, PREDICTED[:1], 3),
        (TRUTH, PREDICTED, 1),
        (TRUTH, np.full((2, 3), 255, np.uint8), 3),
        (TRUTH.astype(float), PREDICTED, 3),
        (TRUTH, PREDICTED.astype(int) - 1, 3),
        (TRUTH.astype(int) + 2, PREDICTED, 3),
        (None, PREDICTED, 3),
        (TRUTH, PREDICTED, 256),
        (TRUTH, PREDICTED, 0),
        (TRUTH, PREDICTED, "3"),
    ],
)
def test_masks_that_do_not_fit(truth, predicted, classes, refused):
    with refused(ParameterInvalid):
        pixel_confusion(truth, predicted, classes)


@pytest.mark.parametrize(
    "matrix", [np.zeros((2, 4), int), np.zeros((0, 0), int), np.eye(2), -np.eye(2, dtype=int), None]
)
def test_what_is_no_matrix(matrix, refused):
    with refused(ParameterInvalid):
        mean_iou(matrix)
