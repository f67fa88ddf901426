"""The anchors of SSD_Lite and YOLOv3, in the order of their heads' outputs. Numpy only.

Levels from the first map to the last, cells row by row, and all anchors of a cell behind each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Anchors = npt.NDArray[np.float32]
Size = tuple[int, int]
"""Height and width."""

SSD_REFERENCE = 320
SSD_SMALLEST = (48, 100, 150, 202, 253, 304)
SSD_LARGEST = (100, 150, 202, 253, 304, 320)
SSD_RATIOS = (2, 3)

YOLO_ANCHORS = (
    ((116, 90), (156, 198), (373, 326)),
    ((30, 61), (62, 45), (59, 119)),
    ((10, 13), (16, 30), (33, 23)),
)
"""Width and height per level, strides 32, 16, 8: the nine of Redmon & Farhadi 2018, section 2.3."""
YOLO_STRIDES = (32, 16, 8)


def ssd_sides(smallest: float, largest: float, ratios: Sequence[int] = SSD_RATIOS) -> list[tuple[float, float]]:
    """Return width and height of the anchors of one cell (Liu et al. 2016, section 2.2).

    A square of the smallest side, one of the geometric mean of both, then for each ratio the wide one and the tall
    one, with the smallest square's area.
    """
    mean = math.sqrt(smallest * largest)
    sides = [(smallest, smallest), (mean, mean)]
    for ratio in ratios:
        long, short = smallest * math.sqrt(ratio), smallest / math.sqrt(ratio)
        sides += [(long, short), (short, long)]
    return sides


def grid(sides: Sequence[tuple[float, float]], cells: Size, strides: tuple[float, float]) -> Anchors:
    """Place the anchors of a cell on every cell of a map.

    Args:
        sides: Width and height of each anchor.
        cells: Rows and columns of the map.
        strides: Height and width of a cell in pixels.

    Returns:
        (rows · columns · anchors, 4).
    """
    y = (np.arange(cells[0]) + 0.5) * strides[0]
    x = (np.arange(cells[1]) + 0.5) * strides[1]
    centers = np.stack(np.broadcast_arrays(x[None, :, None], y[:, None, None]), -1)
    half = np.asarray(sides, np.float64) / 2
    boxes = np.concatenate([centers - half, centers + half], -1)
    return boxes.reshape(-1, 4).astype(np.float32)


@lru_cache(maxsize=16)
def ssd_anchors(size: Size, maps: tuple[Size, ...]) -> Anchors:
    """Return all anchors of SSD_Lite for an input of ``size``.

    At 320 × 320 they are those of the original: strides 16, 32, 64, 107, 160, 320. At another size their sides grow
    with the picture's shorter side, and a cell is the whole number of pixels nearest to picture / map.

    Args:
        size: Of the input.
        maps: Rows and columns of each map.

    Returns:
        (A, 4). Shared: not to be written to.
    """
    scale = min(size) / SSD_REFERENCE
    levels = []
    for cells, smallest, largest in zip(maps, SSD_SMALLEST, SSD_LARGEST, strict=True):
        strides = (float(round(size[0] / cells[0])), float(round(size[1] / cells[1])))
        levels.append(grid(ssd_sides(smallest * scale, largest * scale), cells, strides))
    return np.concatenate(levels)


@lru_cache(maxsize=64)
def yolo_anchors(maps: tuple[Size, ...], sides: tuple[tuple[tuple[int, int], ...], ...]) -> tuple[Anchors, Anchors]:
    """Return all anchors of YOLOv3 and the strides of their cells.

    They are pixels whatever the size of the input: the network is trained on several sizes with the same anchors.

    Args:
        maps: Rows and columns of each map, the coarsest first.
        sides: Width and height of the anchors of each level.

    Returns:
        (A, 4) and (A, 1). Shared: not to be written to.
    """
    levels = [
        grid(level, cells, (stride, stride)) for level, cells, stride in zip(sides, maps, YOLO_STRIDES, strict=True)
    ]
    strides = [np.full((len(level), 1), stride) for level, stride in zip(levels, YOLO_STRIDES, strict=True)]
    return np.concatenate(levels), np.concatenate(strides).astype(np.float32)
