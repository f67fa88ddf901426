"""Gray pictures as rows of numbers: HOG, LBP, the pixels themselves. numpy and OpenCV.

HOG: Dalal, Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005, with the measures and the order
of OpenCV 4's ``HOGDescriptor``, whose numbers these are. LBP: Ojala, Pietikäinen, Mäenpää, "Multiresolution Gray-Scale
and Rotation Invariant Texture Classification with Local Binary Patterns", PAMI 2002.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.image import Pixels

Numbers: TypeAlias = npt.NDArray[np.float32]
Precise: TypeAlias = npt.NDArray[np.float64]

HOG_SIDE = 128
"""Side of the window, pixels."""
_BLOCK = 32  # of one cell
_STRIDE = 16
_BINS = 9
_CLIP = np.float32(0.2)
_NEIGHBOURS = 8


def resized(gray: Pixels, side: int) -> Pixels:
    """Return a picture as a square, (side, side) uint8."""
    square: Pixels = cv2.resize(gray, (side, side), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
    return square


def hog(gray: Pixels) -> Numbers:
    """Return how often edges of each direction are in each part of a picture, (441,) = 7 × 7 blocks × 9 directions.

    Args:
        gray: H×W uint8; brought to 128×128 where it is of another size.
    """
    if gray.shape != (HOG_SIDE, HOG_SIDE):
        gray = resized(gray, HOG_SIDE)
    votes = _votes(gray)
    blocks = np.lib.stride_tricks.sliding_window_view(votes, (_BLOCK, _BLOCK), axis=(0, 1))[::_STRIDE, ::_STRIDE]
    weighted = np.tensordot(blocks, _weights(), axes=((3, 4), (0, 1)))  # (rows, columns, bins)
    ordered = weighted.transpose(1, 0, 2).reshape(-1, _BINS).astype(np.float32)  # column by column
    return _normalised(ordered).reshape(-1)


def _votes(gray: Pixels) -> Numbers:
    """Return what each pixel's edge adds to each direction, (H, W, 9): its strength, between the nearest two."""
    light = np.sqrt(gray.astype(np.float32))
    padded = np.pad(light, 1, mode="reflect")
    across, down = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    strength, angle = cv2.cartToPolar(across, down)
    place = angle * np.float32(_BINS / (2 * np.pi)) - np.float32(0.5)
    lower = np.floor(place).astype(int)
    share = place - lower
    votes = np.zeros((*gray.shape, _BINS), np.float32)
    rows, columns = np.indices(gray.shape)
    votes[rows, columns, lower % _BINS] = strength * (1 - share)
    votes[rows, columns, (lower + 1) % _BINS] += strength * share
    return votes


@lru_cache(maxsize=1)
def _weights() -> Numbers:
    """Return what a pixel counts in its block, (32, 32): the less, the farther it is from the middle."""
    steps = np.arange(_BLOCK, dtype=np.float32)
    sigma = 2 * _BLOCK / 8
    bell = np.exp(-((steps - _BLOCK * 0.5) ** 2) / (2 * sigma**2))
    # A block of one cell: pixels are shared with cells beside it, which are not there.
    tent = 1 - np.abs((steps + 0.5) / _BLOCK - 0.5)
    side = bell * tent
    return np.outer(side, side).astype(np.float32)


def _normalised(blocks: Numbers) -> Numbers:
    """Return blocks (N, 9) of length 1, clipped at 0.2, and of length 1 again (L2-Hys)."""
    length = np.sqrt((blocks**2).sum(axis=1, keepdims=True))
    clipped = np.minimum(blocks / (length + np.float32(blocks.shape[1] * 0.1)), _CLIP)
    scaled: Numbers = clipped / (np.sqrt((clipped**2).sum(axis=1, keepdims=True)) + np.float32(1e-3))
    return scaled


def lbp(gray: Pixels) -> Numbers:
    """Return how often each pattern of a pixel's eight neighbours is in a picture, (256,), together 1.

    Args:
        gray: H×W uint8.
    """
    height, width = gray.shape
    padded = np.pad(gray.astype(np.float64), 1)
    patterns = np.zeros(gray.shape, np.int64)
    for neighbour in range(_NEIGHBOURS):
        angle = 2 * np.pi * neighbour / _NEIGHBOURS
        down, across = round(-np.sin(angle), 5), round(np.cos(angle), 5)
        patterns |= (_beside(padded, 1 + down, 1 + across, height, width) >= gray).astype(np.int64) << neighbour
    counts = np.bincount(patterns.reshape(-1), minlength=2**_NEIGHBOURS)
    shares: Numbers = (counts / counts.sum()).astype(np.float32)
    return shares


def _beside(
    padded: npt.NDArray[np.float64], top: float, left: float, height: int, width: int
) -> npt.NDArray[np.float64]:
    """Return the picture moved by parts of a pixel: the mean of the four pixels around, by their nearness."""
    row, column = int(np.floor(top)), int(np.floor(left))
    down, across = top - row, left - column

    def moved(dy: int, dx: int) -> Precise:
        y, x = min(row + dy, 2), min(column + dx, 2)
        return padded[y : y + height, x : x + width]

    upper = (1 - across) * moved(0, 0) + across * moved(0, 1)
    lower = (1 - across) * moved(1, 0) + across * moved(1, 1)
    beside: Precise = (1 - down) * upper + down * lower
    return beside


def flatten(gray: Pixels) -> npt.NDArray[np.uint8]:
    """Return the pixels row by row, (H·W,) uint8."""
    return gray.reshape(-1)
