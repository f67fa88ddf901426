"""One training: what is learned as the estimator takes it, and the model that comes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetNotLoaded
from BaseDT.language import say
from BaseDT.tabular.arrays import as_labels, as_numbers
from BaseDT.tabular.table import Numbers
from BaseML import advice
from BaseML.algorithms.kind import AlgorithmKind
from BaseML.algorithms.parameters import set_parameters
from BaseML.fitting import fit
from BaseML.trained import UNKNOWN, Columns, Scaling, TrainedModel

_FEW, _SMALL = 10, 5000
_STARTS = 10


@dataclass(frozen=True)
class Training:
    """What a training is made of.

    Attributes:
        kind: The algorithm.
        estimator: Of scikit-learn; it is copied, not trained.
        x: (N, F), as the user's data have them.
        y: (N,) or (N, K), likewise; None for none.
        features: Names of the columns; may be empty.
        scale: Whether columns are brought to one scale.
        settings: Parameters for this training.
        chosen: Parameters that the user called by their own names.
        columns: Where its columns stood in the user's table.
    """

    kind: AlgorithmKind
    estimator: Any
    x: Numbers
    y: npt.NDArray[Any] | None
    features: tuple[str, ...]
    scale: bool
    settings: Mapping[str, Any]
    chosen: Collection[str] = ()
    columns: Columns = UNKNOWN


@dataclass(frozen=True)
class Trained:
    """What came of it: the model, and what the user should know."""

    model: TrainedModel
    notes: Sequence[str]


def train(training: Training) -> Trained:
    """Train.

    Raises:
        DatasetNotLoaded: Labels are needed and missing, or all the same (-603).
        DatasetInvalid: Labels that are none (-201).
        ParameterInvalid: A parameter cannot be used with these data (-305).
    """
    from sklearn.base import clone

    kind, x = training.kind, training.x
    y, classes, notes = _learned(training)
    scaling = Scaling.of(x) if training.scale else None
    estimator = clone(training.estimator)
    set_parameters(kind, estimator, training.settings, training.chosen)
    notes += advice.of_data(kind, x, training.features, scaled=training.scale)
    estimator, told = _fitted(training, estimator, x if scaling is None else scaling.apply(x), y)
    notes += told
    features = training.features if len(training.features) == x.shape[1] else ()
    model = TrainedModel(kind, estimator, features, classes, tuple(x.shape), x[:1].copy(), scaling, training.columns)
    return Trained(model, notes)


def _fitted(training: Training, estimator: Any, x: Numbers, y: npt.NDArray[Any] | None) -> tuple[Any, list[str]]:
    """Train an estimator, which is changed; return it, or a better one, and notes.

    A network of few neurons may begin dead, and then never says some of the classes, or one number of every row: it
    begins anew with other weights, unless the user chose which; the best one stays.
    """
    from sklearn.base import clone

    kind = training.kind
    notes = fit(kind, estimator, x, y, training.chosen)
    if kind.name != "MLP" or not _FEW <= len(x) <= _SMALL or estimator.random_state != 0:
        return estimator, notes
    for start in range(1, _STARTS):
        known = 2 if kind.family == "regression" else len(estimator.classes_)
        if len(np.unique(estimator.predict(x), axis=0)) >= known:
            break
        other = clone(estimator).set_params(random_state=start)
        told = fit(kind, other, x, y)
        if other.score(x, y) > estimator.score(x, y):
            estimator, notes = other, told
    return estimator, notes


def _learned(training: Training) -> tuple[npt.NDArray[Any] | None, tuple[str, ...], list[str]]:
    """Return what is learned as numbers, the names of classes, and notes."""
    kind, y = training.kind, training.y
    if not kind.needs_labels:
        return None, (), []
    if y is None or not len(y):
        raise DatasetNotLoaded(
            say(f"{kind.name} needs labels, and there are none.", f"{kind.name} 需要标签 y，但没有标签。"),
            hint=say(
                "Load them: load_dataset(X, y); of a table, load_dataset('a.csv', y_column=[4]) names their column.",
                "请同时载入标签：load_dataset(X, y)；表格请用 load_dataset('a.csv', y_column=[4]) 指明标签列。",
            ),
        )
    _check_length(training.x, y)
    if kind.family == "regression":
        return as_numbers("y_train", y), (), []
    labels = as_labels("y_train", y)
    if int(labels.values.min()) == int(labels.values.max()):
        raise _one_class(labels.names(labels.values[:1])[0])
    return labels.values, labels.classes, list(advice.of_classes(labels.values))


def _check_length(x: Numbers, y: npt.NDArray[Any]) -> None:
    if len(x) != len(y):
        raise DatasetNotLoaded(
            say(
                f"x_train has {len(x)} rows, but y_train {len(y)}.",
                f"x_train 有 {len(x)} 行，而 y_train 有 {len(y)} 行。",
            ),
            hint=say("Every row needs its own label.", "每一行都需要一个标签。"),
        )


def _one_class(name: str) -> DatasetNotLoaded:
    return DatasetNotLoaded(
        say(
            f"All rows are of one class, {name}: there is nothing to tell apart.",
            f"所有数据都属于同一类别 {name}，无法学习分类。",
        ),
        hint=say("Samples of at least two classes are needed.", "至少需要两个类别的样本。"),
    )
