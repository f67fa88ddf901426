"""Pictures that are nearly the same: written anew, at another size, a little brighter, or mirrored.

The perceptual hash of Zauner (Implementation and Benchmarking of Perceptual Image Hash Functions, 2010: the low
frequencies of a small gray picture), kept as numbers instead of signs: digits and clothes of 28 pixels have too few
bits to be told apart. ``copies`` finds what is the same to the last pixel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.image import Pixels

Signature = npt.NDArray[np.float32]

_SIDE, _KEPT = 32, 16
LENGTH = _KEPT * _KEPT
"""Numbers of a signature."""

# Natural pictures lose strength with frequency: weighed by it, details count as much as the largest patches of light.
_WEIGHTS = np.hypot(*np.mgrid[:_KEPT, :_KEPT]).astype(np.float32)
# How many gray levels the small picture must differ within itself: paper and sky look like each other.
_PLAIN = 4.0
# Two are alike where they are so much nearer than pictures of this set usually are; measured in the set, since pictures
# of one camera before one wall are all alike. Small pictures hold little that could tell them apart.
_SMALL_BELOW, _SHARE_OF_SMALL, _SHARE = 96, 0.2, 0.3
_NEAR_SHARE = 0.01  # of all pairs are nearer than what is called usual
_SAMPLE = 1500
_ROWS = 1024


class Pair(NamedTuple):
    """Two pictures that are alike, by their places, the first before the second.

    Attributes:
        first: Place of one.
        second: Place of the other.
        distance: Of their signatures, from 0 (the same) to 2.
        mirrored: Whether one is the other's mirror image.
    """

    first: int
    second: int
    distance: float
    mirrored: bool


def signature(pixels: Pixels) -> Signature:
    """Return what a picture looks like, (``LENGTH``,) of length 1; all zero where it shows next to nothing.

    Args:
        pixels: H×W×3 BGR or H×W gray, upright.
    """
    small = pixels.astype(np.float32) if max(pixels.shape[:2]) < 2 * _SIDE else pixels
    small = cv2.resize(small, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    gray = (small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)).astype(np.float32)
    if gray.std() < _PLAIN:
        return np.zeros(LENGTH, dtype=np.float32)
    waves = (cv2.dct(gray)[:_KEPT, :_KEPT] * _WEIGHTS).ravel()
    return np.asarray(waves / np.linalg.norm(waves), dtype=np.float32)


def unweighted(signatures: Signature) -> Signature:
    """Return signatures (N, ``LENGTH``) with every wave as strong as it was: near as the small pictures themselves."""
    weights = _WEIGHTS.copy()
    weights[0, 0] = 1  # the mean, which no signature has
    return np.asarray(signatures / weights.ravel(), dtype=np.float32)


def pairs(signatures: Signature, short_sides: Sequence[int]) -> list[Pair]:
    """Find the pictures that are alike, the nearest first.

    Args:
        signatures: (N, ``LENGTH``); all zero for a picture that is compared with none.
        short_sides: Of the N pictures, in pixels.
    """
    usual = _usual_distance(signatures)
    shares = np.where(np.asarray(short_sides) < _SMALL_BELOW, _SHARE_OF_SMALL, _SHARE)
    limits = (usual * shares).astype(np.float32)
    turned = signatures.reshape(-1, _KEPT, _KEPT) * np.where(np.arange(_KEPT) % 2, -1, 1).astype(np.float32)
    mirrored = turned.reshape(signatures.shape)
    found: dict[tuple[int, int], Pair] = {}
    for side, is_mirrored in ((signatures, False), (mirrored, True)):
        for pair in _near(signatures, side, limits, mirrored=is_mirrored):
            found.setdefault(pair[:2], pair)
    return sorted(found.values(), key=lambda pair: (pair.distance, pair))


def groups(number: int, alike: Sequence[Pair]) -> list[tuple[int, ...]]:
    """Return the places of pictures that hang together through pairs, each group in order, by its first picture.

    Args:
        number: Of pictures.
        alike: The pairs.
    """
    root = list(range(number))

    def top(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for pair in alike:
        first, second = sorted((top(pair.first), top(pair.second)))
        root[second] = first
    members: dict[int, list[int]] = {}
    for place in sorted({place for pair in alike for place in pair[:2]}):
        members.setdefault(top(place), []).append(place)
    return [tuple(group) for group in members.values()]


def _near(one: Signature, other: Signature, limits: npt.NDArray[np.float32], *, mirrored: bool) -> Iterator[Pair]:
    """Compare all with all, some rows at a time: one product of matrices, no table of all pairs."""
    # Of vectors of length 1 the product c and the distance d are one: d² = 2 - 2c. The smaller limit of two counts.
    least = 1 - limits**2 / 2
    for start in range(0, len(one), _ROWS):
        products = one[start : start + _ROWS] @ other[start:].T
        rows, columns = np.nonzero(products > least[start : start + _ROWS, None])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if row < column and products[row, column] > least[start + column]:
                distance = float(np.sqrt(max(0.0, 2 - 2 * float(products[row, column]))))
                yield Pair(start + row, start + column, distance, mirrored)


def _usual_distance(signatures: Signature) -> float:
    """How near two pictures of the set are that are nearer than nearly all others, without being copies."""
    rows = np.flatnonzero(signatures.any(axis=1))
    some = signatures[rows[np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(int)]]
    if len(some) < 3:
        return 1.0
    products = (some @ some.T)[np.triu_indices(len(some), 1)]
    # Of few pictures each may have a copy, which must not count as usual.
    share = min(0.5, max(_NEAR_SHARE, 2 / len(some)))
    return float(np.sqrt(max(0.0, 2 - 2 * float(np.quantile(products, 1 - share)))))
