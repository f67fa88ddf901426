"""Algorithms that compute with tables of numbers, as ONNX in 64 bits: each as scikit-learn computes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseML.export.answers import Answers
from BaseML.export.graph import Graph

_UNROLLED = 64
"""Columns up to which a distance is added up one after the other, as trees of neighbours do: equally far stays so."""
_MANY = 8192
"""Known rows from which on it is multiplied instead: twenty times as fast."""


class Unsupported(ValueError):
    """A parameter of an algorithm that has no form in ONNX here; says which."""


def neighbours(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write K nearest neighbours."""
    points, labels = np.asarray(estimator._fit_X, np.float64), np.asarray(estimator._y).reshape(-1)
    count, classes = estimator.n_neighbors, len(estimator.classes_)
    if estimator.weights not in ("uniform", "distance"):
        raise Unsupported("weights")
    nearness, which = graph.largest(graph.op("Neg", _distances(graph, rows, points, estimator)), count)
    votes = graph.gather(graph.constant(np.eye(classes)[labels]), which)
    weights = graph.constant(np.ones((1, count)))
    if estimator.weights == "distance":
        weights = graph.reshape(_weights(graph, nearness, count, estimator), -1, 1, count)
    summed = graph.reshape(graph.op("MatMul", weights, votes), -1, classes)
    output = graph.divide(summed, graph.total(summed, classes))
    best = graph.best(summed, classes)
    return Answers(output, classes, best, tuple(map(int, estimator.classes_)), len(points))


def _distances(graph: Graph, rows: str, points: npt.NDArray[np.float64], estimator: Any) -> str:
    """Return the distances to all points, squared where they are straight, (N, M)."""
    metric = estimator.effective_metric_
    if metric not in ("euclidean", "manhattan"):
        raise Unsupported("metric")
    if metric == "euclidean" and (points.shape[1] > _UNROLLED or len(points) > _MANY):
        return graph.squared_distances(rows, points)
    total = ""
    for number in range(points.shape[1]):
        step = graph.subtract(graph.column(rows, number), graph.constant(points[None, :, number]))
        part = graph.square(step) if metric == "euclidean" else str(graph.op("Abs", step))
        total = graph.add(total, part) if total else part
    return total


def _weights(graph: Graph, nearness: str, count: int, estimator: Any) -> str:
    """Return one over the distance; where a point is met exactly, only such points count."""
    distances: str = graph.op("Neg", nearness)
    if estimator.effective_metric_ == "euclidean":
        distances = graph.op("Sqrt", graph.op("Abs", distances))
    met = graph.is_less(distances, graph.constant(1e-300))
    some = graph.is_less(graph.constant(0.5), graph.total(met, count))
    others = graph.divide(graph.constant(1.0), graph.add(distances, met))
    return graph.add(graph.multiply(some, met), graph.multiply(graph.subtract(graph.constant(1.0), some), others))


def support_vector_classes(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write a support vector machine: a duel for each pair of classes; most wins (libsvm, section 7)."""
    if estimator.break_ties:
        raise Unsupported("break_ties")
    _check_kernel(estimator)
    counts, classes = estimator._n_support, len(estimator.classes_)
    starts = np.cumsum([0, *counts])
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    weights = np.zeros((len(estimator.support_vectors_), len(pairs)))
    wins = np.zeros((2 * len(pairs), classes))
    for number, (i, j) in enumerate(pairs):
        for own, other in ((i, j), (j, i)):
            part = slice(starts[own], starts[own + 1])
            weights[part, number] = estimator._dual_coef_[other - (other > own), part]
        wins[number, i] = wins[len(pairs) + number, j] = 1
    duels = graph.add(graph.matrix(_kernel(graph, rows, estimator), weights), graph.constant(estimator._intercept_))
    first = graph.is_less(graph.constant(0.0), duels)
    second = graph.subtract(graph.constant(1.0), first)
    votes = graph.matrix(graph.op("Concat", first, second, axis=1), wins)
    output = graph.divide(votes, graph.constant(float(classes - 1)))
    best = graph.best(votes, classes)
    return Answers(output, classes, best, tuple(map(int, estimator.classes_)), len(weights), shares=False)


def support_vector_numbers(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write support vector regression."""
    _check_kernel(estimator)
    found = graph.matrix(_kernel(graph, rows, estimator), estimator._dual_coef_.T)
    found = graph.add(found, graph.constant(estimator._intercept_))
    return Answers(found, 1, space=len(estimator.support_vectors_))


def _check_kernel(estimator: Any) -> None:
    if estimator.kernel not in ("linear", "poly", "rbf", "sigmoid"):
        raise Unsupported("kernel")
    if estimator.kernel == "poly" and (estimator.degree != int(estimator.degree) or estimator.degree < 1):
        raise Unsupported("degree")


def _kernel(graph: Graph, rows: str, estimator: Any) -> str:
    """Return how like each support vector a row is, (N, vectors)."""
    vectors, gamma = estimator.support_vectors_, estimator._gamma
    if estimator.kernel == "rbf":
        return str(graph.op("Exp", graph.multiply(graph.squared_distances(rows, vectors), graph.constant(-gamma))))
    if estimator.kernel == "linear":
        return graph.matrix(rows, vectors.T)
    inner = graph.add(graph.matrix(rows, gamma * vectors.T), graph.constant(float(estimator.coef0)))
    if estimator.kernel == "sigmoid":
        return graph.tanh(inner)
    power = inner
    for _ in range(int(estimator.degree) - 1):
        power = graph.multiply(power, inner)
    return power


def naive_bayes(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write Gaussian naive Bayes: the logarithms of bells and of the shares of classes."""
    means, spreads = estimator.theta_, estimator.var_
    classes, width = means.shape
    with np.errstate(divide="ignore"):
        fixed = np.log(estimator.class_prior_) - 0.5 * np.log(2 * np.pi * spreads).sum(axis=1)
    away = graph.square(graph.subtract(graph.reshape(rows, -1, 1, width), graph.constant(means)))
    far = graph.total(graph.multiply(away, graph.constant(-0.5 / spreads)), width)
    scores = graph.add(graph.reshape(far, -1, classes), graph.constant(np.maximum(fixed, -1e300)))
    return Answers(
        graph.softmax(scores, classes), classes, graph.best(scores, classes), tuple(map(int, estimator.classes_))
    )


def layers(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write a perceptron."""
    value, last = rows, len(estimator.coefs_) - 1
    for number, (weights, shift) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True)):
        value = graph.add(graph.matrix(value, weights), graph.constant(shift))
        if number < last:
            value = _activated(graph, value, estimator.activation)
    width = estimator.coefs_[last].shape[1]
    if not hasattr(estimator, "classes_"):
        if estimator.out_activation_ != "identity":
            raise Unsupported("loss")
        return Answers(value, width)
    classes = len(estimator.classes_)
    if classes == 2:
        likely = graph.sigmoid(value)
        output: str = graph.op("Concat", graph.subtract(graph.constant(1.0), likely), likely, axis=1)
    else:
        output = graph.softmax(value, width)
    return Answers(output, classes, graph.best(output, classes), tuple(map(int, estimator.classes_)))


def _activated(graph: Graph, value: str, name: str) -> str:
    kinds: dict[str, Callable[[str], str]] = {
        "identity": str,
        "relu": lambda item: graph.op("Max", item, graph.constant(0.0)),
        "logistic": graph.sigmoid,
        "tanh": graph.tanh,
    }
    return kinds[name](value)


def linear(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write a line, or several."""
    slopes = np.atleast_2d(estimator.coef_)
    found = graph.matrix(rows, slopes.T)
    return Answers(graph.add(found, graph.constant(np.atleast_1d(estimator.intercept_))), len(slopes))


def powers(graph: Graph, rows: str, estimator: Any) -> str:
    """Return powers and products of columns: each a product of as many columns as the degree; some of these are 1."""
    exponents = estimator.powers_
    degree = int(exponents.sum(axis=1).max(initial=1))
    one = graph.add(graph.multiply(graph.column(rows, 0), graph.constant(0.0)), graph.constant(1.0))
    columns: str = graph.op("Concat", one, rows, axis=1)
    chosen = np.zeros((len(exponents), degree), np.int64)
    for number, row in enumerate(exponents):
        factors = np.repeat(np.arange(1, len(row) + 1), row)
        chosen[number, : len(factors)] = factors
    product = graph.gather(columns, graph.constant(chosen[:, 0], np.int64), axis=1)
    for number in range(1, degree):
        factor = graph.gather(columns, graph.constant(chosen[:, number], np.int64), axis=1)
        product = graph.multiply(product, factor)
    return product


def centres(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write K-means: the nearest centre."""
    squared = graph.squared_distances(rows, estimator.cluster_centers_)
    count = len(estimator.cluster_centers_)
    nearness = graph.op("Neg", graph.op("Sqrt", graph.op("Abs", squared)))
    return Answers(nearness, count, graph.best(graph.op("Neg", squared), count), tuple(range(count)))


def heaps(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write Birch: the nearest of the small heaps tells the group; how near a group is, its nearest heap tells."""
    groups, labels = np.unique(estimator.subcluster_labels_, return_inverse=True)
    nearness: str = graph.op("Neg", graph.squared_distances(rows, estimator.subcluster_centers_))
    best = graph.reshape(graph.gather(graph.constant(labels, np.int64), graph.best(nearness, len(labels))), -1)
    parts = [np.flatnonzero(labels == number) for number in range(len(groups))]
    nearest = [
        graph.highest(graph.gather(nearness, graph.constant(part, np.int64), axis=1), len(part)) for part in parts
    ]
    squared = graph.op("Concat", *nearest, axis=1)
    output = graph.op("Neg", graph.op("Sqrt", graph.op("Abs", squared)))
    return Answers(output, len(groups), best, tuple(map(int, groups)), len(labels))


def components(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write PCA."""
    directions = estimator.components_.T
    if estimator.whiten:
        scale = np.sqrt(estimator.explained_variance_)
        directions = directions / np.maximum(scale, np.finfo(np.float64).eps)
    found = graph.matrix(graph.subtract(rows, graph.constant(estimator.mean_)), directions)
    return Answers(found, directions.shape[1])


def discriminants(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write LDA's transformation."""
    if estimator.solver == "lsqr":
        raise Unsupported("solver")
    directions = estimator.scalings_[:, : estimator._max_components]
    moved = graph.subtract(rows, graph.constant(estimator.xbar_)) if estimator.solver == "svd" else rows
    return Answers(graph.matrix(moved, directions), directions.shape[1])
