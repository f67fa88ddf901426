"""Writing an image file, of whatever format its suffix names. Public as ``BaseDT.image.write``."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from BaseDT.arguments import checked_path
from BaseDT.errors import ImageUnsupported
from BaseDT.files import write_whole
from BaseDT.image import conversion, refusals
from BaseDT.image.conversion import Pixels
from BaseDT.language import say

_QUALITY = 92
_ENCODINGS: dict[str, tuple[str, tuple[int, ...]]] = {
    ".jpg": (".jpg", (cv2.IMWRITE_JPEG_QUALITY, _QUALITY)),
    ".jpeg": (".jpg", (cv2.IMWRITE_JPEG_QUALITY, _QUALITY)),
    ".jfif": (".jpg", (cv2.IMWRITE_JPEG_QUALITY, _QUALITY)),
    ".png": (".png", ()),
    ".bmp": (".bmp", ()),
    ".webp": (".webp", (cv2.IMWRITE_WEBP_QUALITY, _QUALITY)),
    ".tif": (".tiff", ()),
    ".tiff": (".tiff", ()),
}


def write(path: str | os.PathLike[str], pixels: Pixels) -> Path:
    """Write an image; whoever looks at the path sees the old file or the whole new one, never a half.

    Args:
        path: Its suffix chooses the format (one of ``IMAGE_SUFFIXES``); missing folders are made.
        pixels: What ``read`` accepts as an array.

    Returns:
        The path.

    Raises:
        ParameterInvalid: If this is no path.
        ImageTypeUnsupported: If these are no pixels.
        ImageUnsupported: If nothing of this suffix can be written.
        PathNotWritable: If the folder or the file cannot be written.
        DiskFull: If there is no room left.
    """
    target = checked_path("path", path)
    encoding = _ENCODINGS.get(target.suffix.lower())
    if encoding is None:
        raise ImageUnsupported(
            say(
                f"No image can be written as '{target.name}': unknown suffix '{target.suffix}'.",
                f"无法写成 '{target.name}' 这种图片：不支持后缀 '{target.suffix}'。",
            ),
            hint=refusals.suffix_hint(),
        )
    if not isinstance(pixels, np.ndarray):
        raise refusals.no_source(pixels)
    return write_whole(target, _encoded(conversion.from_array(pixels), *encoding), durable=False)


def write_transparent(path: str | os.PathLike[str], pixels: Pixels) -> Path:
    """Write an image with its transparent ground, as PNG; ``write`` would lay it on white.

    Args:
        path: Of a ``.png`` file; missing folders are made.
        pixels: H×W×4 BGRA.

    Returns:
        The path.

    Raises:
        ParameterInvalid, PathNotWritable, DiskFull: As ``write``.
    """
    return write_whole(checked_path("path", path), _encoded(pixels, ".png", ()), durable=False)


def jpeg(pixels: Pixels) -> bytes:
    """Return the bytes of a JPEG file: what is sent to a browser.

    Args:
        pixels: H×W×3 BGR or H×W gray, as ``read`` returns it.

    Raises:
        ImageUnsupported: It has a side of more than 65,500 pixels.
    """
    return _encoded(pixels, *_ENCODINGS[".jpg"])


def png(pixels: Pixels) -> bytes:
    """Return the bytes of a PNG file: what keeps its transparent ground.

    Args:
        pixels: H×W gray, H×W×3 BGR or H×W×4 BGRA.
    """
    return _encoded(pixels, ".png", ())


def _encoded(pixels: Pixels, suffix: str, options: tuple[int, ...]) -> bytes:
    try:
        fits, data = cv2.imencode(suffix, pixels, options)
    except cv2.error:
        fits = False
    if not fits:
        height, width = pixels.shape[:2]
        raise ImageUnsupported(
            say(
                f"A picture of {width}×{height} pixels does not fit into the format '{suffix}'.",
                f"'{suffix}' 格式放不下 {width}×{height} 像素的图片。",
            ),
            hint=say("Choose .png instead.", "请改用 .png 格式。"),
        )
    return data.tobytes()
