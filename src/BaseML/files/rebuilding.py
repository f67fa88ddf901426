"""Estimators of scikit-learn, rebuilt from what a file says: parameters by name, then what training left, checked.

A class is imported by our own table, never by the file. What scikit-learn's compiled code would trust is looked at;
what an answer does not need stays out. So files of other versions work as long as they say enough.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from BaseML.files import number_models, plain, tree_models
from BaseML.files.described import Described
from BaseML.files.names import BY_NAME, ESTIMATORS
from BaseML.files.nodes import Damaged, Node

_SET_UP: Mapping[str, Callable[[Any, Described], None]] = {
    "KNeighborsClassifier": number_models.neighbours,
    "NearestNeighbors": number_models.neighbours,
    "SVC": number_models.support_vectors,
    "SVR": number_models.support_vectors,
    "GaussianNB": number_models.naive_bayes,
    "MLPClassifier": number_models.layers,
    "MLPRegressor": number_models.layers,
    "LabelBinarizer": number_models.binarizer,
    "LinearRegression": number_models.linear,
    "Lasso": number_models.linear,
    "Ridge": number_models.linear,
    "PolynomialFeatures": number_models.polynomial,
    "KMeans": number_models.centres,
    "SpectralClustering": number_models.grouped,
    "AgglomerativeClustering": number_models.grouped,
    "Birch": number_models.birch,
    "PCA": number_models.components,
    "LinearDiscriminantAnalysis": number_models.discriminants,
    "LocallyLinearEmbedding": number_models.locally_linear,
    "MinMaxScaler": number_models.scaler,
    "StandardScaler": number_models.scaler,
    "DecisionTreeClassifier": tree_models.one_tree,
    "DecisionTreeRegressor": tree_models.one_tree,
    "RandomForestClassifier": tree_models.forest,
    "RandomForestRegressor": tree_models.forest,
    "AdaBoostClassifier": tree_models.boosted,
    "AdaBoostRegressor": tree_models.boosted,
}
_NOT_TAKEN = ("n_jobs", "verbose")
"""How many threads a model takes, and what it prints, is not for a file to say."""
_DEEPEST = 3
"""Estimators in estimators: a pipeline of a forest of trees."""


def estimator(node: Any, depth: int = 0) -> Any:
    """Rebuild an estimator.

    Args:
        node: What the file says.
        depth: In how many others it lies.

    Raises:
        Damaged: It contradicts itself or lacks something.
        Outdated: The installed scikit-learn would answer otherwise.
    """
    if not isinstance(node, Node) or node.name not in BY_NAME or not isinstance(node.state, dict):
        raise Damaged("an estimator is none")
    if depth > _DEEPEST:
        raise Damaged("estimators lie too deep in one another")
    name = BY_NAME[node.name]
    file = Described(name, node.state, lambda part: estimator(part, depth + 1))
    if name == "Pipeline":
        return _pipeline(file)
    made = _class(name)(**_parameters(name, node.state))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that were usual when the file was written
        _SET_UP[name](made, file)
    return made


def _class(name: str) -> Any:
    return getattr(importlib.import_module(ESTIMATORS[name].module), name)


def _parameters(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that the installed version knows; estimators in them are what parts are made of."""
    known = _class(name)().get_params(deep=False)
    wanted = (key for key in known if key in said and key not in _NOT_TAKEN)
    given = {key: said[key] for key in wanted if not isinstance(said[key], Node)}
    return {key: plain.value(value) for key, value in given.items()}


def _pipeline(file: Described) -> Any:
    steps = []
    for step in file.list("steps"):
        if not isinstance(step, list | tuple) or len(step) != 2 or not isinstance(step[0], str):
            raise Damaged("a pipeline has no steps")
        steps.append((step[0], file.part(step[1])))
    return _class("Pipeline")(steps)


def renumbered(made: Any) -> tuple[str, ...]:
    """Let a classifier that answers in texts answer in numbers; returns the texts by number, none where it did not."""
    inner = made.steps[-1][1] if hasattr(made, "steps") else made
    labels = getattr(inner, "classes_", None)
    if labels is None or labels.dtype.kind != "U":
        return ()
    names = tuple(map(str, labels))
    for part in (inner, getattr(inner, "_label_binarizer", None), *getattr(inner, "estimators_", ())):
        if part is not None and part.classes_.dtype.kind == "U":
            part.classes_ = np.array([names.index(str(label)) for label in part.classes_])
    return names
