"""Rows in fewer columns: where they lie, and how much of their variance the new columns keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import BLUE, INK, PALE, points, render
from BaseML.looking import looks
from BaseML.looking.answering import Numbers, Rows, classes_of, note_of, some, title_of
from BaseML.looking.regions import scatter
from BaseML.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 2000
_CLASSES_UP_TO = 20


def draw(model: TrainedModel, x: Rows, y: Numbers | None) -> Pixels:
    """Return rows (N, F) in the new columns, coloured by ``y``, and, of PCA and LDA, what each column keeps."""
    reduced = np.asarray(model.estimator.transform(model.scaled(x)), dtype=np.float64)
    kept = shares(model)

    def compose(figure: Figure) -> None:
        if kept is None:
            axes = figure.add_subplot()
        else:
            axes, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
            _bars(right, model, kept)
        _map(axes, figure, model, reduced, y, kept)
        looks.footnote(figure, note_of(model))

    return render(1000 if kept is None else 1560, 820, compose)


def explained(model: TrainedModel, kept: Rows) -> Pixels:
    """Return how much of the variance the new columns keep, one by one and together."""

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        _bars(axes, model, kept)
        en, zh = _variance(model)
        text = (f"{kept.sum():.1%} of the {en} is kept", f"共保留 {kept.sum():.1%} 的{zh}")
        looks.title(axes, title_of(model, *text))
        looks.footnote(figure, note_of(model))

    return render(960, 740, compose)


def shares(model: TrainedModel) -> Rows | None:
    """Return the share of the variance that each new column keeps; None where an algorithm knows of none."""
    kept = getattr(model.estimator, "explained_variance_ratio_", None)
    return None if kept is None else np.asarray(kept, dtype=np.float64)


def _map(axes: Axes, figure: Figure, model: TrainedModel, reduced: Rows, y: Numbers | None, kept: Rows | None) -> None:
    places, names = _plane(reduced, kept)
    shown = some(len(places), _POINTS)
    if y is None:
        axes.scatter(places[shown, 0], places[shown, 1], s=40, color=BLUE, alpha=0.7, edgecolors="none")
    elif len(np.unique(y)) <= _CLASSES_UP_TO:
        classes = classes_of(model, y)
        scatter(axes, places[shown], classes.places(y)[shown], classes.names, np.zeros(len(shown), bool))
        looks.legend(axes)
    else:
        dots = axes.scatter(places[shown, 0], places[shown, 1], c=y[shown].astype(np.float64), s=40, cmap="viridis")
        figure.colorbar(dots, ax=axes)
    looks.name_axes(axes, *names)
    looks.bare(axes, "both")
    if reduced.shape[1] == 1:
        axes.set_yticks([])
    columns = reduced.shape[1]
    en, zh = (
        f"{int(model.estimator.n_features_in_)} columns in {columns}",
        f"把 {int(model.estimator.n_features_in_)} 列变为 {columns} 列",
    )
    if columns > 2:
        en, zh = f"{en}; the first two are shown", f"{zh}；图中为前两列"
    looks.title(axes, title_of(model, en, zh))


def _plane(reduced: Rows, kept: Rows | None) -> tuple[Rows, tuple[str, str]]:
    """Return (N, 2) to draw and the names of the axes; one column is spread so that it is seen."""
    names = [_name(place, kept) for place in range(min(2, reduced.shape[1]))]
    if reduced.shape[1] >= 2:
        return reduced[:, :2], (names[0], names[1])
    up = np.random.default_rng(0).uniform(-1, 1, len(reduced))
    return np.column_stack([reduced[:, 0], up]), (
        names[0],
        fonts.picture_text("(spread to be seen)", "（仅为分开显示）"),
    )


def _name(place: int, kept: Rows | None) -> str:
    name = fonts.picture_text(f"new column {place + 1}", f"第 {place + 1} 个新列")
    return name if kept is None else f"{name} ({kept[place]:.0%})"


def _bars(axes: Axes, model: TrainedModel, kept: Rows) -> None:
    places = np.arange(1, len(kept) + 1)
    axes.bar(places, kept, width=0.7, color=BLUE, label=fonts.picture_text("this column", "单列"))
    axes.plot(places, kept.cumsum(), "o-", color=INK, label=fonts.picture_text("together", "累计"))
    for place, share in enumerate(kept.cumsum().tolist(), 1) if len(kept) <= 10 else ():
        axes.text(place, share + 0.03, f"{share:.0%}", ha="center", fontsize=points(17))
    axes.axhline(1, color=PALE, linewidth=2)
    axes.set_ylim(0, 1.12)
    axes.set_xlim(0, len(kept) + 1)
    axes.set_xticks(_ticks(places.tolist()))
    en, zh = _variance(model)
    looks.name_axes(
        axes, fonts.picture_text("new column", "新列"), fonts.picture_text(f"share of the {en}", f"{zh}占比")
    )
    looks.title(axes, fonts.picture_text(f"{en.capitalize()} that they keep", f"保留的{zh}"))
    looks.bare(axes, "y")
    looks.legend(axes)


def _variance(model: TrainedModel) -> tuple[str, str]:
    """Return what it is that the new columns keep: of LDA what differs within a class does not count."""
    return ("variance between the classes", "类间方差") if model.kind.needs_labels else ("variance", "方差")


def _ticks(places: Sequence[int]) -> list[Any]:
    return list(places[:: max(1, len(places) // 12)])
