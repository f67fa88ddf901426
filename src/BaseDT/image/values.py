"""Pictures whose values are numbers of classes, not brightness: nothing is scaled, no palette applied, no colour mixed.

Readers of masks call it; how values become labels is theirs.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from BaseDT.errors import MemoryExhausted
from BaseDT.files import write_whole
from BaseDT.image import file_structure, refusals
from BaseDT.image.reading import MAX_PIXELS, PILLOW_GIVES_UP, header_of
from BaseDT.language import say

Values = npt.NDArray[Any]
"""(H, W) of whole numbers, or (H, W, 3) uint8 of colours in the order RGB."""
Colour = tuple[int, int, int]

_ORIENTATION = 0x0112
_GRAY = 0  # the colour type of a PNG
# Where a PNG says its depth and its colour type.
_DEPTH, _TYPE = 24, 25
_CLEAR = 128


def decode_values(data: bytes, *, name: str = "", strict: bool = False, among: Collection[Colour] = ()) -> Values:
    """Return the numbers that stand in the bytes of an image file, upright: indices of a palette, gray of any depth.

    Args:
        data: The whole file.
        name: What messages call it.
        strict: Also walk the structure of the whole file, to find damage that decoders forgive.
        among: Colours that mean something: a file with a palette that uses no others gives its colours, not its
            numbers.

    Returns:
        (H, W) uint8, uint16 or int32; (H, W, 3) uint8 RGB where a file has colours. What is transparent is black.

    Raises:
        ImageUnsupported: These are no bytes that we read, or the picture is larger than ``MAX_PIXELS``.
        ImageDamaged: They do not decode whole.
    """
    header = header_of(data, name)
    if fault := file_structure.fault(data, header, strict=strict):
        raise refusals.damaged(name, fault)
    depth = data[_DEPTH] if header.kind == "PNG" else 0
    if header.kind == "PNG" and header.way == "fast" and data[_TYPE] == _GRAY and depth >= 8:
        values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if values is None:
            raise refusals.damaged(name, say("its pixels do not decode", "像素无法解码"))
        return values
    values = _by_pillow(data, name, header.kind, among)
    if depth in (2, 4) and data[_TYPE] == _GRAY:  # Pillow spreads them over 0 to 255
        values = values // (255 // (2**depth - 1))
    return values


def _by_pillow(data: bytes, name: str, kind: str, among: Collection[Colour]) -> Values:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise refusals.too_large(name, opened.width, opened.height, MAX_PIXELS)
            opened.load()
            return _in_colours(ImageOps.exif_transpose(opened), among)
    except MemoryError as error:
        raise MemoryExhausted(
            say(f"Not enough memory to decode {name or 'the image'}.", f"内存不足，无法解码 {name or '图片'}。"),
            hint=say("Close other programs, or use a smaller picture.", "请关闭其他程序，或使用较小的图片。"),
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise refusals.unsupported(name, str(error)) from error
    except PILLOW_GIVES_UP as error:
        raise refusals.damaged(name, say(f"its pixels do not decode ({error})", f"像素无法解码（{error}）")) from error


def _in_colours(opened: Image.Image, among: Collection[Colour]) -> Values:
    values = _numbers(opened)
    if opened.mode != "P" or not among:
        return values
    palette = np.array(opened.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
    used = np.unique(values)
    if used[-1] >= len(palette):
        return values
    colours = {tuple(colour) for colour in palette[used].tolist()}
    if len(colours) < len(used) or not colours <= set(among):
        return values
    coloured: Values = palette[values]
    return coloured


def _numbers(opened: Image.Image) -> Values:
    mode = opened.mode
    if mode == "1":
        return np.asarray(opened).astype(np.uint8)
    if mode in ("L", "P") or mode.startswith("I;16"):
        return np.asarray(opened)
    if mode in ("I", "F"):
        wide: Values = np.rint(np.nan_to_num(np.asarray(opened), nan=-1.0)).clip(-1, 1 << 20).astype(np.int32)
        return wide
    if mode == "LA":
        return np.asarray(opened)[..., 0]
    if mode == "PA":
        return np.asarray(opened.getchannel(0))
    if mode in ("RGBA", "RGBa"):
        with_alpha = np.asarray(opened.convert("RGBA"))
        visible: Values = np.where(with_alpha[..., 3:] < _CLEAR, np.uint8(0), with_alpha[..., :3])
        return visible
    return np.asarray(opened.convert("RGB"))


def palette_of(data: bytes) -> tuple[Colour, ...]:
    """Return the colours of a file with a palette, by index; none where it has none or cannot be read."""
    if data.startswith(b"\x89PNG") and data[_TYPE : _TYPE + 1] == bytes([_GRAY]):
        return ()
    try:
        with Image.open(io.BytesIO(data)) as opened:
            flat = opened.getpalette("RGB") if opened.mode == "P" else None
    except PILLOW_GIVES_UP:
        return ()
    flat = flat or []
    return tuple((flat[i], flat[i + 1], flat[i + 2]) for i in range(0, len(flat) - 2, 3))


def write_values(
    path: Path, values: npt.NDArray[np.uint8], colours: tuple[Colour, ...], *, durable: bool = True
) -> Path:
    """Write whole numbers as a PNG with a palette: they stay what they are, and viewers show them in colours.

    Args:
        path: The file, ``.png``.
        values: (H, W).
        colours: Of the numbers from 0 on; those without one are black.
        durable: As in ``BaseDT.files.write_whole``.

    Raises:
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    drawn = Image.fromarray(values)
    # Pillow saves no more bits than a palette needs, and would cut larger numbers.
    padded = (*colours[:256], *((0, 0, 0) for _ in range(int(values.max()) + 1 - len(colours))))
    drawn.putpalette([channel for colour in padded for channel in colour])
    buffer = io.BytesIO()
    drawn.save(buffer, format="PNG")
    return write_whole(path, buffer.getvalue(), durable=durable)
