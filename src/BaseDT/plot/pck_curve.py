"""How many points are right by how exact one asks them to be: PCK over its threshold, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot import names
from BaseDT.plot.figure import BLUE, GREEN, INK, ORANGE, PALE, PURPLE, VERMILLION, points, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = (VERMILLION, ORANGE, PURPLE, GREEN, BLUE)
_FARTHEST, _STEPS = 0.5, 101


def draw(distances: npt.NDArray[np.floating[Any]], point_names: Sequence[str], alpha: float) -> Pixels | None:
    """Return the curve of all points, and those of the five worst; ``None`` where none is labelled.

    Args:
        distances: As ``metrics.keypoints.errors`` returns them, (N, K).
        point_names: K of them.
        alpha: Where the report measures: marked.
    """
    labelled = ~np.isnan(distances)
    counts = labelled.sum(axis=0)
    if not counts.any():
        return None
    steps = np.linspace(0, _FARTHEST, _STEPS)
    shares = np.array([(labelled & (distances <= step)).sum(axis=0) for step in steps])
    areas = shares.sum(axis=0) / np.maximum(counts, 1)
    worst = [int(number) for number in np.argsort(areas, kind="stable") if counts[number]][: len(_COLOURS)]
    shown = names.display_names(point_names, 18)
    note = names.font_note(point_names)

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        everything = fonts.picture_text("all points", "所有关键点")
        axes.plot(steps, shares.sum(axis=1) / counts.sum(), color=INK, linewidth=3.5, label=everything, zorder=4)
        for number, colour in zip(worst if len(point_names) > 1 else [], _COLOURS, strict=False):
            label = shown[number].replace("$", r"\$").lstrip("_")
            axes.plot(steps, shares[:, number] / counts[number], color=colour, linewidth=2, label=label)
        axes.axvline(alpha, color="#757575", linewidth=1.5, linestyle="--")
        axes.set_xlim(0, _FARTHEST)
        axes.set_ylim(0, 1.01)
        axes.set_xlabel(fonts.picture_text("allowed error, as a share of the box", "允许的误差（占框较长边的比例）"))
        axes.set_ylabel(fonts.picture_text("share of the points that are right", "正确的关键点所占的比例"))
        title = fonts.picture_text("Right points by the allowed error (PCK)", "不同误差要求下的正确率（PCK）")
        axes.set_title(title, loc="left", pad=14)
        axes.grid(color=PALE)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        heading = fonts.picture_text("all, and the worst", "全部，及其中最差的") if len(point_names) > 1 else ""
        axes.legend(frameon=True, framealpha=0.85, edgecolor="none", loc="lower right", title=heading)
        if note:
            figure.supxlabel(note, fontsize=points(15))

    return render(1000, 900, compose)
