"""The one way from matplotlib to pixels: no pyplot, no window, no state, the user's own style left alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT import fonts
from BaseDT.errors import DependencyMissing
from BaseDT.image import Pixels
from BaseDT.language import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

INSTALL = "pip install matplotlib"
"""The command that brings what is missing on a board; ``mmedu[train]`` has it."""

# Okabe and Ito, "Color Universal Design" (2008): told apart by colour-blind people.
BLUE, VERMILLION, GREEN, PURPLE, ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"
INK, PALE = "#212121", "#D9D9D9"

_DPI = 100
_MARGIN = 24


def points(pixels: float) -> float:
    """Return the size in matplotlib's points of so many pixels."""
    return pixels * 72 / _DPI


def render(width: int, height: int, compose: Callable[[Figure], None]) -> Pixels:
    """Return a figure as pixels, its white border cut to an even margin.

    Args:
        width: In pixels.
        height: In pixels.
        compose: Draws into the empty figure.

    Raises:
        DependencyMissing: matplotlib is not installed (-502).
    """
    _require_matplotlib()
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_style()):
        figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, layout=_roomy())
        canvas: Any = FigureCanvasAgg(figure)
        compose(figure)
        _use_chinese_font(figure)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[:, :, 2::-1]
    return _trimmed(pixels)


def _require_matplotlib() -> None:
    if find_spec("matplotlib") is None:
        raise DependencyMissing(
            say(
                "Drawing curves needs matplotlib, which this Python does not have.",
                "绘制曲线需要 matplotlib，而当前 Python 没有安装。",
            ),
            hint=say(f"Install it with: {INSTALL}", f"请先安装：{INSTALL}"),
        )


def _roomy() -> ConstrainedLayoutEngine:
    """Keep text away from the edge: some fonts draw higher than they say. What is too much is cut afterwards."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1)


def _style() -> dict[Any, Any]:
    """Return the settings on which our figures depend, whatever the user has chosen for his own."""
    inked = ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")
    return {
        **dict.fromkeys(inked, INK),
        "axes.edgecolor": "#757575",
        "axes.facecolor": "white",
        "axes.grid": False,
        "axes.linewidth": 1.0,
        "axes.unicode_minus": False,
        "figure.facecolor": "white",
        "font.family": ["DejaVu Sans"],
        "font.size": points(20),
        "font.style": "normal",
        "font.weight": "normal",
        "grid.color": PALE,
        "lines.linewidth": 2.5,
        "mathtext.fontset": "dejavusans",
        "text.usetex": False,
    }


def _use_chinese_font(figure: Figure) -> None:
    """Where any text is more than ASCII, give all of them the font that has Chinese characters, if there is one."""
    from matplotlib.text import Text

    font = fonts.cjk_font()
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    if font is None or all(text.get_text().isascii() for text in texts):
        return
    for text in texts:
        properties = text.get_fontproperties().copy()
        properties.set_file(font)
        text.set_fontproperties(properties)


def _trimmed(pixels: Pixels) -> Pixels:
    inked = pixels.min(axis=2) < 255
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    cut = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    edge = (_MARGIN, _MARGIN)
    return np.pad(cut, (edge, edge, (0, 0)), constant_values=255)
