"""Which columns matter to a model, as bars: its weights, its importances, or what shuffling a column costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import BLUE, INK, VERMILLION, points, render
from BaseML.looking import looks
from BaseML.looking.answering import Numbers, Rows, answer_of, column_names, note_of, some, title_of
from BaseML.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 20
_ROWS = 500
_SHUFFLES = 5
_QUESTIONS = 60_000


def weights(model: TrainedModel, x: Rows) -> Pixels:
    """Return how much each column moves the answer of a linear model, over its own usual spread.

    A weight alone says little where columns have different units: it is multiplied by the column's deviation.
    """
    moves = np.ravel(model.estimator.coef_) * model.scaled(x).std(axis=0)
    words = ("how far one standard deviation of a column moves the answer", "每列变化一个标准差时，答案变化多少")
    return _bars(model, moves, words, ("change of the answer", "答案的变化"))


def importances(model: TrainedModel) -> Pixels:
    """Return how much each column decides in the trees of an ensemble, as shares of 1 (mean decrease of impurity)."""
    words = ("how much each column decides", "每列的重要性")
    return _bars(model, np.asarray(model.estimator.feature_importances_), words, ("share", "占比"))


def shuffled(model: TrainedModel, x: Rows, y: Numbers) -> Pixels:
    """Return how much worse the answers get when one column is shuffled (Breiman 2001: permutation importance)."""
    classify = model.kind.family == "classification"
    words = ("how much worse it gets when a column is shuffled", "打乱一列后，结果变差多少")
    axis = ("lost share of right answers", "正确率的下降") if classify else ("loss of R²", "R² 的下降")
    return _bars(model, _losses(model, x, y), words, axis)


def _losses(model: TrainedModel, x: Rows, y: Numbers) -> Rows:
    rows = some(len(x), int(np.clip(_QUESTIONS / (_SHUFFLES * x.shape[1]), 60, _ROWS)))
    x, y = x[rows], y[rows]
    answer, random = answer_of(model), np.random.default_rng(0)
    usual = _score(model, y, answer(x))
    losses = np.zeros(x.shape[1])
    for column in range(x.shape[1]):
        for _ in range(_SHUFFLES):
            mixed = x.copy()
            mixed[:, column] = random.permutation(x[:, column])
            losses[column] += (usual - _score(model, y, answer(mixed))) / _SHUFFLES
    return losses


def _score(model: TrainedModel, y: Numbers, answered: Numbers) -> float:
    if model.kind.family == "classification":
        return float((answered == y).mean())
    return r_squared(y, answered)


def r_squared(y: Numbers, answered: Numbers) -> float:
    """Return the share of the spread of ``y`` that is explained; 0 where it has none."""
    spread = float(((y - y.mean()) ** 2).sum())
    return 1 - float(((y - answered) ** 2).sum()) / spread if spread else 0.0


def _bars(model: TrainedModel, values: Rows, words: tuple[str, str], axis: tuple[str, str]) -> Pixels:
    names = column_names(model, len(values))
    order = np.argsort(-np.abs(values), kind="stable")[:_MOST]

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        _draw(axes, values[order], [names[place] for place in order])
        looks.title(axes, title_of(model, *words))
        axes.set_xlabel(fonts.picture_text(*axis), fontsize=points(looks.TEXT))
        looks.footnote(figure, note_of(model))

    return render(1100, 260 + 46 * max(3, len(order)), compose)


def _draw(axes: Axes, values: Rows, names: Sequence[str]) -> None:
    places = np.arange(len(values))
    axes.barh(places, values, color=[BLUE if value >= 0 else VERMILLION for value in values], height=0.7)
    widest = float(np.abs(values).max(initial=0)) or 1.0
    style: Any = {"va": "center", "fontsize": points(17), "color": INK}
    for place, value in enumerate(values.tolist()):
        side = 1 if value >= 0 else -1
        axes.text(value + side * widest * 0.015, place, f"{value:.3g}", ha="left" if side > 0 else "right", **style)
    axes.set_yticks(places, list(map(looks.plain, names)), fontsize=points(looks.TEXT))
    axes.invert_yaxis()
    axes.axvline(0, color="#757575", linewidth=1)
    low = min(0.0, float(values.min(initial=0)))
    axes.set_xlim(low - (widest * 0.2 if low < 0 else 0), max(0.0, float(values.max(initial=0))) + widest * 0.2)
    looks.bare(axes, "x")
