"""A layer's output as a picture: maps side by side, numbers as bars or as a grid, with words above. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.draw.text import INK, PAPER, line, shown_name
from BaseDT.image import Pixels
from BaseNN.looking.pixels import as_pixels

WIDTH = 960
"""Of a picture, in pixels."""
_GAP = 6
_SIDE = 112
"""About the side of one map."""
_CELL = 18
_MOST_MAPS = 64
_MOST_BARS = 24
_BAR = 26
_LINE = 28
_TEXT = 18
_HUE = (178, 114, 0)  # blue of Okabe and Ito (2008), as BGR
_BELOW = (0, 94, 213)  # their vermillion


def drawn(values: npt.NDArray[Any], lines: Sequence[str], names: Sequence[str] = (), most: int = _MOST_MAPS) -> Pixels:
    """Draw an output.

    Args:
        values: (C, H, W) of maps, (T, F) of a sequence, (F,) of numbers.
        lines: What is written above, a line each.
        names: Of the numbers; empty: they are counted from 0.
        most: Maps that are shown at most.

    Returns:
        ``WIDTH`` pixels wide, H×W×3 BGR.
    """
    values = np.nan_to_num(np.atleast_1d(values).astype(np.float32))
    while values.ndim > 3:
        values = values.reshape(-1, *values.shape[-2:])
    if values.ndim == 1:
        body = _bars(values, names) if len(values) <= _MOST_BARS else _cells(values)
    else:
        body = _mosaic(values[None] if values.ndim == 2 else values[:most])
    return np.concatenate([*(_words(text) for text in lines), body])


def photograph(values: npt.NDArray[Any], lines: Sequence[str]) -> Pixels:
    """Draw a picture as it looks.

    Args:
        values: (1, H, W) gray or (3, H, W) blue first, from 0 to 1.
        lines: What is written above, a line each.
    """
    pixels = as_pixels(values)
    if pixels.ndim == 2:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    body = _in_rows([_enlarged(pixels, max(1, _SIDE // max(pixels.shape[:2])))])
    return np.concatenate([*(_words(text) for text in lines), body])


def stacked(pictures: Sequence[Pixels]) -> Pixels:
    """Lay pictures of one width under each other, with a thin line between them."""
    rule = np.full((2, WIDTH, 3), 200, np.uint8)
    return np.concatenate([part for picture in pictures for part in (picture, rule)][:-1])


def _words(text: str) -> Pixels:
    strip = np.full((_LINE, WIDTH, 3), PAPER, np.uint8)
    text = text if fonts.can_draw(text) else text.replace("×", "x")
    ink = line(text, _TEXT, _LINE, PAPER)[:, : WIDTH - 2 * _GAP]
    strip[:, _GAP : _GAP + ink.shape[1]] = ink
    return strip


def _mosaic(maps: npt.NDArray[np.float32], side: int = _SIDE) -> Pixels:
    """Lay maps (N, H, W) out in rows: dark is the lowest value of each, yellow its highest.

    On one scale for all of them a single strong map would leave the others black.
    """
    low, high = maps.min(axis=(1, 2), keepdims=True), maps.max(axis=(1, 2), keepdims=True)
    levels = np.rint((maps - low) / np.where(high > low, high - low, 1) * 255).astype(np.uint8)
    factor = max(1, min(WIDTH - 2 * _GAP, side) // max(maps.shape[1:]))
    return _in_rows([_coloured(level, factor) for level in levels])


def _in_rows(shown: Sequence[Pixels]) -> Pixels:
    """Lay tiles of one size out in rows on paper."""
    tall, wide = shown[0].shape[:2]
    columns = max(1, (WIDTH - _GAP) // (wide + _GAP))
    rows = -(-len(shown) // columns)
    sheet = np.full((_GAP + rows * (tall + _GAP), WIDTH, 3), PAPER, np.uint8)
    for number, tile in enumerate(shown):
        y, x = _GAP + number // columns * (tall + _GAP), _GAP + number % columns * (wide + _GAP)
        sheet[y : y + tall, x : x + wide] = tile[:, : WIDTH - x]
    return sheet


def _coloured(level: Pixels, factor: int) -> Pixels:
    return np.asarray(cv2.applyColorMap(_enlarged(level, factor), cv2.COLORMAP_VIRIDIS), np.uint8)


def _enlarged(pixels: Pixels, factor: int) -> Pixels:
    if pixels.shape[1] * factor > WIDTH - 2 * _GAP:
        scale = (WIDTH - 2 * _GAP) / pixels.shape[1]
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return pixels.repeat(factor, 0).repeat(factor, 1)


def _cells(values: npt.NDArray[np.float32]) -> Pixels:
    """Lay many numbers out line by line, a cell each, about four times as wide as high."""
    columns = int(np.ceil(np.sqrt(4 * len(values))))
    rows = -(-len(values) // columns)
    padded = np.full(rows * columns, values.min(), np.float32)
    padded[: len(values)] = values
    sheet = _mosaic(padded.reshape(1, rows, columns), _CELL * columns)
    left = rows * columns - len(values)
    side = (len(sheet) - 2 * _GAP) // rows
    if left:  # cells without a number
        sheet[-_GAP - side : -_GAP, _GAP + (columns - left) * side : _GAP + columns * side] = PAPER
    return sheet


def _bars(values: npt.NDArray[np.float32], names: Sequence[str]) -> Pixels:
    """Draw a bar for each number, to the right of the middle where it is positive."""
    labels = [shown_name(names[n], n) if n < len(names) else str(n) for n in range(len(values))]
    left, right = 170, WIDTH - 130
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    scale = (right - left) / ((high - low) or 1.0)
    zero = round(left - low * scale)
    sheet = np.full((2 * _GAP + len(values) * _BAR, WIDTH, 3), PAPER, np.uint8)
    for number, value in enumerate(values):
        y, end = _GAP + number * _BAR, round(zero + float(value) * scale)
        start, stop = sorted((zero, end))
        cv2.rectangle(sheet, (start, y + 4), (max(stop, start + 1), y + _BAR - 5), _HUE if value >= 0 else _BELOW, -1)
        _put(sheet, labels[number], _GAP, y, left - 2 * _GAP)
        _put(sheet, f"{value:.4g}", right + _GAP, y, WIDTH - right - 2 * _GAP)
    cv2.line(sheet, (zero, _GAP), (zero, len(sheet) - _GAP), INK, 1)
    return sheet


def _put(sheet: Pixels, text: str, x: int, y: int, room: int) -> None:
    ink = line(text, _TEXT - 2, _BAR, PAPER)[:, :room]
    sheet[y : y + _BAR, x : x + ink.shape[1]] = ink
