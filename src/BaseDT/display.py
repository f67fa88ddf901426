"""Showing a picture to a person: in a notebook inline, on a desktop in its own viewer, nowhere else.

Everybody may call it. It never blocks, and draws nothing itself.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from BaseDT.image import Pixels


def show(picture: Pixels) -> bool:
    """Show a picture (H×W×3 BGR, H×W×4 BGRA or H×W gray) if there is a place to show it; returns whether there was."""
    if in_notebook():
        from IPython.display import display

        display(_pillow(picture))
        return True
    if not has_desktop():
        return False
    _pillow(picture).show()  # starts the desktop's viewer and returns at once
    return True


def in_notebook() -> bool:
    """Whether this is a Jupyter kernel."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


def has_desktop() -> bool:
    """Whether a window could appear on this machine's screen."""
    if os.environ.get("MMEDU_HEADLESS", "") not in ("", "0"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _pillow(picture: Pixels):  # type: ignore[no-untyped-def]
    from PIL import Image

    if picture.ndim == 2:
        return Image.fromarray(picture)
    return Image.fromarray(np.ascontiguousarray(picture[:, :, [2, 1, 0, 3][: picture.shape[2]]]))
