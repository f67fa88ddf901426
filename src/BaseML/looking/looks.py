"""Colours and shapes of classes, and axes as all pictures of this room have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from BaseDT.plot.figure import BLUE, GREEN, INK, ORANGE, PALE, PURPLE, VERMILLION, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, "#56B4E9", "#757575", "#8C6D31")
_SHAPES = ("o", "s", "^", "D", "v", "P", "X", "p")
TEXT = 20.0
"""Height of text, pixels."""


def colour_of(place: int) -> str:
    """Return the colour of a class; after eight they come again, and the shape tells them apart."""
    return _COLOURS[place % len(_COLOURS)]


def shape_of(place: int) -> str:
    """Return the mark of a class."""
    return _SHAPES[(place + place // len(_COLOURS)) % len(_SHAPES)]


def plain(text: str) -> str:
    """Keep matplotlib from reading a name as a formula, or as one that is not to be shown."""
    return text.replace("$", r"\$").lstrip("_") or "?"


def title(axes: Axes, text: str) -> None:
    """Put a title over axes."""
    axes.set_title(plain(text), loc="left", pad=14, fontsize=points(TEXT * 1.1))


def name_axes(axes: Axes, x: str, y: str) -> None:
    """Name both axes."""
    axes.set_xlabel(plain(x), fontsize=points(TEXT))
    axes.set_ylabel(plain(y), fontsize=points(TEXT))


def bare(axes: Axes, grid: str = "") -> None:
    """Take the upper and the right line away, and draw a grid: ``x``, ``y``, ``both``."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if grid:
        which: Any = grid
        axes.grid(axis=which, color=PALE)
    axes.set_axisbelow(True)


def legend(axes: Axes) -> None:
    """Put the names of what is shown below the picture: inside they would cover some."""
    handles, _ = axes.get_legend_handles_labels()
    if handles:
        columns = min(4, len(handles))
        axes.legend(
            frameon=False,
            loc="upper left",
            bbox_to_anchor=(0.0, -0.12),
            ncols=columns,
            fontsize=points(TEXT * 0.85),
            labelcolor=INK,
        )


def footnote(figure: Figure, text: str) -> None:
    """Write a small line below everything."""
    if text:
        figure.supxlabel(text, fontsize=points(TEXT * 0.75))
