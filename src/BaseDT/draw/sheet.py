"""Contact sheets: many pictures as one, each with its caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from BaseDT.arguments import check_integer
from BaseDT.draw.canvas import as_bgr, invalid
from BaseDT.draw.text import EMPTY, INK, PAPER, Colour, largest, line, shortened, text_box
from BaseDT.image import Pixels
from BaseDT.language import say

TILE = 160
"""Side of a picture on a sheet, in pixels, where nothing else is asked for."""
_MIN_SHEET_TEXT = 12
_HEADING_TILES = 3  # a heading has room for its words, however few the pictures


@dataclass(frozen=True)
class Tile:
    """One picture of a contact sheet.

    Attributes:
        image: Pixels, H×W×3 BGR or H×W gray.
        caption: One line under the picture.
        colour: BGR, of the band behind the caption.
        mark: A number or a letter in its corner; empty for none.
        note: A smaller line below the caption; empty for none.
    """

    image: Pixels
    caption: str
    colour: Colour = INK
    mark: str = ""
    note: str = ""


def contact_sheet(tiles: Sequence[Tile], *, columns: int = 5, tile: int = TILE, heading: str = "") -> Pixels:
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
        raise invalid(
            say("a contact sheet of no pictures.", "拼图中没有图片。"),
            "Give at least one picture.",
            "请至少提供一张图片。",
        )
    check_integer("columns", columns)
    check_integer("tile", tile, least=32)
    columns = min(columns, max(len(tiles), _HEADING_TILES) if heading else len(tiles))
    gap = max(4, tile // 16)
    band = max(_MIN_SHEET_TEXT, tile // 9) * 3 // 2
    rows = -(-len(tiles) // columns)
    noted = max(_MIN_SHEET_TEXT, tile // 22) * 3 // 2 if any(item.note for item in tiles) else 0
    below = band + noted
    width = gap + columns * (tile + gap)
    top = heading_strip(heading, width, tile, gap)
    sheet = np.full((gap + rows * (tile + below + gap), width, 3), PAPER, dtype=np.uint8)
    for index, item in enumerate(tiles):
        y, x = gap + index // columns * (tile + below + gap), gap + index % columns * (tile + gap)
        sheet[y : y + tile, x : x + tile] = thumbnail(item.image, tile)
        if item.mark:
            put_mark(sheet, item.mark, (x, y), max(_MIN_SHEET_TEXT, tile // 9))
        sheet[y + tile : y + tile + band, x : x + tile] = _caption(item.caption, item.colour, tile, band)
        if item.note:
            sheet[y + tile + band : y + tile + below, x : x + tile] = _caption(item.note, PAPER, tile, noted)
    return np.concatenate([top, sheet])


def heading_strip(text: str, width: int, tile: int, gap: int) -> Pixels:
    """Draw the lines of a heading: the first one large, notes below it smaller."""
    strips = [np.zeros((0, width, 3), dtype=np.uint8)]
    for number, words in enumerate(text.splitlines()):
        room = width - 2 * gap
        size = largest(words, tile // 11 if number else tile // 8, _MIN_SHEET_TEXT, room)
        strip = np.full((size * 7 // 4, width, 3), PAPER, dtype=np.uint8)
        ink = line(shortened(words, "", size, room), size, len(strip), PAPER)[:, :room]
        strip[:, gap : gap + ink.shape[1]] = ink
        strips.append(strip)
    return np.concatenate(strips)


def put_mark(canvas: Pixels, text: str, corner: tuple[int, int], size: int) -> None:
    """Write a mark, light on dark, into a picture; ``corner`` is its upper left (x, y)."""
    box = text_box(text, "", size, canvas.shape[1], INK, smallest=size)
    (x, y), (height, width) = corner, box.shape[:2]
    area = canvas[y : y + height, x : x + width]
    area[:] = box[: area.shape[0], : area.shape[1]]


def _caption(words: str, colour: Colour, tile: int, band: int) -> Pixels:
    strip = np.full((band, tile, 3), colour, dtype=np.uint8)
    size = largest(words, band * 2 // 3, _MIN_SHEET_TEXT, tile - 8)
    text = line(shortened(words, "", size, tile - 8), size, band, colour)[:, :tile]
    left = (tile - text.shape[1]) // 2
    strip[:, left : left + text.shape[1]] = text
    return strip


def thumbnail(image: Pixels, side: int) -> Pixels:
    """Scale a picture into the middle of a square; tiny ones by a whole factor, so that their pixels stay even.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        side: Of the square, in pixels.

    Raises:
        ParameterInvalid: These are no pixels.
    """
    image = as_bgr(image)
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 2:
        scale = float(int(scale))
    size = (min(side, max(1, round(width * scale))), min(side, max(1, round(height * scale))))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST if scale >= 2 else cv2.INTER_LINEAR
    small = cv2.resize(image, size, interpolation=how)
    square = np.full((side, side, 3), EMPTY, dtype=np.uint8)
    y, x = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    square[y : y + small.shape[0], x : x + small.shape[1]] = small
    return square
