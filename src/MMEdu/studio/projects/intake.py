"""What comes from a browser or a zip is looked at before it becomes a picture: decoded once, not changed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from BaseDT import image
from BaseDT.errors import ImageUnsupported
from BaseDT.image import Pixels, phone_formats
from BaseDT.image.reading import header_of
from BaseDT.language import say

MAX_PIXELS = 40_000_000
MAX_BYTES = 20 * 1024 * 1024
THUMB = 160
"""Long side of a thumbnail, pixels."""
SUFFIXES = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "BMP": ".bmp",
    "TIFF": ".tif",
    "HEIF": ".heic",
    "AVIF": ".avif",
}


@dataclass(frozen=True)
class Intake:
    """A picture that may come in.

    Attributes:
        suffix: By its content, with the dot.
        width: Upright, pixels.
        height: Likewise.
        thumb: JPEG, upright, its long side ``THUMB``.
    """

    suffix: str
    width: int
    height: int
    thumb: bytes


def looked_at(data: bytes, name: str) -> Intake:
    """Decode a picture and say what it is.

    Args:
        data: The whole file.
        name: What messages call it.

    Raises:
        ImageUnsupported: It is none that is read here, or has more than 40 megapixels (-203).
        ImageDamaged: It does not decode whole (-205).
    """
    name = name or say("the picture", "该图片")
    if len(data) > MAX_BYTES:
        raise too_many_bytes(name)
    if film := _film(data):
        raise ImageUnsupported(
            say(f"{name} is {film}, not a picture.", f"{name} 是视频，不是图片。"),
            hint=say(
                "Record with the camera on the page while the film plays on another screen, or save single pictures.",
                "请从视频中截取图片再添加，或用页面上的摄像头对着播放画面录制。",
            ),
        )
    header = header_of(data, name)
    if header.width * header.height > MAX_PIXELS:
        raise _too_large(name, header.width, header.height)
    pixels = image.decode(data, name=name, strict=True, short_side=THUMB, most_pixels=MAX_PIXELS)
    height, width = pixels.shape[:2]
    if header.width:  # the decoder may have halved it; a note of the camera may have turned it
        turned = (height > width) != (header.height > header.width) and height != width
        width, height = (header.height, header.width) if turned else (header.width, header.height)
    return Intake(SUFFIXES[header.kind], width, height, thumbnail(pixels))


def thumbnail(pixels: Pixels) -> bytes:
    """Return a small JPEG of a picture (H×W×3, BGR)."""
    height, width = pixels.shape[:2]
    share = THUMB / max(height, width)
    if share < 1:
        size = max(1, round(width * share)), max(1, round(height * share))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, 82))
    return data.tobytes()


def shown_in_browsers(suffix: str) -> bool:
    """Tell whether a browser shows files of a suffix."""
    return suffix.lower() in (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".avif")


def too_many_bytes(name: str) -> ImageUnsupported:
    """Make the error of a file that is too large."""
    return ImageUnsupported(
        say(f"{name} has more than 20 MB.", f"{name} 超过了 20 MB。"),
        hint=say("Save it smaller, as JPEG.", "请缩小后另存为 JPEG。"),
    )


def _film(data: bytes) -> str:
    """Return what kind of film this is; empty where it is none."""
    if data[4:8] == b"ftyp" and not phone_formats.kind_of(data):
        return "an MP4 or MOV film"
    if data.startswith(b"RIFF") and data[8:12] == b"AVI ":
        return "an AVI film"
    return "an MKV or WEBM film" if data.startswith(b"\x1aE\xdf\xa3") else ""


def _too_large(name: str, width: int, height: int) -> ImageUnsupported:
    return ImageUnsupported(
        say(
            f"{name} has {width}×{height} pixels, more than 40 megapixels.",
            f"{name} 有 {width}×{height} 像素，超过了 4000 万像素。",
        ),
        hint=say("Save it smaller: a network looks at a few hundred pixels.", "请先缩小：模型只看几百像素的图片。"),
    )
