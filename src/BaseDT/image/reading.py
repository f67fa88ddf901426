"""Reading an image: bytes, arrays and Pillow images into pixels. Public as ``BaseDT.image.read`` and ``decode``.

OpenCV decodes what it decodes rightly, Pillow the rest; what is damaged, foreign or too large is refused before.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from BaseDT import contents
from BaseDT.arguments import check_integer, checked_flag
from BaseDT.errors import ImageTypeUnsupported, MemoryExhausted
from BaseDT.image import conversion, file_structure, phone_formats, refusals
from BaseDT.image.conversion import Pixels
from BaseDT.image.sources import ImageSource, what_is_at
from BaseDT.language import english, say, system_reason
from BaseDT.pasted import as_meant

#: Larger pictures are refused before they are decoded: a small file can claim any size.
MAX_PIXELS = 178_000_000

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
PILLOW_GIVES_UP = (
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


@dataclass(frozen=True)
class Reading:
    """How the pictures of a model are read.

    Attributes:
        gray: One channel is enough.
        bits: Of pictures of 16 bits; see ``read``.
    """

    gray: bool = False
    bits: int = 16

    def of(self, source: ImageSource) -> Pixels:
        """Read a picture so; see ``read``."""
        return read(source, gray=self.gray, bits=self.bits)

    def coloured(self, needed: bool = True) -> Reading:
        """The same with all colours, where they are needed: to draw on."""
        return replace(self, gray=False) if needed else self


def read(source: ImageSource, *, gray: bool = False, bits: int = 16) -> Pixels:
    """Return the pixels of one image, upright, transparency on white.

    Args:
        source: Path of a file (its content decides, not its suffix), array (H×W, H×W×3 BGR, H×W×4 BGRA) or
            Pillow image.
        gray: Return one channel: exactly what OpenCV's conversion makes of the coloured result.
        bits: How many bits of pictures of 16 bits hold their values, 8 to 16: of a camera of 12 bits the highest eight
            of 12 are taken, not of 16; what is above is white. ``Preprocess.bits`` says it of a model.

    Returns:
        H×W×3 in the order BGR, or H×W with ``gray``; uint8. An array that needed no change shares its memory.

    Raises:
        ImageNotFound: If there is no such file.
        ImageUnsupported: If the file is no image that we read, or larger than ``MAX_PIXELS``.
        ImageDamaged: If the file does not decode whole.
        ImageTypeUnsupported: If the argument cannot hold an image.
    """
    checked_flag("gray", gray)
    check_integer("bits", bits, least=8, most=16)
    if isinstance(source, (str, os.PathLike)):
        path = as_meant(source)
        return decode(_bytes_of(path), name=str(path), gray=gray, bits=bits)
    if isinstance(source, np.ndarray):
        return _in_channels(conversion.from_array(source, bits), gray)
    if isinstance(source, Image.Image):
        return _in_channels(_read_pillow(source, bits), gray)
    raise refusals.no_source(source)


def decode(
    data: bytes,
    *,
    name: str = "",
    gray: bool = False,
    short_side: int | None = None,
    strict: bool = False,
    bits: int = 16,
    most_pixels: int | None = None,
) -> Pixels:
    """Return the pixels of the bytes of an image file, upright, transparency on white.

    Args:
        data: The whole file.
        name: What messages call it.
        gray: Return one channel, as in ``read``.
        short_side: The decoder may return a half, a quarter or an eighth of a JPEG while its short side keeps at least
            this many pixels. For training images only: the values differ a little from those of a full decode.
        strict: Also walk the structure of the whole file, to find damage that decoders forgive.
        bits: As in ``read``.
        most_pixels: Larger pictures are refused before they are decoded; None is ``MAX_PIXELS``.

    Returns:
        H×W×3 in the order BGR, or H×W with ``gray``; uint8.

    Raises:
        ImageTypeUnsupported: If these are no bytes.
        ImageUnsupported: If these are no bytes that we read, or the picture is larger than is allowed.
        ImageDamaged: If they do not decode whole.
    """
    if not isinstance(data, bytes):
        raise refusals.no_source(data)
    checked_flag("gray", gray)
    checked_flag("strict", strict)
    check_integer("bits", bits, least=8, most=16)
    most = MAX_PIXELS if most_pixels is None else check_integer("most_pixels", most_pixels, most=MAX_PIXELS)
    header = header_of(data, name, most)
    if fault := file_structure.fault(data, header, strict=strict):
        raise refusals.damaged(name, fault)
    if header.way == "careful":
        return _in_channels(_decode_with_pillow(data, name, header.kind, bits, most), gray)
    if strict and header.kind not in ("JPEG", "PNG"):
        _decode_with_pillow(data, name, header.kind, bits, most)
    if header.way == "alpha":
        pixels = _decode_with_opencv(data, name, cv2.IMREAD_UNCHANGED)
        return _in_channels(conversion.from_array(pixels, bits), gray)
    if bits < 16 and header.kind != "JPEG":
        return _decode_deep(data, name, header, gray, bits)
    step = _reduction(header, short_side)
    if gray and header.gray:
        return _decode_with_opencv(data, name, _GRAY[step])
    # The decoder's own gray of a coloured file differs from the conversion by some units: one image, one result.
    return _in_channels(_decode_with_opencv(data, name, _COLOR[step]), gray)


def _decode_deep(data: bytes, name: str, header: file_structure.Header, gray: bool, bits: int) -> Pixels:
    """Decode a file that may have 16 bits with all of them: OpenCV's eight are the highest of 16."""
    one_channel = gray and header.gray
    flags = cv2.IMREAD_ANYDEPTH | (cv2.IMREAD_GRAYSCALE if one_channel else cv2.IMREAD_COLOR)
    return _in_channels(conversion.from_array(_decode_with_opencv(data, name, flags), bits), gray)


def _read_pillow(source: Image.Image, bits: int) -> Pixels:
    try:
        return conversion.from_pillow(source, bits)
    except MemoryError as error:
        raise _no_memory(say("the Pillow image", "这个 Pillow 图像")) from error
    except ValueError as error:  # closed meanwhile, or of a mode that Pillow cannot convert
        hint = say("Pass image.convert('RGB') of an open image.", "请传入未关闭图像的 image.convert('RGB')。")
        raise ImageTypeUnsupported(
            say(f"The Pillow image cannot be used: {error}.", f"无法使用这个 Pillow 图像：{error}。"), hint=hint
        ) from error
    except PILLOW_GIVES_UP as error:  # it was opened lazily
        if isinstance(error, ImageTypeUnsupported):
            raise
        raise refusals.damaged(say("the Pillow image", "这个 Pillow 图像"), str(error)) from error


def _bytes_of(path: Path) -> bytes:
    try:
        return contents.read_bytes(path)
    except (OSError, ValueError) as error:
        kind = what_is_at(path)
        if kind == "nothing":
            raise refusals.not_found(path) from error
        if kind == "folder":
            raise refusals.unsupported(str(path), say("it is a folder", "这是一个文件夹")) from error
        raise refusals.damaged(
            str(path),
            say(f"it cannot be read ({english(system_reason(error))})", f"无法读取（{system_reason(error)}）"),
        ) from error


def header_of(data: bytes, name: str, most_pixels: int | None = None) -> file_structure.Header:
    """Read the header and refuse what is foreign or has more pixels."""
    try:
        header = file_structure.read_header(data)
    except file_structure.Malformed as error:
        raise refusals.damaged(name, error.args[0]) from error
    if header is None and (kind := phone_formats.kind_of(data)):
        if not phone_formats.is_readable(kind):
            raise refusals.undecodable(name, file_structure.describe(data))
        header = file_structure.Header("AVIF" if kind == "AVIF" else "HEIF", 0, 0, False, "careful")
    if header is None:
        if not data.strip(b"\0"):
            raise refusals.damaged(
                name,
                say("it holds only zero bytes", "它只有零字节")
                if data
                else say("it is empty (0 bytes)", "它是空文件（0 字节）"),
            )
        kind = file_structure.describe(data)
        raise refusals.unsupported(name, say(f"it is {english(kind)}", f"它是{kind}"))
    most = MAX_PIXELS if most_pixels is None else most_pixels
    if header.width * header.height > most:
        raise refusals.too_large(name, header.width, header.height, most)
    return header


def _reduction(header: file_structure.Header, short_side: int | None) -> int:
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
            raise _no_memory(name) from error
        pixels = None
    if pixels is None:
        raise refusals.damaged(name, say("its pixels do not decode", "像素无法解码"))
    return pixels


def _decode_with_pillow(data: bytes, name: str, kind: str, bits: int, most_pixels: int) -> Pixels:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            width, height = opened.size
            if width * height <= most_pixels:
                _refuse_uncovered(opened, name)
                return conversion.from_pillow(opened, bits)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, ImageTypeUnsupported) as error:
        raise refusals.unsupported(name, getattr(error, "message", str(error))) from error
    except MemoryError as error:
        raise _no_memory(name) from error
    except UnidentifiedImageError as error:  # its words are an address in memory
        raise refusals.damaged(name, say("its pixels do not decode", "像素无法解码")) from error
    except PILLOW_GIVES_UP as error:
        raise refusals.damaged(name, say(f"its pixels do not decode ({error})", f"像素无法解码（{error}）")) from error
    raise refusals.too_large(name, width, height, most_pixels)


def _refuse_uncovered(opened: Image.Image, name: str) -> None:
    """Refuse a TIFF whose strips hold a part of the picture only: the rest, of any size, would be black.

    Raises:
        ImageDamaged: It is one.
    """
    tiles = getattr(opened, "tile", None)
    if opened.format != "TIFF" or not tiles:
        return
    covered = max(tile[1][2] for tile in tiles), max(tile[1][3] for tile in tiles)
    if sorted(covered) < sorted(opened.size) or min(covered) < min(opened.size):  # turned by EXIF, or not
        raise refusals.damaged(
            name,
            say(
                f"its strips hold {covered[0]}×{covered[1]} of {opened.width}×{opened.height} pixels",
                f"其中只有 {covered[0]}×{covered[1]} 像素（共 {opened.width}×{opened.height}）",
            ),
        )


def _no_memory(name: str) -> MemoryExhausted:
    return MemoryExhausted(
        say(f"Not enough memory to decode {name or 'the image'}.", f"内存不足，无法解码 {name or '图片'}。"),
        hint=say("Close other programs, or use a smaller picture.", "请关闭其他程序，或使用较小的图片。"),
    )


def _in_channels(pixels: Pixels, gray: bool) -> Pixels:
    if gray == (pixels.ndim == 2):
        return pixels
    converted: Pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY if gray else cv2.COLOR_GRAY2BGR)  # type: ignore[assignment]
    return converted
