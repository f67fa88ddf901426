"""From a network's numbers to pixels and back: pictures in its colour order, 0 to 1. Torch-free."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import image
from BaseDT.image import ImageSource, Pixels

Values = npt.NDArray[np.float32]


def as_values(source: ImageSource, *, gray: bool) -> Values:
    """Return a picture as a network gets it: (C, H, W) from 0 to 1, blue first or gray alone."""
    pixels = image.read(source, gray=gray)
    layers = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return np.asarray(layers / 255, np.float32, order="C")


def as_pixels(values: npt.NDArray[Any]) -> Pixels:
    """Return (C, H, W) from 0 to 1 as pixels; what is beyond is cut off."""
    levels = np.rint(np.clip(np.nan_to_num(values.astype(np.float32)), 0, 1) * 255).astype(np.uint8)
    return levels[0] if len(levels) == 1 else np.ascontiguousarray(levels.transpose(1, 2, 0))


def in_rows(tiles: list[list[Pixels]], *, side: int = 96, gap: int = 4) -> Pixels:
    """Lay pictures of one size in rows, each enlarged by a whole factor to about ``side`` pixels, on white."""
    height, width = tiles[0][0].shape[:2]
    factor = max(1, round(side / max(height, width)))
    shape = (gap + len(tiles) * (factor * height + gap), gap + len(tiles[0]) * (factor * width + gap), 3)
    sheet = np.full(shape, 255, np.uint8)
    for row, line in enumerate(tiles):
        for column, tile in enumerate(line):
            large = tile.repeat(factor, 0).repeat(factor, 1)
            y, x = gap + row * (factor * height + gap), gap + column * (factor * width + gap)
            sheet[y : y + len(large), x : x + large.shape[1]] = large if large.ndim == 3 else large[:, :, None]
    return sheet
