"""Softmax regression: the optimum, in both forms, for whatever features come."""

from __future__ import annotations

import numpy as np
import pytest

from XEdu.teach import held_out, softmax_regression
from XEdu.teach.examples import Examples
from XEdu.teach.softmax_regression import fit


def clouds(per_class: int, width: int, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping clouds of points, and their classes."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), per_class)
    centres = rng.normal(0, 1, (classes, width))
    return (centres[labels] + rng.normal(0, 2, (len(labels), width))).astype(np.float32), labels


@pytest.mark.parametrize(("per_class", "width"), [(5, 40), (50, 20)], ids=["dual", "primal"])
def test_the_layer_is_the_optimum(per_class, width):
    """The gradient of the loss, written down anew in 64 bits, vanishes there."""
    features, labels = clouds(per_class, width)
    x = features.astype(np.float64)
    spread = np.sqrt(x.var(0))
    spread = np.maximum(spread, 0.5 * np.sqrt((spread**2).mean()))
    scale = 1 / (spread * np.sqrt(width))
    layer = fit(features, labels, 3)
    weight = layer.weight / scale
    bias = layer.bias + layer.weight @ x.mean(0)
    error = (layer.probabilities(features) - np.eye(3)[labels]) / len(x)
    penalty = softmax_regression._PENALTY / len(x)
    gradient = error.T @ ((x - x.mean(0)) * scale) + penalty * weight
    assert np.abs(gradient).max() < 1e-2 * np.abs(penalty * weight).max()
    assert np.abs(error.sum(0) + penalty * bias).max() < 1e-3


def test_both_forms_find_the_same():
    features, labels = clouds(10, 30)
    inputs = np.hstack([features / 10, np.ones((30, 1), np.float32)])
    targets, share = np.eye(3, dtype=np.float32)[labels], np.full((30, 1), 1 / 30, np.float32)
    dual = inputs.T @ softmax_regression._solve(inputs, targets, share, dual=True)
    primal = softmax_regression._solve(inputs, targets, share, dual=False)
    assert np.abs(dual - primal).max() < 0.02 * np.abs(primal).max()


def test_a_feature_that_hardly_moves_gets_no_huge_weight():
    features, labels = clouds(10, 20)
    features[:, 0] = 1 + 1e-4 * labels  # it tells the classes apart, and means nothing
    layer = fit(features, labels, 3)
    assert np.abs(layer.weight[:, 0]).max() < 2 * np.abs(layer.weight).mean()


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_the_scale_of_the_features_does_not_matter(scale):
    features, labels = clouds(10, 20)
    expected = fit(features, labels, 3).probabilities(features)
    scaled = (features * scale).astype(np.float32)
    assert np.abs(fit(scaled, labels, 3).probabilities(scaled) - expected).max() < 1e-3


def test_features_that_are_all_the_same_say_nothing():
    features, labels = np.ones((6, 4), np.float32), np.array([0, 0, 0, 0, 0, 1])
    assert fit(features, labels, 2).probabilities(features) == pytest.approx(0.5)


def test_blocks_are_runs_of_each_class():
    labels = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 2])
    blocks = held_out.blocks_of(labels)
    assert blocks[labels == 0].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert blocks[labels == 1].tolist() == [0, 1, 2, 3, 4]
    assert blocks[labels == 2].tolist() == [-1]


def test_examples_grow_and_shrink():
    examples = Examples(2)
    for number in range(100):
        examples.add("ab"[number % 2], np.full((1, 2), number, np.float32))
    assert examples.features[:, 0].tolist() == list(range(100))
    assert examples.forget("a", None) == 50
    assert examples.features[:, 1].tolist() == list(range(1, 100, 2))
    assert examples.labels.tolist() == [0] * 50
    examples.add("c", np.zeros((3, 2), np.float32))
    assert (examples.counts, examples.labels[-3:].tolist()) == ({"b": 50, "c": 3}, [1, 1, 1])
