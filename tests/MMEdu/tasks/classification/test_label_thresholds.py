"""Thresholds of labels and what a training on several labels came to."""

from __future__ import annotations

import numpy as np
import pytest

from MMEdu.tasks.classification.label_thresholds import suggested, suggestion_text
from MMEdu.tasks.classification.label_verdict import better_than_guessing, verdict
from MMEdu.tasks.classification.several_labels import SeveralLabels


def log(train: float, val: float = 0.5, lr: float = 0.01) -> list[dict[str, object]]:
    return [{"mode": "train", "loss": train, "lr": lr}, {"mode": "val", "loss": val}]


def scored(count: int = 200, share: float = 0.2, low: float = 0.0, gap: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Scores of which those with the label begin ``gap`` above the others."""
    random = np.random.default_rng(0)
    truth = random.random((count, 1)) < share
    return (low + 0.1 * random.random((count, 1)) + gap * truth).astype(np.float32), truth


def test_the_best_f1_gives_the_threshold_of_a_rare_label():
    scores, truth = scored()
    [threshold] = suggested(scores, truth)
    assert 0.1 < threshold < 0.2
    assert ((scores >= threshold) == truth).all()
    assert "1 of 1 labels" in suggestion_text([threshold])


@pytest.mark.parametrize("scores", [scored(low=0.4, gap=0.15), scored(count=30)])
def test_a_half_stays_where_another_score_is_no_better_or_little_is_known(scores):
    assert suggested(*scores) == [0.5]
    assert suggestion_text([0.5]) == ""


def test_nothing_learnt_is_said():
    random = np.random.default_rng(1)
    truth = random.random((100, 3)) < 0.3
    text = verdict(log(1.9), random.random((100, 3)), truth, starts_fresh=True)
    assert "No label is found better than by guessing" in text
    assert "pretrained=True" in text


def test_one_label_that_is_found_is_enough():
    random = np.random.default_rng(1)
    truth = random.random((100, 3)) < 0.3
    scores = random.random((100, 3))
    scores[:, 1] += truth[:, 1]
    assert better_than_guessing(scores, truth) == {0: False, 1: True, 2: False}
    assert verdict(log(1.9), scores, truth, starts_fresh=True) == ""


def test_a_rate_that_was_too_large_and_learning_by_heart_are_said():
    scores, truth = scored()
    assert "too large" in verdict(log(50.0, lr=1.0), scores, truth, starts_fresh=True)
    random = np.random.default_rng(1)
    hardly = (0.3 * truth + random.random(truth.shape)).astype(np.float32)
    assert "by heart" in verdict(log(0.01, val=0.6), hardly, truth, starts_fresh=True)


def test_labels_that_are_rare_weigh_more_but_not_without_end():
    class Data:
        train = range(100)

        def counts(self, split: str) -> tuple[int, ...]:
            assert split == "train"
            return 90, 50, 20, 1

    assert SeveralLabels().class_weights(Data()).tolist() == [1, 1, 4, 10]  # type: ignore[arg-type]
