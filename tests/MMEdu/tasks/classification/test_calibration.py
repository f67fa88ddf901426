"""Temperature and suggested threshold: what validation says of a classifier's scores."""

from __future__ import annotations

import numpy as np
import pytest

from MMEdu.tasks.classification.calibration import (
    COOLEST,
    HOTTEST,
    LEAST_PICTURES,
    Calibration,
    calibrate,
    fit_temperature,
    negative_log_likelihood,
    suggestion_text,
    tempered,
)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32)


def drawn(count: int, classes: int, factor: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits whose softmax is exactly how often each class is right, times a factor; labels drawn from that softmax."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (count, classes))
    shares = softmax(logits).astype(np.float64)
    labels = (shares.cumsum(1) < random.random((count, 1)) * shares.sum(1, keepdims=True)).sum(1)
    return logits * factor, softmax(logits * factor), labels


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0, 5.0])
@pytest.mark.parametrize("classes", [2, 10])
def test_a_known_exaggeration_is_found_and_the_loss_falls(factor: float, classes: int) -> None:
    _, scores, labels = drawn(4000, classes, factor)
    temperature = fit_temperature(scores, labels)
    assert temperature == pytest.approx(factor, rel=0.1)
    assert negative_log_likelihood(scores, labels, temperature) < negative_log_likelihood(scores, labels)


def test_no_other_temperature_has_less_loss() -> None:
    _, scores, labels = drawn(3000, 4, 3.0, seed=5)
    found = negative_log_likelihood(scores, labels, fit_temperature(scores, labels))
    others = [negative_log_likelihood(scores, labels, value) for value in np.linspace(0.2, 10, 200)]
    assert found <= min(others) + 1e-4


def test_logits_divided_give_what_tempered_probabilities_give() -> None:
    logits, scores, _ = drawn(50, 5, 4.0)
    np.testing.assert_allclose(tempered(scores, 2.5), softmax(logits / 2.5), atol=1e-5)
    assert tempered(scores, 1.0) is scores, "nothing to do, nothing done"


@pytest.mark.parametrize("temperature", [COOLEST, 0.7, 3.0, HOTTEST])
def test_no_answer_changes(temperature: float) -> None:
    _, scores, _ = drawn(500, 7, 1.0)
    assert (tempered(scores, temperature).argmax(1) == scores.argmax(1)).all()


@pytest.mark.parametrize("height", [0.4, 2.0, 8.0, 60.0, 200.0])
def test_pictures_without_a_mistake_give_no_extreme(height: float) -> None:
    labels = np.arange(40) % 2
    scores = softmax(height * np.eye(2)[labels])
    temperature = fit_temperature(scores, labels)
    assert negative_log_likelihood(scores, labels, temperature) <= negative_log_likelihood(scores, labels)
    sure = tempered(scores, temperature).max(1).mean()
    assert temperature == 1 or sure < 0.99, "40 pictures do not make it surer than one mistake in 42"


@pytest.mark.parametrize("wrong", [0.5, 1.0])
def test_scores_worse_than_chance_stay_within_the_bounds(wrong: float) -> None:
    labels = np.arange(60) % 3
    said = np.where(np.arange(60) < 60 * wrong, (labels + 1) % 3, labels)
    scores = softmax(30 * np.eye(3)[said])
    assert COOLEST <= fit_temperature(scores, labels) <= HOTTEST + 1e-3


def test_probabilities_of_zero_are_no_trouble() -> None:
    labels = np.arange(50) % 2
    scores = np.eye(2, dtype=np.float32)[labels]
    scores[0] = scores[0, ::-1]
    calibration = calibrate(scores, labels)
    assert np.isfinite(calibration.temperature)
    assert calibration.threshold is not None
    assert calibration.temperature > 1, "one that is sure and wrong is too sure"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [30, 101, 1000])
def test_the_threshold_keeps_95_percent_of_the_right_ones_and_no_more_than_needed(seed: int, count: int) -> None:
    _, scores, labels = drawn(count, 3, 2.0, seed)
    calibration = calibrate(scores, labels)
    right = scores.argmax(1) == labels
    if right.sum() < LEAST_PICTURES:
        assert calibration == Calibration()
        return
    best = tempered(scores, calibration.temperature).max(1)[right]
    assert calibration.threshold is not None
    assert (best >= calibration.threshold).mean() >= 0.95
    assert (best >= calibration.threshold + 2e-4).mean() < 0.95 + 1.5 / right.sum()


@pytest.mark.parametrize("count", [0, 1, LEAST_PICTURES - 1])
def test_too_few_right_pictures_say_nothing(count: int) -> None:
    labels = np.zeros(count, np.int64)
    scores = softmax(np.tile([3.0, 0.0], (count, 1)))
    assert calibrate(scores, labels) == Calibration(1.0, None)
    assert suggestion_text({"calibration": calibrate(scores, labels).to_dict()}) == ""


def test_scores_of_one_leave_room_for_rounding() -> None:
    labels = np.arange(40) % 2
    calibration = calibrate(np.eye(2, dtype=np.float32)[labels], labels)
    assert calibration == Calibration(1.0, 0.9999)
    assert "99.99%" in suggestion_text({"calibration": calibration.to_dict()})


def test_a_gain_that_may_be_chance_changes_nothing() -> None:
    found = [fit_temperature(*drawn(40, 3, 1.0, seed)[1:]) for seed in range(40)]
    assert sum(temperature == 1.0 for temperature in found) >= 34, "once in twenty times it is more than chance gives"
    _, scores, labels = drawn(4000, 3, 1.3)
    assert fit_temperature(scores, labels) == pytest.approx(1.3, abs=0.1), "of many pictures a little is clear"


def test_a_single_class_says_nothing() -> None:
    assert calibrate(np.ones((50, 1), np.float32), np.zeros(50, np.int64)) == Calibration()


def test_many_pictures_are_thinned_out() -> None:
    _, scores, labels = drawn(12000, 3, 2.0)
    assert fit_temperature(scores, labels) == fit_temperature(scores[::3], labels[::3])


@pytest.mark.parametrize(("language", "words"), [("en", "below 62%"), ("zh", "低于 62%")])
def test_the_line_for_a_pupil_is_in_both_languages(language: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", language)
    text = suggestion_text({"calibration": {"temperature": 1.3, "threshold": 0.6189}})
    assert words in text
    assert 'thr="auto"' in text
