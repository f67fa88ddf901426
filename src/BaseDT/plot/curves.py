"""A training's curves as a picture: how loss, accuracy and learning rate went over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import BLUE, GREEN, ORANGE, PALE, PURPLE, VERMILLION, render
from BaseDT.plot.history import Curve, History, read

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PART_COLOURS = (GREEN, PURPLE, ORANGE, "#56B4E9", "#757575")
_LOWEST_TOP = 0.02
_METRIC_COLOURS = (GREEN, PURPLE, ORANGE, BLUE, VERMILLION)


def draw(log: Sequence[Mapping[str, Any]]) -> Pixels | None:
    """Return the curves of a log; ``None`` where it has no training line."""
    history = read(log)
    if not len(history.loss):
        return None
    measured = bool(history.metrics or history.shares)

    def compose(figure: Figure) -> None:
        columns = 2 if measured else 1
        grid = figure.add_gridspec(2, columns, height_ratios=(5, 1))
        _loss(figure.add_subplot(grid[0, 0]), history)
        if measured:
            _metrics(figure.add_subplot(grid[0, 1]), history)
        _learning_rate(figure.add_subplot(grid[1, :]), history)

    return render(1600 if measured else 1100, 900, compose)


def smoothed(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the mean over about a twentieth of the values around each.

    At the start the window is smaller, so that a steep start is not flattened; at the end it is cut.
    """
    position = np.arange(len(values))
    before = np.minimum(position, len(values) // 40)
    after = np.minimum(before, position[::-1])
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((sums[position + after + 1] - sums[position - before]) / (before + after + 1), dtype=np.float64)


def _loss(axes: Axes, history: History) -> None:
    x, y = history.loss.x, history.loss.y
    smooth = smoothed(y)
    label = fonts.picture_text("training", "训练集")
    if len(x) >= 40:
        axes.plot(x, y, color=BLUE, alpha=0.25, linewidth=1)
    axes.plot(x, smooth, color=BLUE, label=label, **_marks(history.loss))
    for (name, part), colour in zip(history.parts.items(), _PART_COLOURS, strict=False):
        axes.plot(part.x, smoothed(part.y), color=colour, linewidth=1.5, label=_of_part(name))
    highest = float(smooth.max())
    if len(history.val_loss):
        validation = fonts.picture_text("validation", "验证集")
        axes.plot(
            history.val_loss.x, history.val_loss.y, color=VERMILLION, label=validation, **_marks(history.val_loss)
        )
        highest = max(highest, float(history.val_loss.y.max()))
    # From 0 to what matters: one wild first batch must not flatten the rest.
    axes.set_ylim(0, highest * 1.12 or 1)
    _dress(axes, history, fonts.picture_text("Loss", "损失"))
    _legend(axes)


def _metrics(axes: Axes, history: History) -> None:
    curves = history.metrics or history.shares
    for (name, curve), colour in zip(curves.items(), _METRIC_COLOURS, strict=False):
        axes.plot(curve.x, curve.y, color=colour, label=_with_best(name, curve), **_marks(curve))
    lowest = min(float(curve.y.min()) for curve in curves.values())
    if history.metrics:
        axes.set_ylim(max(0.0, np.floor((lowest - 3) / 10) * 10), 101)
        _dress(axes, history, fonts.picture_text("Validation (%)", "验证集（%）"))
    else:
        # A young detector reaches a few hundredths: on an axis up to 1 its curve would lie on the floor.
        highest = max(float(curve.y.max()) for curve in curves.values())
        axes.set_ylim(0, min(1.01, max(highest * 1.12, _LOWEST_TOP)))
        _dress(axes, history, fonts.picture_text("Validation (0 to 1)", "验证集（0 到 1）"))
    _legend(axes)


def _legend(axes: Axes) -> None:
    """Put the names below the curves: inside they would cover some."""
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0.0, -0.08), borderaxespad=0.0, ncols=2)


def _learning_rate(axes: Axes, history: History) -> None:
    x, y = history.lr.x, history.lr.y
    if len(x):
        # A logged rate is that of the iterations before it.
        axes.plot([0, *x], [y[0], *y], color="#757575", linewidth=2, drawstyle="steps-pre")
    axes.set_ylim(0, float(y.max(initial=0.0)) * 1.25 or 1)
    axes.locator_params(axis="y", nbins=3)
    _dress(axes, history, fonts.picture_text("Learning rate", "学习率"))
    axes.set_xlabel(fonts.picture_text("epoch", "轮次（epoch）"))


def _dress(axes: Axes, history: History, title: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, loc="left", pad=10)
    axes.set_xlim(0, history.epochs)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10))
    axes.grid(axis="y", color=PALE)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _with_best(name: str, curve: Curve) -> str:
    legends = {
        "precision": fonts.picture_text("precision", "精确率"),
        "recall": fonts.picture_text("recall", "召回率"),
        "f1_score": "F1",
        "CP": fonts.picture_text("precision", "精确率"),
        "CR": fonts.picture_text("recall", "召回率"),
        "CF1": fonts.picture_text("F1 of the labels", "各标签平均 F1"),
        "OF1": fonts.picture_text("F1 of all decisions", "总体 F1"),
    }.get(name, name.replace("accuracy_", ""))
    best = f"{curve.y.max():.3f}" if "_mAP" in name else f"{curve.y.max():.1f}"
    return fonts.picture_text(f"{legends} (best {best})", f"{legends}（最高 {best}）")


def _of_part(name: str) -> str:
    return {
        "loss_cls": fonts.picture_text("classes (loss_cls)", "分类（loss_cls）"),
        "loss_bbox": fonts.picture_text("boxes (loss_bbox)", "边框（loss_bbox）"),
    }.get(name, name)


def _marks(curve: Curve) -> dict[str, Any]:
    """Mark the points of a curve that has few: a line of one point is invisible. The last mark is drawn whole."""
    return {"marker": "o", "markersize": 7, "clip_on": False} if len(curve) <= 30 else {}
