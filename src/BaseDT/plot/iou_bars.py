"""How well each class of pixels is found, as bars of its IoU, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot import names
from BaseDT.plot.figure import BLUE, INK, PALE, points, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 60
_BAR, _TEXT = 46, 20.0


def draw(
    shares: Sequence[float | None],
    class_names: Sequence[str],
    *,
    intervals: Sequence[tuple[float, float] | None] = (),
    mean: float | None = None,
) -> Pixels | None:
    """Return a bar for each class that occurs, of very many the 60 worst; None where none does.

    Args:
        shares: IoU of each class, 0 to 1; None of one that occurs nowhere.
        class_names: As many.
        intervals: Between which values each may lie; empty where that is not known.
        mean: The mean IoU, as a line across.
    """
    values = {label: share for label, share in enumerate(shares) if share is not None}
    order = sorted(values, key=values.__getitem__)[:_MOST]
    if not order:
        return None
    shown = names.display_names(class_names, 20)
    note = names.font_note(class_names)

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.barh(range(len(order)), [values[label] for label in order], color=BLUE, height=0.62)
        for row, label in enumerate(order):
            ends = intervals[label] if intervals else None
            if ends is not None:
                axes.plot(ends, (row, row), color=INK, linewidth=2, solid_capstyle="butt")
            right = max(values[label], ends[1] if ends else 0.0)
            axes.text(right + 0.01, row, f"{values[label]:.2f}", va="center", fontsize=points(_TEXT))
        if mean is not None:
            axes.axvline(mean, color=INK, linestyle=":", linewidth=1.5)
        axes.set_xlim(0, 1.08)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
        axes.set_yticks(range(len(order)), [shown[label] for label in order], parse_math=False)
        axes.invert_yaxis()
        axes.grid(axis="x", color=PALE)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.set_title(_title(mean), loc="left", fontsize=points(24))
        if note:
            figure.supxlabel(note, fontsize=points(15))

    return render(1000, 200 + _BAR * max(3, len(order)), compose)


def _title(mean: float | None) -> str:
    title = fonts.picture_text("IoU of each class", "各类别的 IoU")
    return title if mean is None else f"{title} (mIoU {mean:.3f})"
