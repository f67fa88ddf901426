"""Where in the plane of two columns which class is answered: the regions of a classifier, and how right they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import INK, render
from BaseML.looking import looks
from BaseML.looking.answering import Answer, Classes, Numbers, Rows, some

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIDE = 200
"""How many places across are asked, at most."""

_POINTS = 1500
_MARGIN = 0.08
_PALE = 0.22


@dataclass(frozen=True)
class Panel:
    """A model in a picture of regions.

    Attributes:
        title: What stands over it.
        answer: What it answers, as labels.
        side: How many places across it is asked; slow ones take fewer.
        more: Draws into the axes what else is to be seen: support vectors, for instance.
    """

    title: str
    answer: Answer
    side: int = SIDE
    more: Callable[[Axes], None] | None = None


def draw(
    panels: Sequence[Panel],
    x: Rows,
    y: Numbers | None,
    classes: Classes,
    columns: Sequence[str],
    note: str = "",
) -> Pixels:
    """Return the regions of some models over the same points.

    A point's colour and shape is its true class where ``y`` is given; a ring marks those that are answered otherwise.

    Args:
        panels: One to four models.
        x: (N, 2) of the user's data.
        y: The N true labels.
        classes: All labels that occur.
        columns: Names of the two columns.
        note: A small line below.
    """
    across = 1 if len(panels) == 1 else 2
    down = -(-len(panels) // across)

    def compose(figure: Figure) -> None:
        grid = figure.subplots(down, across, squeeze=False)
        for axes, panel in zip(grid.flat, panels, strict=False):
            _panel(axes, panel, x, y, classes)
            looks.name_axes(axes, *columns)
        for axes in grid.flat[len(panels) :]:
            axes.set_visible(False)
        looks.legend(grid[-1, 0])
        looks.footnote(figure, note)

    return render(960 if across == 1 else 1500, 860 if across == 1 else 680 * down + 60, compose)


def _panel(axes: Axes, panel: Panel, x: Rows, y: Numbers | None, classes: Classes) -> None:
    bounds = bounds_of(x)
    answered = panel.answer(x)
    paint(axes, panel, classes, bounds)
    shown = some(len(x), _POINTS)
    colours = classes.places(answered if y is None else y)
    wrong = np.zeros(len(x), bool) if y is None else answered != y
    scatter(axes, x[shown], colours[shown], classes.names, wrong[shown])
    if panel.more is not None:
        panel.more(axes)
    axes.axis(bounds)
    looks.title(axes, panel.title if y is None else f"{panel.title}{_share(int((~wrong).sum()), len(x))}")


def _share(right: int, total: int) -> str:
    return fonts.picture_text(f"   {right} of {total} right", f"   {total} 个中 {right} 个正确")


def bounds_of(x: Rows) -> tuple[float, float, float, float]:
    """Return left, right, low, high with a margin; a column of one value gets some room, too."""
    least, most = x.min(axis=0), x.max(axis=0)
    margin = np.where(most > least, (most - least) * _MARGIN, np.maximum(1.0, np.abs(most) * 0.1))
    (left, low), (right, high) = (least - margin).tolist(), (most + margin).tolist()
    return left, right, low, high


def paint(axes: Axes, panel: Panel, classes: Classes, bounds: tuple[float, float, float, float]) -> None:
    """Colour the plane by what is answered there, with a line between regions."""
    from matplotlib.colors import to_rgb

    left, right, low, high = bounds
    # The middles of the squares that are coloured.
    step_x, step_y = (right - left) / panel.side, (high - low) / panel.side
    across = left + step_x * (np.arange(panel.side) + 0.5)
    upwards = low + step_y * (np.arange(panel.side) + 0.5)
    places = _plane(panel.answer, across, upwards, classes)
    palette = np.array([to_rgb(looks.colour_of(place)) for place in range(len(classes.names))])
    pixels = np.rint(255 * (1 - _PALE * (1 - palette)))[places].astype(np.uint8)
    axes.imshow(pixels, extent=bounds, origin="lower", aspect="auto", interpolation="nearest", zorder=0)
    for place in range(len(classes.names) - 1):
        inside = places <= place
        if inside.any() and not inside.all():
            axes.contour(across, upwards, inside, levels=[0.5], colors="white", linewidths=2.5, zorder=1)


def _plane(answer: Answer, across: Numbers, upwards: Numbers, classes: Classes) -> npt.NDArray[np.int64]:
    """Return which class is answered at each place, (len(upwards), len(across))."""
    grid_x, grid_y = np.meshgrid(across, upwards)
    asked = np.column_stack([grid_x.ravel(), grid_y.ravel()])
    places = np.clip(classes.places(answer(asked)), 0, len(classes.names) - 1)
    return places.reshape(grid_x.shape)


def scatter(
    axes: Axes, x: Rows, places: npt.NDArray[np.int64], names: Sequence[str], wrong: npt.NDArray[np.bool_]
) -> None:
    """Draw points (N, 2) by class; a ring marks the wrong ones."""
    size = 55 if len(x) <= 300 else 26
    for place, name in enumerate(names):
        here = places == place
        if here.any():
            axes.scatter(
                x[here, 0],
                x[here, 1],
                s=size,
                c=looks.colour_of(place),
                marker=looks.shape_of(place),
                edgecolors="white",
                linewidths=0.8,
                label=looks.plain(name),
                zorder=3,
            )
    if wrong.any():
        label = fonts.picture_text("answered otherwise", "答错的点")
        axes.scatter(
            x[wrong, 0],
            x[wrong, 1],
            s=size * 3.4,
            facecolors="none",
            edgecolors=INK,
            linewidths=1.8,
            label=label,
            zorder=4,
        )
