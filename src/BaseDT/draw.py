"""Results onto pictures: labels, contact sheets, heat maps. OpenCV for shapes, Pillow for text.

Everybody may call it. Arrays come in and go out; files, windows and figures with axes stay out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from BaseDT import fonts
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.results import ClassificationResult

Colour: TypeAlias = tuple[int, int, int]

# Okabe and Ito, "Color Universal Design" (2008): eight colours that colour-blind people tell apart; without the black.
# As BGR.
_PALETTE: tuple[Colour, ...] = (
    (178, 114, 0),
    (0, 94, 213),
    (115, 158, 0),
    (167, 121, 204),
    (0, 159, 230),
    (233, 180, 86),
    (66, 228, 240),
)
_READABLE_SIDE, _NARROWEST = 224, 128
_MIN_TEXT, _MIN_SHEET_TEXT = 16, 12
_HEADING_TILES = 3  # a heading has room for its words, however few the pictures
_INK: Colour = (33, 33, 33)
_PAPER: Colour = (255, 255, 255)
_EMPTY: Colour = (238, 238, 238)


@dataclass(frozen=True)
class Tile:
    """One picture of a contact sheet.

    Attributes:
        image: Pixels, H×W×3 BGR or H×W gray.
        caption: One line under the picture.
        colour: BGR, of the band behind the caption.
    """

    image: Pixels
    caption: str
    colour: Colour = _INK


def class_colour(label: int) -> Colour:
    """Return the colour of a class as BGR: always the same one for the same number."""
    return _PALETTE[label % len(_PALETTE)]


def shown_name(name: str, label: int) -> str:
    """Return the name of a class as a picture can show it: ``#label`` where the font lacks a character."""
    line = " ".join(name.split())
    return line if line and fonts.can_draw(line) else f"#{label}"


def classification(image: Pixels, result: ClassificationResult) -> Pixels:
    """Return a copy with name and score of the class at its upper left.

    Pictures smaller than 224 pixels are enlarged by a whole factor; flat or narrow ones, on which there is no room for
    text, get a margin for it above or at the right.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        result: What the model said.

    Raises:
        ParameterInvalid: These are no pixels.
    """
    canvas = _enlarged(_as_bgr(image))
    missing = max(0, _NARROWEST - canvas.shape[1])
    canvas = np.pad(canvas, ((0, 0), (0, missing), (0, 0)), constant_values=_EMPTY[0]) if missing else canvas
    height, width = canvas.shape[:2]
    size = max(_MIN_TEXT, round(min(height, width) * 0.065))
    name = shown_name(result.name, result.label)
    box = _text_box(name, f" {result.score:.2f}", size, width, class_colour(result.label))
    if box.shape[0] * 3 > height:
        strip = np.full((box.shape[0], width, 3), class_colour(result.label), dtype=np.uint8)
        canvas = np.concatenate([strip, canvas])
    canvas[: box.shape[0], : box.shape[1]] = box
    return canvas


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
    if not 0.0 <= alpha <= 1.0:
        raise _invalid(f"alpha is {alpha!r}.", "Expected a number from 0 to 1.", "应为 0 到 1 之间的数。")
    _check_heat(heat)
    canvas = _enlarged(_as_bgr(image))
    height, width = canvas.shape[:2]
    levels = cv2.resize(heat.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    # The ends of TURBO are nearly black and would hide the picture: its inner part is used.
    colours = cv2.applyColorMap(np.rint(levels * 204 + 25.5).astype(np.uint8), cv2.COLORMAP_TURBO)
    weights = alpha * np.minimum(levels * 2.5, 1.0)
    return np.asarray(cv2.blendLinear(colours, canvas, weights, 1.0 - weights), dtype=np.uint8)


def contact_sheet(tiles: Sequence[Tile], *, columns: int = 5, tile: int = 160, heading: str = "") -> Pixels:
    """Return many pictures as one, each with its caption.

    Args:
        tiles: At least one.
        columns: Pictures side by side, at most.
        tile: Side of the square for each picture, in pixels, from 32.
        heading: Lines above the pictures; empty for none.

    Raises:
        ParameterInvalid: There is nothing to show, or a size cannot work.
    """
    if not tiles:
        raise _invalid("a contact sheet of no pictures.", "Give at least one picture.", "请至少提供一张图片。")
    if columns < 1 or tile < 32:
        raise _invalid(
            f"columns is {columns} and tile is {tile}.",
            "Expected at least one column, and 32 pixels for a picture.",
            "列数至少为 1，每张图片的边长至少为 32 像素。",
        )
    columns = min(columns, max(len(tiles), _HEADING_TILES) if heading else len(tiles))
    gap = max(4, tile // 16)
    band = max(_MIN_SHEET_TEXT, tile // 9) * 3 // 2
    rows = -(-len(tiles) // columns)
    width = gap + columns * (tile + gap)
    top = _heading(heading, width, tile, gap)
    sheet = np.full((gap + rows * (tile + band + gap), width, 3), _PAPER, dtype=np.uint8)
    for index, item in enumerate(tiles):
        y, x = gap + index // columns * (tile + band + gap), gap + index % columns * (tile + gap)
        sheet[y : y + tile, x : x + tile] = _fitted(_as_bgr(item.image), tile)
        sheet[y + tile : y + tile + band, x : x + tile] = _caption(item, tile, band)
    return np.concatenate([top, sheet])


def _heading(text: str, width: int, tile: int, gap: int) -> Pixels:
    """Draw the lines of a heading: the first one large, notes below it smaller."""
    strips = [np.zeros((0, width, 3), dtype=np.uint8)]
    for number, line in enumerate(text.splitlines()):
        room = width - 2 * gap
        size = _largest(line, tile // 11 if number else tile // 8, _MIN_SHEET_TEXT, room)
        strip = np.full((size * 7 // 4, width, 3), _PAPER, dtype=np.uint8)
        ink = _line(_shortened(line, "", size, room), size, len(strip), _PAPER)[:, :room]
        strip[:, gap : gap + ink.shape[1]] = ink
        strips.append(strip)
    return np.concatenate(strips)


def _caption(item: Tile, tile: int, band: int) -> Pixels:
    strip = np.full((band, tile, 3), item.colour, dtype=np.uint8)
    size = _largest(item.caption, band * 2 // 3, _MIN_SHEET_TEXT, tile - 8)
    text = _line(_shortened(item.caption, "", size, tile - 8), size, band, item.colour)[:, :tile]
    left = (tile - text.shape[1]) // 2
    strip[:, left : left + text.shape[1]] = text
    return strip


def _fitted(image: Pixels, side: int) -> Pixels:
    """Scale a picture into the middle of a square; tiny ones by a whole factor, so that their pixels stay even."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 2:
        scale = float(int(scale))
    size = (min(side, max(1, round(width * scale))), min(side, max(1, round(height * scale))))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST if scale >= 2 else cv2.INTER_LINEAR
    small = cv2.resize(image, size, interpolation=how)
    square = np.full((side, side, 3), _EMPTY, dtype=np.uint8)
    y, x = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    square[y : y + small.shape[0], x : x + small.shape[1]] = small
    return square


def _text_box(name: str, score: str, size: int, width: int, colour: Colour) -> Pixels:
    """Draw name and score on a coloured box that is at most ``width`` wide: smaller text first, then a shorter name."""
    size = _largest(name + score, size, _MIN_TEXT, width - size)
    padding = size // 2
    text = _line(_shortened(name, score, size, width - 2 * padding), size, size * 3 // 2, colour)
    box = np.full((text.shape[0], min(width, text.shape[1] + 2 * padding), 3), colour, dtype=np.uint8)
    room = min(text.shape[1], box.shape[1])
    left = min(padding, box.shape[1] - room)
    box[:, left : left + room] = text[:, :room]
    return box


def _line(text: str, size: int, height: int, background: Colour) -> Pixels:
    """Draw one line of text, as wide as it is, on a background of the given height."""
    width = max(1, _text_width(text, size))
    picture = Image.new("RGB", (width, height), background[::-1])
    # "lm": the middle of the line, the same for every text, so that captions stand level.
    ImageDraw.Draw(picture).text(
        (0, height / 2), text, fill=_ink_on(background)[::-1], font=fonts.truetype(size), anchor="lm"
    )
    return np.asarray(picture)[:, :, ::-1]


def _text_width(text: str, size: int) -> int:
    return int(np.ceil(fonts.truetype(size).getlength(text)))


def _largest(text: str, size: int, smallest: int, width: int) -> int:
    """Return the largest size, from ``smallest`` to ``size``, at which a text fits; the smallest where none does."""
    taken = _text_width(text, size)
    # Width goes with size: one division comes near, rounding of the glyphs is corrected by steps.
    size = size if taken <= width else max(smallest, size * width // taken)
    while size > smallest and _text_width(text, size) > width:
        size -= 1
    return max(size, smallest)


def _shortened(text: str, tail: str, size: int, width: int) -> str:
    """Cut the end of a text, not of its tail, until both fit; characters that the font lacks become ``?``."""
    text = "".join(character if fonts.can_draw(character) else "?" for character in text)
    if _text_width(text + tail, size) <= width:
        return text + tail
    while text and _text_width(f"{text}…{tail}", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…{tail}" if text else tail.strip()


def _ink_on(background: Colour) -> Colour:
    blue, green, red = background
    # Relative luminance (ITU-R BT.601), near enough to choose between black and white.
    return _INK if 0.114 * blue + 0.587 * green + 0.299 * red > 140 else _PAPER


def _enlarged(image: Pixels) -> Pixels:
    """Return a copy whose long side has at least 224 pixels."""
    factor = -(-_READABLE_SIDE // max(image.shape[:2]))
    if factor <= 1:
        return image.copy()
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def _as_bgr(image: Pixels) -> Pixels:
    is_pixels = (
        isinstance(image, np.ndarray)
        and image.dtype == np.uint8
        and image.size > 0
        and (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3))
    )
    if not is_pixels:
        found = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise _invalid(
            f"the picture to draw on is {found}.",
            "Expected uint8 pixels, H×W×3 (BGR) or H×W (gray), as BaseDT.image.read gives them.",
            "应为 BaseDT.image.read 给出的 uint8 像素数组：H×W×3（BGR）或 H×W（灰度）。",
        )
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return image


def _check_heat(heat: npt.NDArray[Any]) -> None:
    is_map = (
        isinstance(heat, np.ndarray) and heat.ndim == 2 and heat.size > 0 and np.issubdtype(heat.dtype, np.floating)
    )
    # Written so that NaN fails too.
    if not is_map or not (heat.min() >= 0.0 and heat.max() <= 1.0):
        found = f"{heat.dtype} {heat.shape}" if isinstance(heat, np.ndarray) else type(heat).__name__
        raise _invalid(
            f"the heat map is {found}, or has values outside 0 to 1.",
            "Expected floats of shape (H, W) from 0 to 1.",
            "应为形状 (H, W)、取值 0 到 1 的浮点数组。",
        )


def _invalid(message: str, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(message, hint=say(en, zh))
