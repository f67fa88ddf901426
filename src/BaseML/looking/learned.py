"""Which picture shows what an algorithm learned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import INK
from BaseML.looking import bells, clusters, columns, fits, looks, reduced, refusing, regions, trees
from BaseML.looking.answering import Classes, Numbers, Rows, answer_of, classes_of, column_names, note_of, unscaled
from BaseML.looking.regions import Panel
from BaseML.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_IN_THE_PLANE = ("KNN", "SVM")  # the documents draw these with two columns, and no other way
_EFFORT = 4e7


def draw(model: TrainedModel, x: Rows, y: Numbers | None) -> Pixels:
    """Return the picture of what a model learned; ``BaseML.looking.plots.plot`` says which errors it has."""
    by_family = {"classification": _classifier, "regression": _regressor, "reduction": reduced.draw}
    if model.kind.family == "cluster":
        return clusters.draw(model, x, groups_of(model, x))
    return by_family[model.kind.family](model, x, y)


def _classifier(model: TrainedModel, x: Rows, y: Numbers | None) -> Pixels:
    classes = classes_of(model, y)
    estimator = model.estimator
    if hasattr(estimator, "tree_"):
        return trees.draw(model, classes_of(model))
    if x.shape[1] == 2:
        return in_the_plane(model, x, y, classes)
    if model.kind.name in _IN_THE_PLANE:
        raise refusing.wrong_columns(model, x.shape[1], 2)
    if hasattr(estimator, "theta_"):
        return bells.draw(model, x, classes)
    return _columns(model, x, y)


def _regressor(model: TrainedModel, x: Rows, y: Numbers | None) -> Pixels:
    if x.shape[1] == 1:
        return fits.line(model, x, y)
    if hasattr(model.estimator, "tree_"):
        return trees.draw(model, Classes(np.zeros(0), ()))
    if x.shape[1] == 2:
        return fits.surface(model, x, y)
    if np.size(getattr(model.estimator, "coef_", ())) == x.shape[1]:
        return columns.weights(model, x)
    return _columns(model, x, y)


def _columns(model: TrainedModel, x: Rows, y: Numbers | None) -> Pixels:
    if hasattr(model.estimator, "feature_importances_"):
        return columns.importances(model)
    if y is None:
        raise refusing.no_picture(
            model,
            "plot",
            ("more than two columns, and no y_true to shuffle them against", "特征多于两列，且没有 y_true 作对照"),
            ("Give y_true, too: plot(X=…, y_true=…).", "请同时给出 y_true：plot(X=…, y_true=…)。"),
        )
    return columns.shuffled(model, x, y)


def in_the_plane(model: TrainedModel, x: Rows, y: Numbers | None, classes: Classes) -> Pixels:
    """Return the regions of a classifier over two columns."""
    return regions.draw([panel_of(model, model.kind.name)], x, y, classes, column_names(model, 2), note_of(model))


def panel_of(model: TrainedModel, title: str) -> Panel:
    """Return a classifier of two columns as a panel of a picture of regions."""
    inner = _within(model.estimator)
    held = max(len(getattr(inner, "support_", ())), int(getattr(inner, "n_samples_fit_", 0)))
    side = int(np.clip(np.sqrt(_EFFORT / max(1, held)), 60, regions.SIDE))
    held_up = getattr(inner, "support_vectors_", None)
    more = partial(_supports, model, held_up) if isinstance(held_up, np.ndarray) and len(held_up) else None
    return Panel(title, answer_of(model), side, more)


def _within(estimator: Any) -> Any:
    """Return what a calibrated estimator calibrates; any other is itself."""
    calibrated = getattr(estimator, "calibrated_classifiers_", None)
    return calibrated[0].estimator if calibrated else estimator


def _supports(model: TrainedModel, held: Rows, axes: Axes) -> None:
    """Mark the points (S, 2) on which an SVM leans."""
    label = fonts.picture_text(f"support vectors ({len(held)})", f"支持向量（{len(held)}）")
    style: Any = {"marker": "+", "c": INK, "linewidths": 1.2, "label": looks.plain(label), "zorder": 5}
    places = unscaled(model, held)
    axes.scatter(places[:, 0], places[:, 1], s=46, **style)


def groups_of(model: TrainedModel, x: Rows) -> Numbers:
    """Return the group of each row (N, F).

    Raises:
        MethodUnsupported: The algorithm answers only for what it was trained on, and these are other rows (-405).
    """
    if model.kind.predicts_new:
        return answer_of(model)(x)
    known = np.asarray(model.estimator.labels_)
    if len(known) == len(x):
        return known
    raise refusing.no_picture(
        model,
        "plot",
        (
            f"it groups only the {len(known)} rows that it was trained on, not these {len(x)}",
            f"它只能给训练过的 {len(known)} 行分组，不能给这 {len(x)} 行分组",
        ),
        ("Leave X out, or use Kmeans or Birch.", "请不要传入 X，或改用 Kmeans、Birch。"),
    )
