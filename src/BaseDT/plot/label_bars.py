"""What became of each label, as bars: found, missed, and claimed wrongly. For pictures with several labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot import names
from BaseDT.plot.figure import GREEN, ORANGE, PALE, VERMILLION, points, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 60
_BAR, _TEXT = 46, 20.0


def draw(counts: npt.NDArray[np.int64], class_names: Sequence[str]) -> Pixels:
    """Return a bar for each label, the one with the most mistakes first; of very many labels the first 60.

    Args:
        counts: Shape (C, 2, 2), as ``metrics.multi_label.label_counts`` gives them.
        class_names: C of them.
    """
    hits, missed, false = counts[:, 1, 1], counts[:, 1, 0], counts[:, 0, 1]
    order = np.argsort(-(missed + false), kind="stable")[:_MOST]
    shown = names.display_names([class_names[i] for i in order], 20)
    # A label that the font cannot show is called by its own number, not by its place here.
    own = names.display_names(class_names, 20)
    shown = tuple(own[i] if name.startswith("#") else name for name, i in zip(shown, order, strict=True))
    parts = (
        (fonts.picture_text("found", "找到"), hits[order], GREEN),
        (fonts.picture_text("missed", "漏掉"), missed[order], ORANGE),
        (fonts.picture_text("claimed wrongly", "误报"), false[order], VERMILLION),
    )
    note = names.font_note(class_names)

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        left = np.zeros(len(order))
        for label, values, colour in parts:
            axes.barh(range(len(order)), values, left=left, color=colour, label=f"{label} ({int(values.sum())})")
            for row, (start, value) in enumerate(zip(left, values, strict=True)):
                if value > 0.04 * max(1, (hits + missed + false).max()):
                    axes.text(start + value / 2, row, str(int(value)), ha="center", va="center", fontsize=points(_TEXT))
            left += values
        axes.set_yticks(range(len(order)), shown)
        axes.invert_yaxis()
        axes.grid(axis="x", color=PALE)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.set_title(
            fonts.picture_text("What became of each label", "各标签的判断结果"), loc="left", fontsize=points(24)
        )
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0.0, -0.06 * 8 / max(4, len(order))), ncols=3)
        if note:
            figure.supxlabel(note, fontsize=points(15))

    return render(1100, 260 + _BAR * max(3, len(order)), compose)
