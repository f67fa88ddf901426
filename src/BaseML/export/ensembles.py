"""Trees as ONNX: ``TreeEnsembleRegressor`` only tells in which leaf of each tree a row ends; then leaves are looked up.

Leaves' numbers are small whole ones, which 32 bits hold exactly; what stands in a leaf is added up in 64 bits, as
scikit-learn does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseML.export.answers import Answers
from BaseML.export.graph import ML_DOMAIN, Graph

_LEAF = -1
_TOGETHER = 4
"""Trees of one node."""
Table = npt.NDArray[np.float64]


def one_tree(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write a decision tree."""
    return _mean(graph, rows, [estimator], estimator)


def forest(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write a random forest: the mean of its trees."""
    return _mean(graph, rows, estimator.estimators_, estimator)


def _mean(graph: Graph, rows: str, trees: Sequence[Any], estimator: Any) -> Answers:
    tables = [_leaves(tree) for tree in trees]
    leaves = _leaf_numbers(graph, rows, trees)
    output = _summed(graph, leaves, tables)
    if len(trees) > 1:
        output = graph.divide(output, graph.constant(float(len(trees))))
    width = tables[0].shape[1]
    if not hasattr(estimator, "classes_"):
        return Answers(output, width)
    return Answers(output, width, graph.best(output, width), tuple(map(int, estimator.classes_)))


def boosted_classes(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write AdaBoost of classes: every tree votes with its weight (SAMME).

    J. Zhu and others, Multi-class AdaBoost, 2009.
    """
    count = len(estimator.classes_)
    weights = estimator.estimator_weights_[: len(estimator.estimators_)]
    tables = [
        np.eye(count)[np.searchsorted(estimator.classes_, tree.classes_[_leaves(tree).argmax(axis=1)])] * weight
        for tree, weight in zip(estimator.estimators_, weights, strict=True)
    ]
    votes = _summed(graph, _leaf_numbers(graph, rows, estimator.estimators_), tables)
    best = graph.best(votes, count)
    # As predict_proba: softmax of the votes, shifted and scaled so that they cancel out.
    shares = graph.multiply(votes, graph.constant(count / weights.sum()))
    scores = graph.divide(graph.subtract(shares, graph.constant(1.0)), graph.constant(float(max(count - 1, 1) ** 2)))
    return Answers(graph.softmax(scores, count), count, best, tuple(map(int, estimator.classes_)))


def boosted_numbers(graph: Graph, rows: str, estimator: Any) -> Answers:
    """Write AdaBoost of numbers: the median of the trees, by their weights (H. Drucker, 1997)."""
    trees = estimator.estimators_
    count, weights = len(trees), estimator.estimator_weights_[: len(trees)]
    numbers = _looked_up(graph, _leaf_numbers(graph, rows, trees), [_leaves(tree) for tree in trees])
    falling, order = graph.largest(graph.op("Neg", graph.reshape(numbers, -1, count)), count)
    cumulated = graph.matrix(graph.gather(graph.constant(weights), order), np.triu(np.ones((count, count))))
    half = graph.multiply(graph.column(cumulated, count - 1), graph.constant(0.5))
    below = graph.is_less(cumulated, half)
    # 1 where the first tree stands that is not below the half: below itself, shifted by one, less below.
    shifted = graph.add(graph.matrix(below, np.eye(count, k=1)), graph.constant(np.eye(1, count)))
    first = graph.subtract(shifted, below)
    return Answers(graph.total(graph.multiply(graph.op("Neg", falling), first), count), 1)


def _leaves(estimator: Any) -> Table:
    """Return what stands in the leaves of a tree, (leaves, K): shares of classes, or numbers."""
    tree = estimator.tree_
    values: Table = tree.value[tree.children_left == _LEAF]
    return values[:, 0, :] if hasattr(estimator, "classes_") else values[:, :, 0]


def _summed(graph: Graph, leaves: str, tables: Sequence[Table]) -> str:
    """Add up what stands in the leaves, (N, K)."""
    count, width = len(tables), tables[0].shape[1]
    found = _looked_up(graph, leaves, tables)
    added = graph.op("MatMul", graph.constant(np.ones((1, count))), found) if count > 1 else found
    return graph.reshape(added, -1, width)


def _looked_up(graph: Graph, leaves: str, tables: Sequence[Table]) -> str:
    """Look leaves up, (N, T, K)."""
    starts = np.cumsum([0, *(len(table) for table in tables[:-1])])
    numbers = graph.op("Add", leaves, graph.constant(starts, np.int64))
    return graph.gather(graph.constant(np.concatenate(tables)), numbers)


def _leaf_numbers(graph: Graph, rows: str, trees: Sequence[Any]) -> str:
    """Tell in which leaf of each tree a row ends, (N, T) whole numbers.

    Some trees a node: onnxruntime keeps a number for each of a node's trees for each tree, and a call costs a bit, too.
    """
    narrow = graph.as_float(rows)
    parts = [_of_some(graph, narrow, trees[start : start + _TOGETHER]) for start in range(0, len(trees), _TOGETHER)]
    return graph.as_whole(parts[0] if len(parts) == 1 else graph.op("Concat", *parts, axis=1))


def _of_some(graph: Graph, rows: str, trees: Sequence[Any]) -> str:
    nodes: dict[str, Any] = {name: [] for name in _ATTRIBUTES}
    for number, estimator in enumerate(trees):
        for name, values in _described(estimator.tree_, number).items():
            nodes[name].extend(values)
    return str(
        graph.op(
            "TreeEnsembleRegressor", rows, domain=ML_DOMAIN, n_targets=len(trees),
            aggregate_function="SUM", post_transform="NONE", **nodes,
        )
    )  # fmt: skip


_ATTRIBUTES = (
    *("nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_values", "nodes_modes", "nodes_truenodeids"),
    *("nodes_falsenodeids", "target_treeids", "target_nodeids", "target_ids", "target_weights"),
)


def _described(tree: Any, number: int) -> dict[str, list[Any]]:
    left, right, features = tree.children_left, tree.children_right, tree.feature
    thresholds, leaf = _in_32_bits(tree.threshold), left == _LEAF
    leaves = np.flatnonzero(leaf)
    ends = np.arange(len(leaves), dtype=np.float64)
    if len(left) == 1:  # nothing to ask: a question whose two answers are the one leaf
        left, right, features = np.array([1, -1, -1]), np.array([2, -1, -1]), np.zeros(3, int)
        thresholds, leaf, leaves, ends = np.zeros(3, np.float32), left == _LEAF, np.array([1, 2]), np.zeros(2)
    count = len(left)
    return {
        "nodes_treeids": [number] * count,
        "nodes_nodeids": list(range(count)),
        "nodes_featureids": np.where(leaf, 0, features).tolist(),
        "nodes_values": np.where(leaf, 0, thresholds).tolist(),
        "nodes_modes": ["LEAF" if is_leaf else "BRANCH_LEQ" for is_leaf in leaf],
        "nodes_truenodeids": np.where(leaf, 0, left).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, right).tolist(),
        "target_treeids": [number] * len(leaves),
        "target_nodeids": leaves.tolist(),
        "target_ids": [number] * len(leaves),
        "target_weights": ends.tolist(),
    }


def _in_32_bits(thresholds: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return the largest numbers of 32 bits that are not above: a row of 32 bits then goes the same way."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
