"""Pictures to draw on: checked, coloured, and large enough. Only the modules of ``BaseDT.draw`` call it."""

from __future__ import annotations

import cv2
import numpy as np

from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.language import say

_READABLE_SIDE = 224
NARROWEST = 128
"""Narrower pictures have no room for text."""
_SMALLEST_TEXT = 8


def enlarged(image: Pixels) -> Pixels:
    """Return a copy whose long side has at least 224 pixels."""
    factor = -(-_READABLE_SIDE // max(image.shape[:2]))
    if factor <= 1:
        return image.copy()
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def text_size(size: int, side: int) -> int:
    """Return the size of text on a picture that keeps its own: a quarter of its side at most, but never below 8."""
    return min(size, max(_SMALLEST_TEXT, side // 4))


def put(canvas: Pixels, box: Pixels, corner: tuple[int, int]) -> None:
    """Lay a box onto a picture, from (y, x) on; what does not fit is cut off."""
    y, x = corner
    area = canvas[y : y + box.shape[0], x : x + box.shape[1]]
    area[:] = box[: area.shape[0], : area.shape[1]]


def as_bgr(image: Pixels) -> Pixels:
    is_pixels = (
        isinstance(image, np.ndarray)
        and image.dtype == np.uint8
        and image.size > 0
        and (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3))
    )
    if not is_pixels:
        actual = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise invalid(
            say(f"the picture to draw on is {actual}.", f"要绘制的图片是 {actual}。"),
            "Expected uint8 pixels, H×W×3 (BGR) or H×W (gray), as BaseDT.image.read gives them.",
            "应为 BaseDT.image.read 给出的 uint8 像素数组：H×W×3（BGR）或 H×W（灰度）。",
        )
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return image


def invalid(message: str, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(message, hint=say(en, zh))
