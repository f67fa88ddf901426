"""Small trained models of BaseML for tests, one of each algorithm, with words for classes and names for columns.

``conftest.py`` puts this folder on the path.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_diabetes, load_iris

from BaseML.algorithms.kind import AlgorithmKind, Family
from BaseML.algorithms.registry import algorithms, find
from BaseML.answering import answer
from BaseML.trained import Scaling, TrainedModel

FAMILIES: tuple[Family, ...] = ("classification", "regression", "cluster", "reduction")
KINDS = [kind for family in FAMILIES for kind in algorithms(family).values()]
FLOWERS = ("山鸢尾", "变色鸢尾", "维吉尼亚鸢尾")
IRIS, LABELS = load_iris(return_X_y=True)
DIABETES, PROGRESS = load_diabetes(return_X_y=True)
_FEW = {"n_estimators": 8, "n_clusters": 3, "hidden_layer_sizes": (6,), "max_iter": 300}


@cache
def trained(name: str, family: Family, *, scaled: bool = False, **parameters: Any) -> TrainedModel:
    """Train an algorithm on iris, or on diabetes where it estimates numbers."""
    kind = find(family, name)
    x, y = (DIABETES, PROGRESS) if family == "regression" else (IRIS, LABELS)
    scaling = Scaling.of(x) if scaled else None
    estimator = kind.make()
    known = {name for step in _steps(estimator) for name in step.get_params(deep=False)}
    few = {**_FEW, **({"n_components": 2} if family == "reduction" else {})}
    _set(estimator, {**{name: value for name, value in few.items() if name in known}, **parameters})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(x if scaling is None else scaling.apply(x), *([y] if kind.needs_labels else []))
    classes = FLOWERS if family == "classification" else ()
    features = ("萼片长", "萼片宽", "花瓣长", "花瓣宽") if len(x.T) == 4 else ()
    return TrainedModel(kind, estimator, features, classes, x.shape, x[:1], scaling)


def rows_for(kind: AlgorithmKind, count: int = 200) -> np.ndarray:
    """New rows within the data's bounds, with as many digits as people type; no two of them alike."""
    x = DIABETES if kind.family == "regression" else IRIS
    return np.round(np.random.default_rng(1).uniform(x.min(axis=0), x.max(axis=0), (count, x.shape[1])), 4)


def said(model: TrainedModel, rows: np.ndarray) -> np.ndarray:
    """What a model says of rows, or of its own ones where it answers for no others."""
    return answer(model, rows) if model.kind.predicts_new else model.estimator.labels_


def _steps(estimator: Any) -> list[Any]:
    return [step for _, step in estimator.steps] if hasattr(estimator, "steps") else [estimator]


def _set(estimator: Any, values: dict[str, Any]) -> None:
    for step in _steps(estimator):
        step.set_params(**{name: value for name, value in values.items() if name in step.get_params(deep=False)})
