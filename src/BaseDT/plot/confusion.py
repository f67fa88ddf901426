"""A confusion matrix as a picture: which class was taken for which. Rows are the true classes.

Colour is a share of the row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot import names
from BaseDT.plot.figure import INK, points, render

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Counts = npt.NDArray[np.int64]
Counted: TypeAlias = Literal["pictures", "pixels", "rows"]

_COUNTS_UP_TO = 25
_NAMES_UP_TO = 100
_TICKS = (0.0, 0.01, 0.05, 0.2, 0.5, 1.0)


def draw(matrix: Counts, class_names: Sequence[str], *, counted: Counted = "pictures") -> Pixels:
    """Return the matrix as a picture; up to 25 classes with the counts in its cells.

    Args:
        matrix: Shape (C, C): how often each true class (row) was taken for each (column).
        class_names: C of them.
        counted: What was counted. The numbers of pixels are too long, and shares of rows stand in their cells.
    """
    of_pixels = counted == "pixels"
    classes = len(class_names)
    cell = _cell(classes)
    side = cell * classes
    labels = names.display_names(class_names, 20)
    note = names.font_note(class_names)

    text = max(20.0, side / 60)

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        _paint(axes, matrix, text)
        _name(axes, labels, cell)
        if classes <= _COUNTS_UP_TO:
            _count(axes, matrix, cell, of_pixels)
        axes.set_title(_title(matrix, counted), pad=16, fontsize=points(text * 1.2))
        if note:
            figure.supxlabel(note, fontsize=points(text * 0.75))

    return render(side + 420, side + 320, compose)


def _cell(classes: int) -> int:
    """Return the side of a cell in pixels, so that the matrix fills a screen: 480 to 1800 pixels where it can."""
    return max(46, 480 // classes) if classes <= _COUNTS_UP_TO else max(2, min(40, 1800 // classes))


def _paint(axes: Axes, matrix: Counts, text: float) -> None:
    from matplotlib.colors import PowerNorm

    # By the root of the share: a class taken for another once in twenty times is seen from the last row.
    scale = PowerNorm(0.5, vmin=0, vmax=1)
    picture = axes.imshow(_shares(matrix), cmap="Blues", norm=scale, interpolation="nearest")
    axes.set_xlabel(fonts.picture_text("predicted", "预测类别"), fontsize=points(text))
    axes.set_ylabel(fonts.picture_text("true", "真实类别"), fontsize=points(text))
    bar = axes.figure.colorbar(picture, ax=axes, shrink=0.8, aspect=30, ticks=_TICKS)
    bar.ax.set_yticks(_TICKS, [f"{tick:.0%}" for tick in _TICKS], fontsize=points(text * 0.9))
    bar.set_label(fonts.picture_text("share of the true class", "占真实类别的比例"), fontsize=points(text))


def _shares(matrix: Counts) -> npt.NDArray[np.float64]:
    return np.asarray(matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1), dtype=np.float64)


def _name(axes: Axes, labels: tuple[str, ...], cell: int) -> None:
    step = -(-len(labels) // _NAMES_UP_TO)
    positions = range(0, len(labels), step)
    size = points(min(20, max(11, cell * 0.7 * step)))
    labels = labels[::step]
    wide = max(map(len, labels)) * size > cell * step
    axes.set_xticks(positions, labels, rotation=90 if wide else 0, fontsize=size, parse_math=False)
    axes.set_yticks(positions, labels, fontsize=size, parse_math=False)
    axes.tick_params(length=0)


def _count(axes: Axes, matrix: Counts, cell: int, of_pixels: bool) -> None:
    digits = 5 if of_pixels else len(str(matrix.max()))
    size = points(min(26, cell * 0.45, cell * 1.3 / digits))
    shares = _shares(matrix)
    for row, column in np.argwhere(matrix):
        ink = "white" if shares[row, column] > 0.3 else INK
        words = _percent(float(shares[row, column])) if of_pixels else str(matrix[row, column])
        text = axes.text(column, row, words, ha="center", va="center", color=ink, fontsize=size)
        text.set_in_layout(False)


def _percent(share: float) -> str:
    """Return a share for a cell; what is less than a tenth of a percent is there all the same."""
    if share < 0.001:
        return "<0.1%"
    return f"{share:.0%}" if share > 0.995 else f"{share:.1%}"


def _title(matrix: Counts, counted: Counted) -> str:
    right, total = int(np.trace(matrix)), int(matrix.sum())
    percent = f"{right / max(1, total) * 100:.1f}%"
    if counted == "pixels":
        return fonts.picture_text(f"Confusion matrix: {percent} of the pixels right", f"混淆矩阵：{percent} 的像素正确")
    unit = "张" if counted == "pictures" else "行"
    return fonts.picture_text(
        f"Confusion matrix: {right} of {total} right ({percent})",
        f"混淆矩阵：{total} {unit}中 {right} {unit}正确（{percent}）",
    )
