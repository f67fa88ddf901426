"""From a trained model to answers: classes, numbers, groups, fewer numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import MethodUnsupported
from BaseDT.language import say
from BaseDT.tabular.known_rows import KnownRows
from BaseDT.tabular.table import Numbers
from BaseML.trained import TrainedModel


def answer(model: TrainedModel, x: Numbers) -> npt.NDArray[Any]:
    """Return what a model says of rows, checked before: labels and groups as int64, numbers as float64.

    Args:
        model: Trained.
        x: (N, F), as the user's data have them, finite.

    Returns:
        (N,); (N, K) for what has fewer numbers, or several that are estimated.

    Raises:
        MethodUnsupported: The algorithm knows only the rows that it was trained on (-405).
    """
    if not model.kind.predicts_new:
        raise _only_known_rows(model)
    import sklearn

    with sklearn.config_context(assume_finite=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        method = "transform" if model.kind.family == "reduction" else "predict"
        found: npt.NDArray[Any] = getattr(model.estimator, method)(model.scaled(x))
    if model.kind.family in ("classification", "cluster"):
        return found.astype(np.int64, copy=False)
    return found[:, 0] if model.kind.family == "regression" and found.ndim == 2 and found.shape[1] == 1 else found


def rows_for(model: TrainedModel, data: object) -> Numbers:
    """Return a user's data as rows that a model can answer for; a single row may come without its own brackets.

    Columns of a frame are found by name where the model knows names.

    Raises:
        InputMismatch: There are more or fewer columns, or what is no number; the hint shows a row that fits (-309).
    """
    return KnownRows(model.width, model.features, np.ravel(model.demo_input).tolist()).rows_of(data)


def _only_known_rows(model: TrainedModel) -> MethodUnsupported:
    name = model.kind.name
    return MethodUnsupported(
        say(
            f"{name} groups the rows that it is trained on, and cannot answer for others.",
            f"{name} 只能对训练它的数据分组，不能预测新的数据。",
        ),
        hint=say(
            "inference() without data gives their groups. Kmeans and Birch answer for new rows, too.",
            "不带数据调用 inference() 可以得到它们的分组；Kmeans 和 Birch 也能预测新数据。",
        ),
    )


def known_groups(model: TrainedModel) -> npt.NDArray[np.int64]:
    """Return the group of each row that a model was trained on, (N,)."""
    return np.asarray(model.estimator.labels_, np.int64)
