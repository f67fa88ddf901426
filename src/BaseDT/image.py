"""The only place that reads or writes an image file; everybody may call it.

Files, arrays and Pillow images of every usual kind become uint8 pixels (BGR or gray), upright, on white.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from BaseDT import _convert, _refusals, _structure
from BaseDT._expand import (
    ImageSource,
    NamedImage,
    expand,
    expand_item,
    is_image_file,
    passed_over,
    what_is_at,
    with_unique_names,
)
from BaseDT._refusals import IMAGE_SUFFIXES
from BaseDT.errors import ImageTypeUnsupported, ImageUnsupported, MemoryExhausted
from BaseDT.files import write_whole
from BaseDT.language import say

__all__ = [
    "IMAGE_SUFFIXES",
    "MAX_PIXELS",
    "ImageSource",
    "NamedImage",
    "Pixels",
    "decode",
    "expand",
    "expand_item",
    "is_image_file",
    "passed_over",
    "read",
    "with_unique_names",
    "write",
]

Pixels: TypeAlias = npt.NDArray[np.uint8]

#: Larger pictures are refused before they are decoded: a small file can claim any size.
MAX_PIXELS = 178_000_000

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
# For color and gray: the whole picture, then a half, a quarter, an eighth of it.
_COLOR = (cv2.IMREAD_COLOR, cv2.IMREAD_REDUCED_COLOR_2, cv2.IMREAD_REDUCED_COLOR_4, cv2.IMREAD_REDUCED_COLOR_8)
_GRAY = (
    cv2.IMREAD_GRAYSCALE,
    cv2.IMREAD_REDUCED_GRAYSCALE_2,
    cv2.IMREAD_REDUCED_GRAYSCALE_4,
    cv2.IMREAD_REDUCED_GRAYSCALE_8,
)
_OUT_OF_MEMORY = -4
# What Pillow's decoders raise on damaged bytes (Warning: where the user made errors of them).
_PILLOW_GIVES_UP = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    struct.error,
    zlib.error,
    Warning,
)


def read(source: ImageSource, *, gray: bool = False) -> Pixels:
    """Return the pixels of one image, upright, transparency on white.

    Args:
        source: Path of a file (its content decides, not its suffix), array (H×W, H×W×3 BGR, H×W×4 BGRA) or
            Pillow image.
        gray: Return one channel: exactly what OpenCV's conversion makes of the coloured result.

    Returns:
        H×W×3 in the order BGR, or H×W with ``gray``; uint8. An array that needed no change shares its memory.

    Raises:
        ImageNotFound: If there is no such file.
        ImageUnsupported: If the file is no image that we read, or larger than ``MAX_PIXELS``.
        ImageDamaged: If the file does not decode whole.
        ImageTypeUnsupported: If the argument cannot hold an image.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return decode(_bytes_of(path), name=str(path), gray=gray)
    if isinstance(source, np.ndarray):
        return _in_channels(_convert.from_array(source), gray)
    if isinstance(source, Image.Image):
        return _in_channels(_read_pillow(source), gray)
    raise _refusals.no_source(source)


def decode(
    data: bytes, *, name: str = "", gray: bool = False, short_side: int | None = None, strict: bool = False
) -> Pixels:
    """Return the pixels of the bytes of an image file, upright, transparency on white.

    Args:
        data: The whole file.
        name: What messages call it.
        gray: Return one channel, as in ``read``.
        short_side: The decoder may return a half, a quarter or an eighth of a JPEG while its short side keeps at least
            this many pixels. For training images only: the values differ a little from those of a full decode.
        strict: Also walk the structure of the whole file, to find damage that decoders forgive.

    Returns:
        H×W×3 in the order BGR, or H×W with ``gray``; uint8.

    Raises:
        ImageUnsupported: If these are no bytes that we read, or the picture is larger than ``MAX_PIXELS``.
        ImageDamaged: If they do not decode whole.
    """
    header = _header_of(data, name)
    if fault := _structure.fault(data, header, strict=strict):
        raise _refusals.damaged(name, fault)
    if header.way == "careful":
        return _in_channels(_decode_with_pillow(data, name, header.kind), gray)
    if strict and header.kind not in ("JPEG", "PNG"):
        _decode_with_pillow(data, name, header.kind)
    if header.way == "alpha":
        pixels = _decode_with_opencv(data, name, cv2.IMREAD_UNCHANGED)
        return _in_channels(_convert.from_array(pixels), gray)
    step = _reduction(header, short_side)
    if gray and header.gray:
        return _decode_with_opencv(data, name, _GRAY[step])
    # The decoder's own gray of a coloured file differs from the conversion by some units: one image, one result.
    return _in_channels(_decode_with_opencv(data, name, _COLOR[step]), gray)


def write(path: str | os.PathLike[str], pixels: Pixels) -> Path:
    """Write an image; whoever looks at the path sees the old file or the whole new one, never a half.

    Args:
        path: Its suffix chooses the format (one of ``IMAGE_SUFFIXES``); missing folders are made.
        pixels: What ``read`` accepts as an array.

    Returns:
        The path.

    Raises:
        ImageUnsupported: If nothing of this suffix can be written.
        PathNotWritable: If the folder or the file cannot be written.
        DiskFull: If there is no room left.
    """
    target = Path(path)
    encoding = _ENCODINGS.get(target.suffix.lower())
    if encoding is None:
        raise ImageUnsupported(
            f"No image can be written as '{target.name}': unknown suffix '{target.suffix}'.",
            hint=_refusals.suffix_hint(),
        )
    return write_whole(target, _encoded(_convert.from_array(pixels), *encoding), durable=False)


def _encoded(pixels: Pixels, suffix: str, options: tuple[int, ...]) -> bytes:
    try:
        fits, data = cv2.imencode(suffix, pixels, options)
    except cv2.error:
        fits = False
    if not fits:
        height, width = pixels.shape[:2]
        raise ImageUnsupported(
            f"A picture of {width}×{height} pixels does not fit into the format '{suffix}'.",
            hint=say("Choose .png instead.", "请改用 .png 格式。"),
        )
    return data.tobytes()


def _read_pillow(source: Image.Image) -> Pixels:
    try:
        return _convert.from_pillow(source)
    except OSError as error:  # it was opened lazily
        raise _refusals.damaged("the Pillow image", str(error)) from error
    except ValueError as error:  # closed meanwhile, or of a mode that Pillow cannot convert
        hint = say("Pass image.convert('RGB') of an open image.", "请传入未关闭图像的 image.convert('RGB')。")
        raise ImageTypeUnsupported(f"The Pillow image cannot be used: {error}.", hint=hint) from error


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        kind = what_is_at(path)
        if kind == "nothing":
            raise _refusals.not_found(path) from error
        if kind == "folder":
            raise _refusals.unsupported(str(path), "it is a folder") from error
        raise _refusals.damaged(str(path), f"it cannot be read ({error})") from error


def _header_of(data: bytes, name: str) -> _structure.Header:
    """Read the header and refuse what is foreign or too large."""
    try:
        header = _structure.read_header(data)
    except _structure.Malformed as error:
        raise _refusals.damaged(name, str(error)) from error
    if header is None:
        if not data.strip(b"\0"):
            raise _refusals.damaged(name, "it holds only zero bytes" if data else "it is empty (0 bytes)")
        raise _refusals.unsupported(name, f"it is {_structure.describe(data)}")
    if header.width * header.height > MAX_PIXELS:
        raise _refusals.too_large(name, header.width, header.height, MAX_PIXELS)
    return header


def _reduction(header: _structure.Header, short_side: int | None) -> int:
    """Return how often a JPEG may be halved; for other formats the decoder would save nothing."""
    if short_side is None or header.kind != "JPEG":
        return 0
    ratio = min(header.width, header.height) // max(1, short_side)
    return 3 if ratio >= 8 else 2 if ratio >= 4 else 1 if ratio >= 2 else 0


def _decode_with_opencv(data: bytes, name: str, flags: int) -> Pixels:
    try:
        pixels: Pixels | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)  # type: ignore[assignment]
    except cv2.error as error:
        if error.code == _OUT_OF_MEMORY:
            raise MemoryExhausted(f"Not enough memory to decode {name}.") from error
        pixels = None
    if pixels is None:
        raise _refusals.damaged(name, "its pixels do not decode")
    return pixels


def _decode_with_pillow(data: bytes, name: str, kind: str) -> Pixels:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            width, height = opened.size
            if width * height <= MAX_PIXELS:
                return _convert.from_pillow(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, ImageTypeUnsupported) as error:
        raise _refusals.unsupported(name, getattr(error, "message", str(error))) from error
    except _PILLOW_GIVES_UP as error:
        raise _refusals.damaged(name, f"its pixels do not decode ({error})") from error
    raise _refusals.too_large(name, width, height, MAX_PIXELS)


def _in_channels(pixels: Pixels, gray: bool) -> Pixels:
    if gray == (pixels.ndim == 2):
        return pixels
    converted: Pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY if gray else cv2.COLOR_GRAY2BGR)  # type: ignore[assignment]
    return converted
