"""Groups that a model found: the points in their colours with the centres, and how far the groups are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import INK, points, render
from BaseML.looking import looks
from BaseML.looking.answering import (
    Classes,
    Numbers,
    Rows,
    answer_of,
    column_names,
    note_of,
    some,
    title_of,
)
from BaseML.looking.regions import Panel, bounds_of, paint
from BaseML.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 2000
_COMPARED = 2000
"""Silhouettes compare every row with every other."""


def draw(model: TrainedModel, x: Rows, groups: Numbers) -> Pixels:
    """Return the points (N, F) by group; more than two columns as the two directions of most variance (PCA)."""

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        _scatter(axes, model, x, groups)
        looks.legend(axes)
        looks.footnote(figure, note_of(model))

    return render(1000, 860, compose)


def silhouettes(model: TrainedModel, x: Rows, groups: Numbers) -> Pixels:
    """Return the groups, and beside them how well each row lies in its own (Rousseeuw 1987: silhouette).

    1: far from every other group; 0: between two; below 0: another group is nearer.
    """
    from sklearn.metrics import silhouette_samples

    rows = some(len(x), _COMPARED)
    values = np.asarray(silhouette_samples(model.scaled(x[rows]), groups[rows]), dtype=np.float64)

    def compose(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
        _scatter(left, model, x, groups)
        looks.legend(left)
        _widths(right, values, groups[rows])
        looks.footnote(figure, note_of(model))

    return render(1640, 820, compose)


def _scatter(axes: Axes, model: TrainedModel, x: Rows, groups: Numbers) -> None:
    seen, names, words = _seen(model, x)
    if model.kind.predicts_new and x.shape[1] == 2:
        classes = Classes(np.unique(groups), tuple(map(str, np.unique(groups))))
        paint(axes, Panel("", answer_of(model)), classes, bounds_of(x))
    for place, group in enumerate(np.unique(groups).tolist()):
        here = np.flatnonzero(groups == group)
        label = fonts.picture_text(f"group {group} ({len(here)})", f"第 {group} 组（{len(here)}）")
        shown = here[some(len(here), _POINTS // 4)]
        colour, shape = looks.colour_of(place), looks.shape_of(place)
        style: Any = {"marker": shape, "edgecolors": "white", "linewidths": 0.8, "label": label}
        axes.scatter(seen[shown, 0], seen[shown, 1], s=48 if len(x) <= 500 else 26, c=colour, **style)
        # Of what is drawn the middle is the same as the centre seen from there: a view turns, and moves.
        x0, y0 = seen[here].mean(axis=0).tolist()
        axes.scatter(x0, y0, s=520, c="white", edgecolors=colour, linewidths=3, zorder=5)
        axes.text(x0, y0, str(group), ha="center", va="center", fontsize=points(20), color=INK, zorder=6)
    looks.name_axes(axes, *names)
    looks.bare(axes)
    if x.shape[1] == 1:
        axes.set_yticks([])
    looks.title(axes, title_of(model, *words))


def _seen(model: TrainedModel, x: Rows) -> tuple[Rows, tuple[str, str], tuple[str, str]]:
    """Return points as a picture shows them (N, 2), what the axes are, and what a title says."""
    names = column_names(model, x.shape[1])
    if x.shape[1] == 1:
        up = np.random.default_rng(0).uniform(-1, 1, len(x))
        note = fonts.picture_text("(spread to be seen)", "（仅为分开显示）")
        return np.column_stack([x[:, 0], up]), (names[0], note), ("its groups", "分组结果")
    if x.shape[1] == 2:
        return x, (names[0], names[1]), ("its groups", "分组结果")
    view, share = projected(model.scaled(x))
    axes = tuple(fonts.picture_text(f"direction {i}", f"方向 {i}") for i in (1, 2))
    en = f"its groups\n{x.shape[1]} columns as two directions, {share:.0%} of the variance"
    zh = f"分组结果\n{x.shape[1]} 列特征投影到平面，保留 {share:.0%} 的方差"
    return view, (axes[0], axes[1]), (en, zh)


def projected(x: Rows) -> tuple[Rows, float]:
    """Return rows (N, F) in their two directions of most variance, (N, 2), and the share of it that is seen."""
    centred = x - x.mean(axis=0)
    _, strength, directions = np.linalg.svd(centred, full_matrices=False)
    whole = float((strength**2).sum())
    share = float((strength[:2] ** 2).sum()) / whole if whole else 1.0
    view = centred @ directions[:2].T
    return view if view.shape[1] == 2 else np.pad(view, ((0, 0), (0, 2 - view.shape[1]))), share


def _widths(axes: Axes, values: Rows, groups: Numbers) -> None:
    top = 0
    for place, group in enumerate(np.unique(groups).tolist()):
        inside = np.sort(values[groups == group])[::-1]
        rows: npt.NDArray[Any] = np.arange(top, top + len(inside))
        axes.fill_betweenx(rows, 0, inside, step="mid", color=looks.colour_of(place), alpha=0.85, linewidth=0)
        axes.text(0.01, top + len(inside) / 2, str(group), va="center", fontsize=points(18), color="white")
        top += len(inside) + max(2, len(values) // 60)
    mean = float(values.mean())
    axes.axvline(mean, color=INK, linestyle="--", linewidth=2)
    axes.axvline(0, color="#757575", linewidth=1)
    axes.invert_yaxis()
    axes.set_yticks([])
    axes.set_xlim(min(-0.1, float(values.min()) - 0.05), 1)
    looks.title(axes, fonts.picture_text(f"Silhouette: {mean:.2f} on average", f"轮廓系数：平均 {mean:.2f}"))
    axes.set_xlabel(
        fonts.picture_text("1: deep in its group, 0: between two", "1：在组内深处，0：在两组之间"),
        fontsize=points(looks.TEXT),
    )
    looks.bare(axes, "x")
