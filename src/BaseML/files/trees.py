"""Decision trees of a file: scikit-learn's compiled trees go where their numbers send them, so each is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from BaseML.files import plain
from BaseML.files.names import TREES
from BaseML.files.nodes import Damaged, Node

_LEAF = -1
_LINKS = ("left_child", "right_child", "feature", "threshold")


def tree(node: Any, features: int, classes: int, targets: int = 1) -> Any:
    """Make scikit-learn's ``Tree`` of a described one.

    Args:
        node: What the file says.
        features: Columns of the data.
        classes: Of a classifier; 1 for numbers.
        targets: Numbers that it estimates at once.

    Raises:
        Damaged: A walk through it could leave it, or read what is not there.
    """
    from sklearn.tree._tree import Tree

    if not isinstance(node, Node) or node.name not in TREES or not isinstance(node.state, dict):
        raise Damaged("a tree is none")
    nodes, values = (plain.value(node.state[name]) for name in ("nodes", "values"))
    if not isinstance(nodes, np.ndarray) or nodes.ndim != 1 or not len(nodes) or nodes.dtype.names is None:
        raise Damaged("a tree has no nodes")
    _check_links(nodes, features)
    made = Tree(features, np.full(targets, classes, np.intp), targets)
    empty = made.__getstate__()["nodes"]
    count = len(nodes)
    state = {
        "max_depth": plain.count(node.state["max_depth"], 0, count),
        "node_count": count,
        "nodes": _of_today(nodes, empty.dtype),
        "values": _shares(plain.numbers(values, count, targets, classes), classes),
    }
    made.__setstate__(state)
    return made


def _check_links(nodes: npt.NDArray[Any], features: int) -> None:
    """Make sure that every walk from the first node goes forward and ends in a leaf."""
    left, right, feature, threshold = (nodes[name] for name in _LINKS)
    numbers = np.arange(len(nodes))
    leaf = left == _LEAF
    inner = ~leaf
    if not (right[leaf] == _LEAF).all():
        raise Damaged("a node of a tree has one child")
    for child in (left[inner], right[inner]):
        if not ((child > numbers[inner]) & (child < len(nodes))).all():
            raise Damaged("a child of a tree lies outside it")
    children = np.concatenate([left[inner], right[inner]])
    if len(np.unique(children)) != len(children):
        raise Damaged("a node of a tree has two parents")
    if not ((feature[inner] >= 0) & (feature[inner] < features)).all():
        raise Damaged("a tree asks for a column that there is not")
    if np.isnan(threshold[inner]).any():
        raise Damaged("a threshold of a tree is no number")


def _of_today(nodes: npt.NDArray[Any], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return nodes with the fields of the installed scikit-learn: 1.3 added one for missing numbers."""
    made = np.zeros(len(nodes), dtype)
    assert dtype.names is not None
    for name in dtype.names:
        if nodes.dtype.names is not None and name in nodes.dtype.names:
            made[name] = nodes[name]
        elif name in (*_LINKS, "impurity", "n_node_samples"):
            raise Damaged(f"a tree has no {name}")
    return made


def _shares(values: npt.NDArray[np.float64], classes: int) -> npt.NDArray[np.float64]:
    """Return a classifier's shares; before scikit-learn 1.3 files have numbers of samples."""
    if classes == 1:
        return values
    total = values.sum(axis=2, keepdims=True)
    if not (total > 0).all() or (values < 0).any():
        raise Damaged("a leaf of a tree has no share")
    return np.ascontiguousarray(values if np.allclose(total, 1) else values / total)
