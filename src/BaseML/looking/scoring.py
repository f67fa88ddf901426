"""Which picture shows how good a model is."""

from __future__ import annotations

import numpy as np

from BaseDT import metrics
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.plot import confusion
from BaseML.looking import clusters, fits, learned, reduced, refusing
from BaseML.looking.answering import Numbers, Rows, answer_of, classes_of
from BaseML.trained import TrainedModel


def draw(model: TrainedModel, x: Rows, y: Numbers | None) -> Pixels:
    """Return the picture of how good a model is; ``BaseML.looking.plots.metricplot`` says which errors it has."""
    if model.kind.family == "cluster":
        return _groups(model, x)
    if model.kind.family == "reduction":
        return _kept(model)
    if y is None:
        raise ParameterInvalid(
            say("metricplot() has no labels to compare with.", "metricplot() 没有可供比较的标签。"),
            hint=say(
                "Load data with labels and split=True, or give both: metricplot(X=…, y_true=…).",
                "请读取带标签的数据并设 split=True，或同时给出：metricplot(X=…, y_true=…)。",
            ),
        )
    return _confused(model, x, y) if model.kind.family == "classification" else fits.residuals(model, x, y)


def _confused(model: TrainedModel, x: Rows, y: Numbers) -> Pixels:
    """Return what is taken for what, and, in the plane of two columns, where."""
    answered = answer_of(model)(x)
    classes = classes_of(model, y, answered)
    matrix = metrics.confusion_matrix(classes.places(y), classes.places(answered), len(classes.names))
    drawn = confusion.draw(matrix, classes.names, counted="rows")
    if x.shape[1] != 2:
        return drawn
    return beside(drawn, learned.in_the_plane(model, x, y, classes))


def _groups(model: TrainedModel, x: Rows) -> Pixels:
    groups = learned.groups_of(model, x)
    found = len(np.unique(groups))
    if 2 <= found < len(x):
        return clusters.silhouettes(model, x, groups)
    raise refusing.no_picture(
        model,
        "metricplot",
        (f"{found} group(s) of {len(x)} rows leave nothing to compare", f"{len(x)} 行分成 {found} 组，无法比较"),
        ("Choose N_CLUSTERS of at least 2, and give more rows.", "请设 N_CLUSTERS 至少为 2，并给出更多行。"),
    )


def _kept(model: TrainedModel) -> Pixels:
    kept = reduced.shares(model)
    if kept is not None:
        return reduced.explained(model, kept)
    raise refusing.no_picture(
        model,
        "metricplot",
        ("it does not say how much of the variance it keeps", "它不给出保留的方差"),
        (
            "plot() shows where the rows lie; PCA says how much it keeps.",
            "plot() 可画出各行的位置；PCA 会给出保留的方差。",
        ),
    )


def beside(left: Pixels, right: Pixels) -> Pixels:
    """Return two pictures in a row, the lower one in the middle of its height."""
    high = max(len(left), len(right))

    def as_high(pixels: Pixels) -> Pixels:
        above = (high - len(pixels)) // 2
        return np.pad(pixels, ((above, high - len(pixels) - above), (0, 0), (0, 0)), constant_values=255)

    return np.asarray(np.hstack([as_high(left), as_high(right)]), dtype=np.uint8)
