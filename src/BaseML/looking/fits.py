"""What a regression answers over one column or two, and how far it is off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import BLUE, INK, PALE, VERMILLION, points, render
from BaseML.looking import looks
from BaseML.looking.answering import Numbers, Rows, answer_of, column_names, note_of, some, title_of
from BaseML.looking.columns import r_squared
from BaseML.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PLACES = 400
_SIDE = 120
_POINTS = 2000


def line(model: TrainedModel, x: Rows, y: Numbers | None) -> Pixels:
    """Return points (N, 1) and the line of the model's answers; a linear model's formula is its title."""
    least, most = float(x.min()), float(x.max())
    across = np.linspace(least, most, _PLACES) if most > least else np.array([least - 1, most + 1])
    answered = answer_of(model)(across[:, None])
    shown = some(len(x), _POINTS)

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        if y is not None:
            label = fonts.picture_text("data", "数据")
            axes.scatter(x[shown, 0], y[shown], s=34, color=BLUE, alpha=0.65, edgecolors="none", label=label)
        label = fonts.picture_text("the model's answer", "模型的答案")
        axes.plot(across, answered, color=VERMILLION, linewidth=3.5, label=label)
        looks.name_axes(axes, column_names(model, 1)[0], fonts.picture_text("answer", "答案"))
        looks.bare(axes, "both")
        looks.title(axes, title_of(model, *_formula(model, across, answered)))
        looks.legend(axes)
        looks.footnote(figure, note_of(model))

    return render(1000, 800, compose)


def _formula(model: TrainedModel, across: Rows, answered: Numbers) -> tuple[str, str]:
    degree = _degree(model)
    if not degree:
        return "what it answers", "模型给出的答案"
    # Of the answers themselves: the estimator's own numbers are those of scaled columns.
    weights = np.polyfit(across, answered, degree)
    powers = ("", "x", "x²", "x³", "x⁴")
    terms = [f"{weight:+.4g} {powers[degree - place]}".strip() for place, weight in enumerate(weights.tolist())]
    text = "y = " + " ".join(f"{term[0]} {term[1:]}" for term in terms).removeprefix("+ ")
    return text, text


def _degree(model: TrainedModel) -> int:
    """Return the degree of a model of one column that is a polynomial, up to 4; 0 of any other."""
    estimator = model.estimator
    if hasattr(estimator, "steps") and hasattr(estimator.steps[0][1], "degree"):
        degree = estimator.steps[0][1].degree
        return degree if isinstance(degree, int) and degree <= len("x²³⁴") else 0
    return int(np.size(getattr(estimator, "coef_", ())) == 1 and not hasattr(estimator, "support_vectors_"))


def surface(model: TrainedModel, x: Rows, y: Numbers | None) -> Pixels:
    """Return the answers over the plane of two columns as colour, and points (N, 2) in the colour of their number."""
    least, most = x.min(axis=0), x.max(axis=0)
    margin = np.where(most > least, 0.05 * (most - least), 1.0)
    across, upwards = (np.linspace(least[i] - margin[i], most[i] + margin[i], _SIDE) for i in (0, 1))
    grid_x, grid_y = np.meshgrid(across, upwards)
    answered = answer_of(model)(np.column_stack([grid_x.ravel(), grid_y.ravel()])).reshape(grid_x.shape)
    numbers = np.concatenate([answered.ravel(), [] if y is None else y])
    scale: Any = {"cmap": "viridis", "vmin": float(numbers.min()), "vmax": float(numbers.max())}
    shown = some(len(x), _POINTS)

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        extent = (float(across[0]), float(across[-1]), float(upwards[0]), float(upwards[-1]))
        plane = axes.imshow(answered, extent=extent, origin="lower", aspect="auto", alpha=0.8, **scale)
        if y is not None:
            axes.scatter(x[shown, 0], x[shown, 1], c=y[shown], s=46, edgecolors="white", linewidths=0.8, **scale)
        figure.colorbar(plane, ax=axes).set_label(fonts.picture_text("answer", "答案"), fontsize=points(looks.TEXT))
        looks.name_axes(axes, *column_names(model, 2))
        words = ("the plane is its answer, a point is what was true", "底色是模型的答案，圆点是真实值")
        looks.title(axes, title_of(model, *words))
        looks.footnote(figure, note_of(model))

    return render(1050, 820, compose)


def residuals(model: TrainedModel, x: Rows, y: Numbers) -> Pixels:
    """Return true numbers against answers, and how often it is off by how much."""
    answered = answer_of(model)(x)
    off = answered - y
    shown = some(len(x), _POINTS)

    def compose(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _against(left, y[shown], answered[shown])
        text = f"R² {r_squared(y, answered):.3f}"
        looks.title(left, title_of(model, text, text))
        _errors(right, off)
        looks.footnote(figure, note_of(model))

    return render(1500, 740, compose)


def _against(axes: Axes, y: Numbers, answered: Numbers) -> None:
    ends = (float(min(y.min(), answered.min())), float(max(y.max(), answered.max())))
    label = fonts.picture_text("as it should be", "完全正确")
    axes.plot(ends, ends, color=INK, linestyle="--", linewidth=2, label=label)
    axes.vlines(y, np.minimum(y, answered), np.maximum(y, answered), color=PALE, linewidth=1.2, zorder=1)
    label = fonts.picture_text("a row; the line is how far it is off", "一行数据；灰线为误差")
    axes.scatter(y, answered, s=32, color=BLUE, alpha=0.7, edgecolors="none", label=label, zorder=2)
    looks.name_axes(axes, fonts.picture_text("true", "真实值"), fonts.picture_text("answer", "答案"))
    looks.bare(axes, "both")
    looks.legend(axes)


def _errors(axes: Axes, off: Rows) -> None:
    axes.hist(off, bins=int(np.clip(np.sqrt(len(off)) * 1.5, 6, 40)), color=BLUE, edgecolor="white")
    axes.axvline(0, color=INK, linestyle="--", linewidth=2)
    mean = float(np.abs(off).mean())
    looks.title(axes, fonts.picture_text(f"Off by {mean:.3g} on average (MAE)", f"平均误差 {mean:.3g}（MAE）"))
    looks.name_axes(
        axes,
        fonts.picture_text("answer minus true number", "答案减真实值"),
        fonts.picture_text("rows", "行数"),
    )
    looks.bare(axes, "y")
