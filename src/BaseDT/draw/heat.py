"""A heat map over a picture."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.arguments import checked_threshold
from BaseDT.draw.canvas import as_bgr, enlarged, invalid
from BaseDT.image import Pixels
from BaseDT.language import say


def heatmap(image: Pixels, heat: npt.NDArray[np.floating[Any]], alpha: float = 0.5) -> Pixels:
    """Return a copy with a heat map over it: red is hot, green is mild, and where it is cold the picture stays clear.

    Pictures smaller than 224 pixels are enlarged by a whole factor, so that the map is smooth on them too.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        heat: Shape (H', W'), any size, 0 to 1.
        alpha: Weight of the colours against the picture where it is hot, 0 to 1.

    Raises:
        ParameterInvalid: A value is outside its range.
    """
    checked_threshold("alpha", alpha)
    _check_heat(heat)
    canvas = enlarged(as_bgr(image))
    height, width = canvas.shape[:2]
    levels = np.asarray(cv2.resize(heat.astype(np.float32), (width, height)), np.float32)
    colours, weights = _colours(levels, alpha)
    return np.asarray(cv2.blendLinear(colours, canvas, weights, 1.0 - weights), dtype=np.uint8)


def heat_layer(heat: npt.NDArray[np.float32], alpha: float = 0.6) -> Pixels:
    """Return the colours of ``heatmap`` without a picture, to be laid over a moving one; where it is cold it is clear.

    Args:
        heat: Shape (H, W), 0 to 1.
        alpha: As in ``heatmap``.

    Returns:
        H×W×4, BGRA.

    Raises:
        ParameterInvalid: A value is outside its range.
    """
    checked_threshold("alpha", alpha)
    _check_heat(heat)
    colours, weights = _colours(heat, alpha)
    return np.dstack([colours, np.rint(weights * 255).astype(np.uint8)])


def _colours(levels: npt.NDArray[np.float32], alpha: float) -> tuple[Pixels, npt.NDArray[np.float32]]:
    """Return the colour of each level, and how much of it is seen."""
    # The ends of TURBO are nearly black and would hide the picture: its inner part is used.
    colours = cv2.applyColorMap(np.rint(levels * 204 + 25.5).astype(np.uint8), cv2.COLORMAP_TURBO)
    weights = np.asarray(alpha * np.minimum(levels * 2.5, 1.0), np.float32)
    return np.asarray(colours, np.uint8), weights


def _check_heat(heat: npt.NDArray[Any]) -> None:
    is_map = (
        isinstance(heat, np.ndarray) and heat.ndim == 2 and heat.size > 0 and np.issubdtype(heat.dtype, np.floating)
    )
    # Written so that NaN fails too.
    if not is_map or not (heat.min() >= 0.0 and heat.max() <= 1.0):
        actual = f"{heat.dtype} {heat.shape}" if isinstance(heat, np.ndarray) else type(heat).__name__
        raise invalid(
            say(
                f"the heat map is {actual}, or has values outside 0 to 1.", f"热力图是 {actual}，或有 0 到 1 以外的值。"
            ),
            "Expected floats of shape (H, W) from 0 to 1.",
            "应为形状 (H, W)、取值 0 到 1 的浮点数组。",
        )
