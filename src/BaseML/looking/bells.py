"""What naive Bayes knows: for every class how often a column takes which value, as bells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import render
from BaseML.looking import looks
from BaseML.looking.answering import Classes, Rows, column_names, note_of, title_of, unscaled
from BaseML.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 6
_PLACES = 200


def draw(model: TrainedModel, x: Rows, classes: Classes) -> Pixels:
    """Return the bells of each class for the columns, (N, F), that tell the classes best apart, six at most."""
    seen = model.scaled(x)
    means, spreads = np.asarray(model.estimator.theta_), np.sqrt(np.asarray(model.estimator.var_))
    apart = means.std(axis=0) / np.maximum(spreads.mean(axis=0), 1e-12)
    columns = np.sort(np.argsort(-apart, kind="stable")[:_MOST])
    names = column_names(model, x.shape[1])
    down = -(-len(columns) // 2)

    def compose(figure: Figure) -> None:
        grid = figure.subplots(down, 2, squeeze=False)
        for axes, column in zip(grid.flat, columns, strict=False):
            across = np.linspace(seen[:, column].min(), seen[:, column].max(), _PLACES)
            _bells(axes, across, means[:, column], spreads[:, column], _units(model, across, int(column)), classes)
            axes.set_xlabel(looks.plain(names[column]))
        for axes in grid.flat[len(columns) :]:
            axes.set_visible(False)
        looks.title(grid[0, 0], title_of(model, "how often which value is expected", "每类中各取值的常见程度"))
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower left", frameon=False, ncols=4)
        looks.footnote(figure, note_of(model))

    return render(1300, 380 * down + 120, compose)


def _units(model: TrainedModel, across: Rows, column: int) -> Rows:
    """Return places of one column in the units of the user's data."""
    rows = np.zeros((len(across), int(model.estimator.n_features_in_)))
    rows[:, column] = across
    return np.asarray(unscaled(model, rows)[:, column], dtype=np.float64)


def _bells(axes: Axes, across: Rows, means: Rows, spreads: Rows, shown: Rows, classes: Classes) -> None:
    for place, (mean, spread) in enumerate(zip(means.tolist(), np.maximum(spreads, 1e-12).tolist(), strict=True)):
        height = np.exp(-0.5 * ((across - mean) / spread) ** 2) / spread
        axes.plot(shown, height, color=looks.colour_of(place), label=looks.plain(classes.names[place]))
        axes.fill_between(shown, 0, height, color=looks.colour_of(place), alpha=0.18, linewidth=0)
    axes.set_yticks([])
    axes.set_ylim(bottom=0)
    axes.set_ylabel(fonts.picture_text("how often", "频率"))
    looks.bare(axes)
