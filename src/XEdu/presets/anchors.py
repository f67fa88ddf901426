"""Where the anchors of a one-stage detector lie: computed from its strides, no table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def centres(size: int, strides: Sequence[int], per_cell: int = 2) -> npt.NDArray[np.float32]:
    """Return the middles of the anchors, (A, 2) of x, y from 0 to 1, in the order of the network's outputs.

    Every layer puts anchors of one size into each cell of its grid; layers of equal stride that follow each other share
    their grid, cell by cell (SSD: Liu et al. 2016; BlazeFace: Bazarevsky et al. 2019).

    Args:
        size: Height and width of the input.
        strides: Of the layers, in their order.
        per_cell: Anchors that one layer puts into a cell.
    """
    parts = []
    for stride, layers in itertools.groupby(strides):
        cells = -(-size // stride)
        middles = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        parts.append(np.repeat(grid, per_cell * len(list(layers)), axis=0))
    return np.concatenate(parts).astype(np.float32)
