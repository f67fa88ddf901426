"""mAP and F1 of several labels a picture, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from BaseDT.errors import ParameterInvalid
from BaseDT.metrics.multi_label import (
    average_precisions,
    label_counts,
    macro,
    mean_average_precision,
    overall_f1,
    precision_recall_f1,
)


@pytest.fixture
def some() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    truth = random.random((60, 4)) < 0.3
    return np.round(0.4 * truth + 0.6 * random.random((60, 4)), 1), truth  # many equal scores


def test_average_precision_is_that_of_scikit_learn_with_equal_scores_too(some):
    scores, truth = some
    expected = [average_precision_score(truth[:, c], scores[:, c]) for c in range(4)]
    np.testing.assert_allclose(average_precisions(scores, truth), expected)
    assert mean_average_precision(scores, truth) == pytest.approx(100 * np.mean(expected))


def test_a_constant_score_is_worth_the_share_of_the_label():
    truth = np.array([[1], [0], [0], [0]], bool)
    assert average_precisions(np.full((4, 1), 0.7), truth)[0] == 0.25


def test_a_label_that_no_picture_has_does_not_count():
    scores, truth = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[1, 0], [0, 0]], bool)
    assert np.isnan(average_precisions(scores, truth)[1])
    assert mean_average_precision(scores, truth) == 100.0
    assert mean_average_precision(scores, np.zeros_like(truth)) == 0.0


def test_f1_of_the_labels_and_of_all_decisions(some):
    scores, truth = some
    predicted = scores >= 0.5
    counts = label_counts(predicted, truth)
    f1 = precision_recall_f1(counts)[2]
    assert macro(f1, counts) == pytest.approx(100 * f1_score(truth, predicted, average="macro"))
    assert overall_f1(counts) == pytest.approx(100 * f1_score(truth, predicted, average="micro"))
    assert counts.sum(axis=(1, 2)).tolist() == [60] * 4


@pytest.mark.parametrize(
    ("scores", "truth"), [(np.zeros((2, 3)), np.zeros((2, 2), bool)), (np.full((1, 1), np.nan), np.ones((1, 1), bool))]
)
def test_what_does_not_fit_is_refused(scores, truth):
    with pytest.raises(ParameterInvalid):
        average_precisions(scores, truth)
