"""Precision against recall as a picture: what a detector's threshold buys, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.metrics import BoxMetrics
from BaseDT.plot import names
from BaseDT.plot.figure import BLUE, GREEN, INK, ORANGE, PALE, PURPLE, VERMILLION, points, render

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, "#56B4E9", "#757575")
# Shapes, not numbers beside the dots: where curves run together, numbers cover one another. The smaller lie on top.
_MARKED = ((0.3, "^", 13), (0.5, "o", 11), (0.7, "s", 7))


def draw(measured: BoxMetrics, class_names: Sequence[str]) -> Pixels | None:
    """Return the curves at an overlap of 0.50; ``None`` where there is no object at all.

    One line a class, the best seven by their number of objects, and the mean of all classes where there are several. A
    mark shows where a threshold of 0.3, 0.5 or 0.7 leads; its shape tells which.

    Args:
        measured: As ``coco_map`` returns it.
        class_names: The C names.
    """
    measured_classes = np.flatnonzero(measured.ap50 > -1)
    if not measured_classes.size:
        return None
    most = sorted(measured_classes.tolist(), key=lambda label: -int(measured.counts[label]))[: len(_COLOURS)]
    labels = names.display_names(class_names, 16)
    note = names.font_note(class_names)

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        for label, colour in zip(sorted(most), _COLOURS, strict=False):
            _curve(axes, measured, label, colour, labels[label])
        if measured_classes.size > 1:
            mean = measured.precision[measured_classes].mean(axis=0)
            everything = fonts.picture_text("all classes", "所有类别")
            ap = measured.ap50[measured_classes].mean()
            axes.plot(measured.recall, mean, color=INK, linewidth=3, label=f"{everything}  {ap:.3f}")
        _dress(axes, len(most) < measured_classes.size)
        if note:
            figure.supxlabel(note, fontsize=points(15))

    return render(1000, 900, compose)


def _curve(axes: Axes, measured: BoxMetrics, label: int, colour: str, name: str) -> None:
    precision, scores = measured.precision[label], measured.scores[label]
    text = f"{name}  {measured.ap50[label]:.3f}"
    axes.plot(measured.recall, precision, color=colour, label=_plain(text), clip_on=False)
    for threshold, shape, size in _MARKED:
        # The last point that boxes of at least this score reach.
        reached = np.flatnonzero((scores >= threshold) & (precision > 0))
        if reached.size:
            last = reached[-1]
            axes.plot(measured.recall[last], precision[last], color=colour, clip_on=False, **_mark(shape, size))


def _mark(shape: str, size: int) -> dict[str, Any]:
    return {"linestyle": "", "marker": shape, "markersize": size, "markeredgecolor": "white", "zorder": 5}


def _plain(text: str) -> str:
    """Keep matplotlib from reading a name as a formula, or as one that is not to be shown."""
    return text.replace("$", r"\$").lstrip("_")


def _dress(axes: Axes, more: bool) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.01)
    axes.set_xlabel(fonts.picture_text("recall: share of the objects that are found", "召回率：找到的目标所占的比例"))
    axes.set_ylabel(fonts.picture_text("precision: share of the boxes that are right", "精确率：正确的框所占的比例"))
    title = fonts.picture_text("Precision and recall (overlap 0.5)", "精确率-召回率曲线（IoU 0.5）")
    axes.set_title(title, loc="left", pad=14)
    axes.grid(color=PALE)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for threshold, shape, size in _MARKED:
        words = fonts.picture_text(f"threshold {threshold:g}", f"阈值 {threshold:g}")
        axes.plot([], [], color=INK, label=words, **_mark(shape, size))
    heading = "AP50"
    if more:
        heading += fonts.picture_text(" (largest classes)", "（目标最多的类别）")
    axes.legend(frameon=True, framealpha=0.85, edgecolor="none", loc="lower left", title=heading)
