"""Softmax regression with an L2 penalty on standardised features: a classifier's last layer, in a fraction of a second.

Numpy only; it knows neither pictures nor files. Every class weighs the same, however many pictures it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.intp]

_PENALTY = 0.1
"""Of the squared weights, divided by the number of pictures: few pictures are trusted less."""
_LEAST_SPREAD = 0.5
"""Of a feature, as a share of the mean one. A feature that hardly ever moved would otherwise get weights so large that
the folded layer survives no rounding (INT8), and would decide alone once it moves."""
_PRECISE, _MOST_STEPS = 3e-4, 300
"""Steps end when no probability of a picture moves by more."""


@dataclass(frozen=True)
class LastLayer:
    """A linear layer with softmax behind it, on features as they come.

    Attributes:
        weight: (classes, D).
        bias: (classes,).
    """

    weight: Floats
    bias: Floats

    def probabilities(self, features: Floats) -> Floats:
        """Map features (N, D) to probabilities (N, classes)."""
        return _softmax(features @ self.weight.T + self.bias)


def fit(features: Floats, labels: Labels, classes: int) -> LastLayer:
    """Find the layer.

    The curvature of the loss is at most half that of least squares (Böhning 1992, "Multinomial logistic regression
    algorithm", theorem 2), so that one matrix, inverted once, serves every Newton step; the steps are accelerated
    (Nesterov 1983) and start afresh where they overshoot (O'Donoghue and Candès 2015, section 3.2).
    While pictures are fewer than features, the unknowns are a share of each picture in each class (dual form): the
    weights are the sum of the pictures' features by these shares.

    Args:
        features: (N, D), finite.
        labels: (N,), each of ``range(classes)`` at least once.
        classes: At least two.
    """
    share = (1 / (classes * np.bincount(labels)[labels])).astype(np.float32)
    mean, scale = _standard(features, share)
    inputs = np.hstack([(features - mean) * scale, np.ones((len(features), 1), np.float32)])  # 1: the bias
    dual = inputs.shape[0] < inputs.shape[1]
    solution = _solve(inputs, np.eye(classes, dtype=np.float32)[labels], share[:, None], dual=dual)
    layer = inputs.T @ solution if dual else solution
    weight = layer[:-1].T * scale
    return LastLayer(weight, layer[-1] - weight @ mean)


def _standard(features: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Return the means of the features, and factors that make a picture's squared length about 1."""
    mean = share @ features
    variance = share @ np.square(features - mean)
    typical = np.sqrt(variance.mean())
    if typical == 0:  # all pictures are the same one
        return mean, np.ones_like(mean)
    spread = np.maximum(np.sqrt(variance), _LEAST_SPREAD * typical)
    return mean, (1 / (spread * np.sqrt(len(mean)))).astype(np.float32)


def _solve(inputs: Floats, targets: Floats, share: Floats, *, dual: bool) -> Floats:
    """Minimise the loss.

    Args:
        inputs: (N, D + 1), standardised.
        targets: (N, classes), one-hot.
        share: (N, 1): weights of the pictures, their sum is 1.
        dual: Whether the unknowns belong to pictures; to features otherwise.

    Returns:
        (N, classes) or (D + 1, classes).
    """
    penalty = np.float32(_PENALTY / len(inputs))
    matrix = inputs @ inputs.T if dual else inputs
    curvature = share * matrix / 2 if dual else (inputs * share).T @ inputs / 2
    curvature[np.diag_indices_from(curvature)] += penalty
    inverse = np.linalg.inv(curvature)
    solution: Floats = np.zeros((len(inverse), targets.shape[1]), np.float32)
    ahead: Floats = solution
    before, momentum = np.full_like(targets, np.inf), 1.0
    for _ in range(_MOST_STEPS):
        probabilities = _softmax(np.matmul(matrix, ahead))
        if np.abs(probabilities - before).max() < _PRECISE:
            break
        before = probabilities
        error = share * (probabilities - targets)
        gradient = (error if dual else inputs.T @ error) + penalty * ahead
        newer: Floats = ahead - inverse @ gradient
        move, last = newer - solution, momentum
        uphill = float(np.vdot(gradient, move)) > 0
        momentum = 1.0 if uphill else (1 + np.sqrt(1 + 4 * last**2)) / 2
        ahead = newer if uphill else newer + np.float32((last - 1) / momentum) * move
        solution = newer
    return solution


def _softmax(logits: Floats) -> Floats:
    """Map logits (N, classes) to probabilities."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    result: Floats = powers / powers.sum(1, keepdims=True)
    return result
