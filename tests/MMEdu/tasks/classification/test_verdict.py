"""What is said of a training that came to nothing, that learnt by heart, or that was too fast."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT.language import use_language
from MMEdu import MMClassification
from MMEdu.engine.events import Event, Notice
from MMEdu.tasks.classification.verdict import is_guessing, verdict


def log(*, train: float = 0.5, val: float = 0.6, lr: float = 0.01) -> list[dict[str, object]]:
    return [{"mode": "env"}, {"mode": "train", "loss": train, "lr": lr}, {"mode": "val", "loss": val}]


def answers(labels: np.ndarray, right: int, classes: int) -> np.ndarray:
    """Scores of which the first ``right`` are right."""
    named = np.where(np.arange(len(labels)) < right, labels, (labels + 1) % classes)
    return np.eye(classes, dtype=np.float32)[named]


BALANCED = np.arange(30) % 5


def test_what_a_guess_reaches_is_said_with_what_helps() -> None:
    text = verdict(log(train=1.6, val=1.6), answers(BALANCED, 6, 5), BALANCED, starts_fresh=True)
    assert "no better than guessing: 20 % of 30" in text
    assert "train(pretrained=True)" in text
    with use_language("zh"):
        assert "瞎猜" in verdict(log(train=1.6, val=1.6), answers(BALANCED, 6, 5), BALANCED, starts_fresh=True)


def test_who_started_pretrained_is_told_of_pictures_and_labels() -> None:
    text = verdict(log(), answers(BALANCED, 6, 5), BALANCED, starts_fresh=False)
    assert "pretrained" not in text
    assert "labels" in text


def test_the_bound_is_that_of_the_exact_test() -> None:
    # P(X >= 10) = 0.061 and P(X >= 11) = 0.026 for 30 trials at a fifth.
    assert is_guessing(10, BALANCED)
    assert not is_guessing(11, BALANCED)


def test_always_naming_the_largest_class_is_guessing_however_often_it_is_right() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    assert is_guessing(90, labels)
    assert not is_guessing(98, labels)


def test_nothing_right_is_guessing() -> None:
    assert is_guessing(0, BALANCED)


def test_validation_of_one_class_says_nothing() -> None:
    assert not is_guessing(10, np.zeros(10, dtype=np.int64))


def test_learnt_by_heart_is_told() -> None:
    text = verdict(log(train=0.05, val=1.2), answers(BALANCED, 20, 5), BALANCED, starts_fresh=True)
    assert "by heart (loss 0.05)" in text
    assert "67 % right" in text


def test_a_rate_that_was_too_large_is_named_before_everything_else() -> None:
    text = verdict(log(train=21.0, val=30.0, lr=10.0), answers(BALANCED, 6, 5), BALANCED, starts_fresh=True)
    assert "lr=10 is too large" in text
    assert "lr=0.01" in text


@pytest.mark.parametrize(
    ("lines", "right"),
    [(log(), 25), (log(train=0.05, val=1.2), 28), ([], 0), (log(train=3.0), 25)],
    ids=["good", "by heart and good", "no line", "a high loss at a usual rate"],
)
def test_where_nothing_is_to_be_mended_nothing_is_said(lines: list[dict[str, object]], right: int) -> None:
    assert verdict(lines, answers(BALANCED, right, 5), BALANCED, starts_fresh=True) == ""


def test_too_few_pictures_are_not_judged() -> None:
    few = np.array([0, 1, 0])
    assert verdict(log(), answers(few, 0, 2), few, starts_fresh=True) == ""


@pytest.mark.parametrize(("rate", "words"), [(1e-20, "no better than guessing"), (0.05, "")])
def test_a_training_ends_with_it(trained, tmp_path, quick, rate: float, words: str) -> None:
    told: list[Event] = []
    model = MMClassification("LeNet")
    model.listener = told.append
    model.load_dataset(trained.dataset)
    model.train(epochs=3, batch_size=6, lr=rate, random_seed=3, save_fold=tmp_path / "模 型")
    said = [event.text for event in told if isinstance(event, Notice) and "guessing" in event.text]
    assert bool(said) == bool(words)
