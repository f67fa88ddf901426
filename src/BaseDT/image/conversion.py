"""Arrays and Pillow images of every kind become uint8 pixels, BGR or gray.

Only ``BaseDT.image`` calls this. No file and no path comes in.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from BaseDT.errors import ImageTypeUnsupported
from BaseDT.language import english, say

Pixels = npt.NDArray[np.uint8]

_ORIENTATION = 0x0112
_WITH_ALPHA = frozenset({"RGBA", "LA", "PA", "RGBa"})
# Rounding may leave values a hair outside of 0..1 or 0..255.
_ROUNDING = 1e-3


def from_array(array: npt.NDArray[Any], bits: int = 16) -> Pixels:
    """Return H×W or H×W×3 uint8; memory is shared where nothing had to change.

    Args:
        array: H×W, H×W×1, H×W×3 (BGR) or H×W×4 (BGRA), of any of these types: uint8; uint16; bool (0 and 255); other
            integers within 0 to 255; float within 0 to 1 (when no value is above 1) or within 0 to 255 (when the
            largest is above 2).
        bits: How many bits of uint16 hold the values; the highest eight of them are taken, and what is above is white.

    Raises:
        ImageTypeUnsupported: If the shape or the values hold no image, or it is not clear which.
    """
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if channels not in (1, 3, 4) or array.size == 0:
        raise _no_image(say(f"an array of shape {array.shape}", f"形状为 {array.shape} 的数组"), _expected_shape())
    pixels = np.ascontiguousarray(_to_uint8(array, bits))
    if array.ndim == 3 and channels == 1:
        return pixels[:, :, 0]
    return _on_white(pixels) if channels == 4 else pixels


def from_pillow(image: Image.Image, bits: int = 16) -> Pixels:
    """Return H×W (modes without colour) or H×W×3 in the order BGR, uint8, EXIF rotation applied.

    Args:
        image: Of any mode; it is not changed.
        bits: As in ``from_array``.

    Raises:
        ImageTypeUnsupported: If the values of a mode with wide numbers hold no image.
        OSError: If a lazily opened file turns out damaged.
    """
    if image.width == 0 or image.height == 0:
        raise _no_image(say("a Pillow image without pixels", "没有像素的 Pillow 图像"), _expected_shape())
    image.load()
    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    mode = image.mode
    if mode in ("I", "F") or mode.startswith("I;16"):
        return _from_wide(np.asarray(image), image.info.get("transparency"), bits)
    if mode in _WITH_ALPHA or "transparency" in image.info:
        rgba = np.asarray(image.convert("RGBA"))
        return _on_white(np.ascontiguousarray(rgba[:, :, [2, 1, 0, 3]]))
    if mode in ("1", "L"):
        return np.array(image.convert("L"))
    return _pixels(cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR))


def _to_uint8(array: npt.NDArray[Any], bits: int) -> Pixels:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return np.where(array, np.uint8(255), np.uint8(0))
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return _high_byte(array, bits)
    if array.dtype.kind not in "iuf":
        raise _no_image(say(f"an array of type {array.dtype}", f"类型为 {array.dtype} 的数组"), _expected_values())
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise _no_image(say("an array with NaN or infinite values", "含有 NaN 或无穷大的数组"), _expected_values())
    if low < -_ROUNDING or high > 255 + _ROUNDING:
        raise _no_image(
            say(f"an array with values from {low} to {high}", f"数值从 {low} 到 {high} 的数组"), _expected_values()
        )
    if array.dtype.kind in "iu":
        return array.astype(np.uint8)
    if 1 + _ROUNDING < high <= 2:
        raise _no_image(
            say(
                f"a float array with values up to {high}, neither 0 to 1 nor 0 to 255",
                f"最大值为 {high} 的浮点数组，既不是 0~1，也不是 0~255",
            ),
            _expected_values(),
        )
    scaled = array * 255 if high <= 1 + _ROUNDING else array
    pixels: Pixels = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    return pixels


def _high_byte(wide: npt.NDArray[Any], bits: int) -> Pixels:
    wide = wide.astype(np.uint16)
    high: Pixels = np.minimum(wide >> (bits - 8), 255).astype(np.uint8)
    if bits < 16 and wide.ndim == 3 and wide.shape[2] == 4:
        high[:, :, 3] = wide[:, :, 3] >> 8  # transparency is no light
    return high


def _from_wide(wide: npt.NDArray[Any], transparent: object, bits: int) -> Pixels:
    # Older Pillow gives 16-bit files the mode I (32 bit): such values are 16-bit ones.
    sixteen_bit = wide.dtype.kind == "i" and wide.min() >= 0 and 255 < wide.max() <= 65535
    pixels = from_array(wide.astype(np.uint16) if sixteen_bit else wide, bits)
    if isinstance(transparent, int):
        pixels[wide == transparent] = 255
    return pixels


def _on_white(bgra: Pixels) -> Pixels:
    """Compose H×W×4 onto white, rounded to the nearest value."""
    alpha = bgra[:, :, 3:].astype(np.uint16)
    composed = bgra[:, :, :3] * alpha
    composed += 255 * (255 - alpha) + 127
    composed //= 255
    return composed.astype(np.uint8)


def _pixels(image: Any) -> Pixels:
    """Give OpenCV's result its type."""
    result: Pixels = image
    return result


def _expected_shape() -> str:
    return say(
        "Expected height × width (gray), height × width × 3 (BGR) or × 4 (BGRA), not empty.",
        "应为：高×宽（灰度）、高×宽×3（BGR）或高×宽×4（BGRA），且不为空。",
    )


def _expected_values() -> str:
    return say(
        "Expected uint8 values from 0 to 255; image.astype('uint8') converts when the values are in that range.",
        "像素值应为 0~255 的 uint8；若数值已在此范围内，可用 image.astype('uint8') 转换。",
    )


def _no_image(actual: str, hint: str) -> ImageTypeUnsupported:
    return ImageTypeUnsupported(say(f"This holds no image: {english(actual)}.", f"这不是图片：{actual}。"), hint=hint)
