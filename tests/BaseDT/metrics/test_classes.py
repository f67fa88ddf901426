"""Metrics say what scikit-learn says; what does not fit is refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from BaseDT.errors import ParameterInvalid
from BaseDT.metrics import ClassReport, confusion_matrix, macro, per_class, top_k_accuracy


def _random(seed: int, classes: int, count: int = 300) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, count), rng.random((count, classes), dtype=np.float32)


@pytest.mark.parametrize("classes", [3, 10, 100])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_top_k_agrees_with_scikit_learn(classes: int, k: int) -> None:
    labels, scores = _random(classes + k, classes)
    if k >= classes:  # scikit-learn warns there
        assert top_k_accuracy(scores, labels, k) == 100.0
        return
    expected = reference.top_k_accuracy_score(labels, scores, k=k, labels=range(classes)) * 100
    assert top_k_accuracy(scores, labels, k) == pytest.approx(expected)


def test_a_constant_model_is_only_right_for_the_first_k_classes() -> None:
    labels = np.arange(10)
    assert top_k_accuracy(np.full((10, 10), 0.1), labels, 1) == 10.0
    assert top_k_accuracy(np.full((10, 10), 0.1), labels, 5) == 50.0


def test_top_one_agrees_with_argmax_when_scores_tie() -> None:
    labels, scores = _random(7, 4)
    coarse = scores.round(1)
    assert top_k_accuracy(coarse, labels, 1) == pytest.approx((coarse.argmax(axis=1) == labels).mean() * 100)


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_the_confusion_matrix_agrees_with_scikit_learn(classes: int) -> None:
    labels, scores = _random(classes, classes)
    predictions = scores.argmax(axis=1)
    expected = reference.confusion_matrix(labels, predictions, labels=range(classes))
    found = confusion_matrix(labels, predictions, classes)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, expected)


def test_a_single_class_has_a_matrix_of_one() -> None:
    assert confusion_matrix(np.zeros(4, int), np.zeros(4, int), 1).tolist() == [[4]]


def test_rows_of_the_confusion_matrix_are_the_true_classes() -> None:
    found = confusion_matrix(np.array([0, 0]), np.array([1, 1]), 3)
    assert found.tolist() == [[0, 2, 0], [0, 0, 0], [0, 0, 0]]


def test_small_integer_types_do_not_overflow() -> None:
    labels = np.full(5, 99, dtype=np.uint8)
    assert confusion_matrix(labels, labels, 100)[99, 99] == 5


@pytest.mark.parametrize("seed", range(5))
def test_per_class_agrees_with_scikit_learn(seed: int) -> None:
    labels, scores = _random(seed, 6, count=20)  # so few that some classes are missing
    predictions = scores.argmax(axis=1)
    expected = reference.precision_recall_fscore_support(labels, predictions, labels=range(6), zero_division=0)
    found = per_class(confusion_matrix(labels, predictions, 6))
    np.testing.assert_allclose([[r.precision, r.recall, r.f1, r.support] for r in found], np.transpose(expected))


def test_nothing_divided_by_nothing_is_nothing() -> None:
    assert per_class(np.array([[3, 0], [0, 0]]))[1] == ClassReport(precision=0.0, recall=0.0, f1=0.0, support=0)


def test_reports_hold_plain_numbers() -> None:
    report = per_class(np.array([[3, 1], [2, 4]]))[0]
    assert {type(report.precision), type(report.recall), type(report.f1), type(report.support)} == {float, int}


@pytest.mark.parametrize(
    ("metric", "score"),
    [
        ("precision", reference.precision_score),
        ("recall", reference.recall_score),
        ("f1_score", reference.f1_score),
    ],
)
@pytest.mark.parametrize("count", [2, 300])
def test_macro_agrees_with_scikit_learn(metric: Any, score: Any, count: int) -> None:
    labels, scores = _random(11, 6, count=count)
    predictions = scores.argmax(axis=1)
    expected = score(labels, predictions, average="macro", zero_division=0) * 100
    assert macro(confusion_matrix(labels, predictions, 6), metric) == pytest.approx(expected)


def test_macro_of_no_pictures_is_zero() -> None:
    assert macro(np.zeros((3, 3), dtype=np.int64), "recall") == 0.0


SCORES = np.array([[0.9, 0.1], [0.2, 0.8]])
LABELS = np.array([0, 1])


@pytest.mark.parametrize(
    ("scores", "labels", "k", "found"),
    [
        (SCORES[0], LABELS, 1, "shape"),
        (SCORES[:0], LABELS[:0], 1, "shape"),
        ([[1.0, 0.0]], LABELS, 1, "shape list"),
        (np.array([[np.nan, 1.0], [0.0, 1.0]]), LABELS, 1, "NaN"),
        (SCORES, LABELS[:1], 1, "2 rows of scores, but 1 labels"),
        (SCORES, LABELS[:, None], 1, "labels are"),
        (SCORES, LABELS.astype(float), 1, "labels are float64"),
        (SCORES, [0, 1], 1, "labels are list"),
        (SCORES, np.array([0, 2]), 1, "labels hold 2"),
        (SCORES, np.array([0, -1]), 1, "labels hold -1"),
        (SCORES, LABELS, 0, "k=0"),
        (SCORES, LABELS, 1.5, "k=1.5"),
        (SCORES, LABELS, True, "k=True"),
    ],
)
def test_top_k_refuses_what_does_not_fit(scores: Any, labels: Any, k: Any, found: str) -> None:
    with pytest.raises(ParameterInvalid, match=found):
        top_k_accuracy(scores, labels, k)


@pytest.mark.parametrize(
    ("labels", "predictions", "classes", "found"),
    [
        (LABELS, LABELS[:1], 2, "2 labels, but 1 predictions"),
        (LABELS, LABELS + 1, 2, "predictions hold 2"),
        (LABELS - 1, LABELS, 2, "labels hold -1"),
        (LABELS, LABELS.astype(float), 2, "predictions are float64"),
        (LABELS, LABELS, 0, "classes=0"),
        (LABELS, LABELS, "2", "classes='2'"),
    ],
)
def test_the_confusion_matrix_refuses_what_does_not_fit(
    labels: Any, predictions: Any, classes: Any, found: str
) -> None:
    with pytest.raises(ParameterInvalid, match=found):
        confusion_matrix(labels, predictions, classes)


@pytest.mark.parametrize(
    "matrix", [np.zeros((2, 3), int), np.zeros(4, int), np.zeros((0, 0), int), np.eye(2), -np.eye(2, dtype=int), [[1]]]
)
def test_what_is_no_confusion_matrix_is_refused(matrix: Any) -> None:
    with pytest.raises(ParameterInvalid, match="confusion matrix"):
        per_class(matrix)


def test_an_unknown_metric_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterInvalid, match="f1_score"):
        macro(np.eye(2, dtype=int), "f1")  # type: ignore[arg-type]
