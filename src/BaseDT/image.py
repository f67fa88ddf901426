"""The only place that reads or writes an image file; everybody may call it.

Files, arrays and Pillow images of every usual kind become uint8 pixels (BGR or gray), upright, on white.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from BaseDT import _convert, _structure
from BaseDT.errors import (
    DiskFull,
    ImageDamaged,
    ImageNotFound,
    ImageTypeUnsupported,
    ImageUnsupported,
    MemoryExhausted,
    PathNotWritable,
    did_you_mean,
)
from BaseDT.language import say

Pixels: TypeAlias = npt.NDArray[np.uint8]
ImageSource: TypeAlias = str | os.PathLike[str] | npt.NDArray[Any] | Image.Image

IMAGE_SUFFIXES: frozenset[str] = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff"})
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
# What Pillow's decoders raise on damaged bytes.
_PILLOW_GIVES_UP = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error)


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
        return decode(_bytes_of(path), name=path.name, gray=gray)
    if isinstance(source, np.ndarray):
        return _in_channels(_convert.from_array(source), gray)
    if isinstance(source, Image.Image):
        try:
            return _in_channels(_convert.from_pillow(source), gray)
        except OSError as error:
            raise _damaged("the Pillow image", str(error)) from error
    raise _no_source(source)


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
        raise _damaged(name, fault)
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
            f"No image can be written as '{target.name}': unknown suffix '{target.suffix}'.", hint=_suffix_hint()
        )
    try:
        _, data = cv2.imencode(encoding[0], _convert.from_array(pixels), encoding[1])
    except cv2.error as error:  # more pixels on a side than the format can hold
        raise ImageUnsupported(f"The picture does not fit into '{target.name}': {error.err}.") from error
    try:
        _replace(target, data.tobytes())
    except OSError as error:
        raise _not_written(target, error) from error
    return target


def _replace(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        half.write_bytes(data)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def _not_written(target: Path, error: OSError) -> PathNotWritable | DiskFull:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"No room left to write {target}.", hint=say("Free some disk space.", "请清理磁盘空间。"))
    return PathNotWritable(
        f"Cannot write {target}: {error.strerror or error}.",
        hint=say(
            "Choose another folder, or close the program that shows this file.",
            "请换一个可写的文件夹，或关闭正在打开该文件的程序。",
        ),
    )


def is_image_file(path: str | os.PathLike[str]) -> bool:
    """Tell by its name whether a file is an image: a known suffix, and no hidden or system file."""
    path = Path(path)
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


@dataclass(frozen=True)
class NamedImage:
    """One image to look at, and the file name under which its result is written."""

    name: str
    source: ImageSource


def expand(source: ImageSource | Sequence[ImageSource]) -> tuple[list[NamedImage], bool]:
    """Return the images that an argument means, each with a file name of its own.

    Args:
        source: Path of a file or of a folder (its own images, by name, no sub-folders), array (four dimensions are
            many images), Pillow image, or a list of these.

    Returns:
        The images, and whether the argument means many of them (folder, list, four dimensions), be it only one.

    Raises:
        ImageNotFound: If a path does not exist, or a folder holds no image.
        ImageTypeUnsupported: If the argument can hold no image.
    """
    if isinstance(source, np.ndarray) and source.ndim == 4:
        source = list(source)
    if isinstance(source, (list, tuple)):
        found = [image for i, item in enumerate(source) for image in _expand_one(item, f"image_{i}.jpg")]
        if not found:
            raise _no_source(source)
        return _with_unique_names(found), True
    found = _expand_one(source, "image.jpg")
    return _with_unique_names(found), isinstance(source, (str, os.PathLike)) and Path(source).is_dir()


def _expand_one(source: object, default_name: str) -> list[NamedImage]:
    if isinstance(source, (np.ndarray, Image.Image)):
        return [NamedImage(default_name, source)]
    if not isinstance(source, (str, os.PathLike)):
        raise _no_source(source)
    path = Path(source)
    if path.is_dir():
        return _in_folder(path)
    if not path.exists():
        raise _not_found(path)
    known = path.suffix.lower() in IMAGE_SUFFIXES
    return [NamedImage(path.name if known else f"{path.name}.jpg", path)]


def _in_folder(folder: Path) -> list[NamedImage]:
    files = sorted((path for path in folder.iterdir() if is_image_file(path)), key=lambda path: path.name)
    if not files:
        raise ImageNotFound(f"No image in the folder {folder}.", hint=_suffix_hint())
    return [NamedImage(path.name, path) for path in files]


def _with_unique_names(images: list[NamedImage]) -> list[NamedImage]:
    """Number repeated names; letter case is ignored, as some file systems do."""
    originals, taken, result = {image.name.lower() for image in images}, set[str](), []
    for image in images:
        name, number = Path(image.name), 2
        unique = image.name
        while unique.lower() in taken or (unique != image.name and unique.lower() in originals):
            unique, number = f"{name.stem}_{number}{name.suffix}", number + 1
        taken.add(unique.lower())
        result.append(NamedImage(unique, image.source))
    return result


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        if path.is_dir():
            raise _unsupported(str(path), "it is a folder") from error
        if path.exists():
            raise _damaged(str(path), f"it cannot be read ({error.strerror})") from error
        raise _not_found(path) from error
    except ValueError as error:  # a NUL character in the path
        raise _not_found(path) from error


def _header_of(data: bytes, name: str) -> _structure.Header:
    """Read the header and refuse what is foreign or too large."""
    try:
        header = _structure.read_header(data)
    except _structure.Malformed as error:
        raise _damaged(name, str(error)) from error
    if header is None:
        if not data.strip(b"\0"):
            raise _damaged(name, "it holds only zero bytes" if data else "it is empty (0 bytes)")
        raise _unsupported(name, f"it is {_structure.describe(data)}")
    if header.width * header.height > MAX_PIXELS:
        raise _too_large(name, header.width, header.height)
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
        raise _damaged(name, "its pixels do not decode")
    return pixels


def _decode_with_pillow(data: bytes, name: str, kind: str) -> Pixels:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            width, height = opened.size
            if width * height <= MAX_PIXELS:
                return _convert.from_pillow(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, ImageTypeUnsupported) as error:
        raise _unsupported(name, getattr(error, "message", str(error))) from error
    except _PILLOW_GIVES_UP as error:
        raise _damaged(name, f"its pixels do not decode ({error})") from error
    raise _too_large(name, width, height)


def _in_channels(pixels: Pixels, gray: bool) -> Pixels:
    if gray == (pixels.ndim == 2):
        return pixels
    converted: Pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY if gray else cv2.COLOR_GRAY2BGR)  # type: ignore[assignment]
    return converted


def _suffix_hint() -> str:
    known = " ".join(sorted(IMAGE_SUFFIXES))
    return say(f"Supported: {known}", f"支持的格式：{known}")


def _not_found(path: Path) -> ImageNotFound:
    try:
        near = did_you_mean(path.name, (file.name for file in path.parent.iterdir()))
    except (OSError, ValueError):
        near = ""
    folder = Path.cwd() if not path.is_absolute() else path.parent
    hint = say(f"Looked from {folder}.", f"查找位置：{folder}。")
    return ImageNotFound(f"No such file: {path}.", hint=near or hint)


def _damaged(name: str, reason: str) -> ImageDamaged:
    return ImageDamaged(
        f"Damaged image file: {name or 'the image'}, {reason}.",
        hint=say("Replace the file, or save it anew with an image program.", "请更换该文件，或用图片软件重新保存。"),
    )


def _unsupported(name: str, reason: str) -> ImageUnsupported:
    return ImageUnsupported(f"Unsupported file: {name or 'the image'}, {reason}.", hint=_suffix_hint())


def _too_large(name: str, width: int, height: int) -> ImageUnsupported:
    return _unsupported(name, f"it has {width}×{height} pixels, more than the limit of {MAX_PIXELS}")


def _no_source(source: object) -> ImageTypeUnsupported:
    empty = isinstance(source, (list, tuple)) and not source
    found = "an empty list" if empty else f"type {type(source).__name__}"
    return ImageTypeUnsupported(
        f"The image argument cannot be used: {found}.",
        hint=say(
            "Expected a path, a folder, a numpy array, a Pillow image, or a list of these.",
            "应为：图片路径、文件夹、numpy 数组、PIL 图像，或由它们组成的列表。",
        ),
    )
