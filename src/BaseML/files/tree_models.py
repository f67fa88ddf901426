"""Trees and ensembles of trees: set up from what a file says of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from BaseML.files import plain, trees
from BaseML.files.described import Described
from BaseML.files.nodes import Damaged, Node

_MANY = 100_000
"""Trees of one forest."""


def one_tree(made: Any, file: Described) -> None:
    """Set up a decision tree."""
    classifies = file.name.endswith("Classifier")
    made.n_features_in_ = features = file.count("n_features_in_ n_features_")
    made.n_outputs_ = targets = file.count("n_outputs_", 1, 1 if classifies else 1000)
    count = 1
    if classifies:
        made.classes_ = file.classes()
        made.n_classes_ = count = len(made.classes_)
    else:
        made.n_classes_ = [1] * targets
    made.max_features_ = features
    made.tree_ = trees.tree(file.raw("tree_"), features, count, targets)


def forest(made: Any, file: Described) -> None:
    """Set up a random forest: all its trees look at the same columns."""
    made.estimators_ = _trees(file)
    first = made.estimators_[0]
    made.n_features_in_, made.n_outputs_ = first.n_features_in_, first.n_outputs_
    if file.name.endswith("Classifier"):
        made.classes_ = file.classes()
        made.n_classes_ = len(made.classes_)
    counts = {(item.n_features_in_, item.n_outputs_, np.size(item.tree_.value[0])) for item in made.estimators_}
    if counts != {(first.n_features_in_, first.n_outputs_, getattr(made, "n_classes_", first.n_outputs_))}:
        raise Damaged("the trees of a forest differ")
    made.estimator_ = type(first)()


def boosted(made: Any, file: Described) -> None:
    """Set up AdaBoost: trees with weights."""
    made.estimators_ = _trees(file)
    first = made.estimators_[0]
    made.n_features_in_ = first.n_features_in_
    weights = file.numbers("estimator_weights_", None)
    if len(weights) < len(made.estimators_) or (weights < 0).any() or not weights[: len(made.estimators_)].sum() > 0:
        raise Damaged("the trees of AdaBoost have no weights")
    made.estimator_weights_ = weights
    file.carry(made, "estimator_errors_")
    if file.name.endswith("Classifier"):
        if plain.is_plain(file.said.get("algorithm")) and file.said.get("algorithm") == "SAMME.R":
            raise Outdated("AdaBoost, algorithm='SAMME.R'")
        made.classes_ = file.classes()
        made.n_classes_ = len(made.classes_)
        if not all(np.isin(item.classes_, made.classes_).all() for item in made.estimators_):
            raise Damaged("the trees of AdaBoost know other classes")
    made.estimator_ = type(first)()


class Outdated(ValueError):
    """The installed scikit-learn answers otherwise than the one that trained it."""


def _trees(file: Described) -> list[Any]:
    items = file.list("estimators_")
    if isinstance(items[0], list | np.ndarray) or len(items) > _MANY:
        raise Damaged("trees of another form")
    made = [file.part(item) for item in items if isinstance(item, Node)]
    if len(made) != len(items) or any(not hasattr(item, "tree_") for item in made):
        raise Damaged("an ensemble of other estimators than trees")
    if len({(type(item), item.n_features_in_) for item in made}) != 1:
        raise Damaged("the trees of an ensemble differ")
    return made
