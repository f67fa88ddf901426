"""How many points of each name are right, as bars; the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.metrics import PointMetrics, wilson
from BaseDT.plot import names
from BaseDT.plot.figure import GREEN, INK, ORANGE, PALE, VERMILLION, points, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 60
_BAR, _TEXT = 46, 20.0
_GOOD, _FAIR = 0.9, 0.7


def draw(measured: PointMetrics, point_names: Sequence[str]) -> Pixels | None:
    """Return a bar for each point with its 95 % interval; ``None`` where none is labelled. Of very many the worst 60.

    Args:
        measured: As ``metrics.pck`` returns it.
        point_names: K of them.
    """
    shares = measured.per_point
    known = sorted((share, number) for number, share in enumerate(shares) if share is not None)[:_MOST]
    if not known:
        return None
    shown = names.display_names(point_names, 20)
    note = names.font_note(point_names)
    ends = [wilson(int(measured.hits[number]), int(measured.counts[number])) for _, number in known]

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        for row, ((share, number), (low, high)) in enumerate(zip(known, ends, strict=True)):
            axes.barh(row, share, color=GREEN if share >= _GOOD else ORANGE if share >= _FAIR else VERMILLION)
            axes.plot([low, high], [row, row], color=INK, linewidth=1.5, solid_capstyle="butt")
            text = f"{100 * share:.0f} %  ({measured.hits[number]}/{measured.counts[number]})"
            axes.text(1.02, row, text, va="center", fontsize=points(_TEXT))
        axes.set_yticks(range(len(known)), [shown[number] for _, number in known])
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        axes.grid(axis="x", color=PALE)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        title = fonts.picture_text(
            f"Right points: within {measured.alpha:g} of the box (PCK@{measured.alpha:g})",
            f"各关键点的正确率：误差不超过框的 {measured.alpha:g}（PCK@{measured.alpha:g}）",
        )
        axes.set_title(title, loc="left", fontsize=points(24), pad=14)
        axes.set_xlabel(fonts.picture_text("black line: 95 % interval", "黑线：95 % 置信区间"), fontsize=points(15))
        if note:
            figure.supxlabel(note, fontsize=points(15))

    return render(1100, 240 + _BAR * max(3, len(known)), compose)
