"""How sure a classifier may be: its temperature, and the score below which an answer is better none of the classes.

Both are found on the validation pictures. Torch-free. The temperature is that of Guo et al. 2017, "On Calibration of
Modern Neural Networks", section 4.2: logits are divided by one number, so that no answer changes, but its score does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.language import say

COOLEST, HOTTEST = 0.05, 20.0
LEAST_PICTURES = 20
"""Rightly recognised ones: of fewer, a twentieth is not one picture."""
KEPT = 0.95
"""Share of the rightly recognised pictures that the suggested threshold keeps."""
_MOST_PICTURES = 5000  # one number needs no more, and ImageNet has 50,000 × 1000 scores
_CLEAR = 1.92
"""Log-likelihood that chance alone gains with one number, once in twenty times: half of 3.84 (Wilks 1938)."""
_SUREST = 0.9999  # a score of 1 is rounded away by the next runtime
_ALMOST_SURE = 0.99  # from here on whole percents would read 100 %
_STEPS, _PRECISE = 50, 1e-5

Scores = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Calibration:
    """What validation says of the scores; plain data in the ``meta`` of a checkpoint.

    Attributes:
        temperature: What the logits are divided by; 1 leaves the scores as they were trained.
        threshold: Score, of divided logits, that 95 % of the rightly recognised pictures reach; None where there were
            too few.
    """

    temperature: float = 1.0
    threshold: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        """Return plain JSON data."""
        return asdict(self)


def calibrate(probabilities: Scores, labels: Labels) -> Calibration:
    """Find temperature and threshold.

    Args:
        probabilities: Of the validation pictures at temperature 1, (N, C).
        labels: True class numbers, (N,).
    """
    right = probabilities.argmax(1) == labels
    if right.sum() < LEAST_PICTURES or probabilities.shape[1] < 2:
        return Calibration()
    temperature = fit_temperature(probabilities, labels)
    return Calibration(temperature, _threshold(tempered(probabilities[right], temperature).max(1)))


def tempered(probabilities: Scores, temperature: float) -> npt.NDArray[np.float32]:
    """Return the probabilities (N, C) of logits that are divided by a temperature."""
    if temperature == 1:
        return probabilities.astype(np.float32, copy=False)
    return np.exp(_log_softmax(_logits(probabilities) / temperature)).astype(np.float32)


def negative_log_likelihood(probabilities: Scores, labels: Labels, temperature: float = 1.0) -> float:
    """Return the mean loss of the true classes at a temperature."""
    logs = _log_softmax(_logits(probabilities) / temperature)
    return float(-logs[np.arange(len(labels)), labels].mean())


def fit_temperature(probabilities: Scores, labels: Labels) -> float:
    """Return the temperature with the least loss, from 0.05 to 20; 1 where none is clearly better.

    The truth is taken as a little less than certain, by one picture in N + 2 (Platt 1999, "Probabilistic Outputs for
    Support Vector Machines", section 2.2): pictures without a mistake would otherwise make every score 1.
    """
    every = -(-len(labels) // _MOST_PICTURES)
    probabilities, labels = probabilities[::every], labels[::every]
    logits = _logits(probabilities)
    temperature = round(1 / _steepness(logits, _wanted(logits, labels)), 4)
    before, after = (negative_log_likelihood(probabilities, labels, value) for value in (1.0, temperature))
    return temperature if len(labels) * (before - after) > _CLEAR else 1.0


def _wanted(logits: npt.NDArray[np.float64], labels: Labels) -> float:
    """Return the mean logit that the truth asks for, with its doubt."""
    doubt = 1 / (len(labels) + 2)
    of_truth = logits[np.arange(len(labels)), labels]
    of_others = (logits.sum(1) - of_truth) / (logits.shape[1] - 1)
    return float(((1 - doubt) * of_truth + doubt * of_others).mean())


def _steepness(logits: npt.NDArray[np.float64], wanted: float) -> float:
    """Return 1 / temperature where the mean expected logit is the wanted one.

    That is where the derivative of the loss is zero. The loss is convex in 1 / temperature: Newton's steps, and the
    middle of what is left where one would leave it.
    """
    low, high = 1 / HOTTEST, 1 / COOLEST
    value = 1.0
    for _ in range(_STEPS):
        shares = np.exp(_log_softmax(logits * value))
        means = (shares * logits).sum(1)
        slope = float(means.mean()) - wanted
        curvature = float(((shares * logits**2).sum(1) - means**2).mean())
        low, high = (value, high) if slope < 0 else (low, value)
        step = value - slope / curvature if curvature > 0 else np.inf
        new = step if low < step < high else (low + high) / 2
        if abs(new - value) < _PRECISE * value:
            return float(new)
        value = new
    return float(value)


def _threshold(scores: npt.NDArray[np.floating[Any]]) -> float:
    """Return the score that ``KEPT`` of these reach, rounded down so that they still do."""
    lost = int((1 - KEPT) * len(scores) + 1e-9)
    return min(_SUREST, float(np.floor(np.sort(scores.astype(np.float64))[lost] * 1e4) / 1e4))


def _logits(probabilities: Scores) -> npt.NDArray[np.float64]:
    """Return logits (N, C) that make these probabilities: their logarithms, which differ by a number of each row."""
    return np.log(np.maximum(probabilities.astype(np.float64), float(np.finfo(np.float32).tiny)))


def _log_softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shifted: npt.NDArray[np.float64] = logits - logits.max(1, keepdims=True)
    logs: npt.NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return logs


def suggestion_text(description: Mapping[str, Any]) -> str:
    """Say from which score on an answer can be trusted; empty where validation does not tell."""
    threshold = description.get("calibration", {}).get("threshold")
    if not threshold:
        return ""
    percent = f"{threshold:.0%}" if threshold < _ALMOST_SURE else f"{threshold:.2%}"
    return say(
        f'Answers with a score below {percent} are better taken as none of these: inference(…, thr="auto").',
        f'得分低于 {percent} 的答案最好视为“都不是”：推理时写 inference(…, thr="auto")。',
    )
