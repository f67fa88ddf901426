"""Which rows are held out, by a seed: of every class alike where there are classes."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Indices: TypeAlias = npt.NDArray[np.intp]


def divided(
    rows: int, held_out: float, seed: int, *, labels: npt.NDArray[np.int64] | None = None, shuffle: bool = True
) -> tuple[Indices, Indices]:
    """Return the rows to train with and those that are held out: at least one of each where there are two rows.

    Args:
        rows: How many there are.
        held_out: Their share, from 0 to 1; 0 holds out none.
        seed: Another number gives another division.
        labels: (N,). Of each class the same share is held out, and of none all.
        shuffle: False holds out the last rows, and leaves all in their order.
    """
    count = _count(rows, held_out)
    if not shuffle:
        return np.arange(rows - count), np.arange(rows - count, rows)
    # numpy keeps the numbers of this generator for ever; scikit-learn draws the same rows for the same seed.
    order = np.random.RandomState(seed % 2**32).permutation(rows)
    if not count:
        return order, order[:0]
    if labels is None:
        return order[count:], order[:count]
    held = _of_every_class(labels[order], count)
    return order[~held], order[held]


def _count(rows: int, share: float) -> int:
    """Return how many rows are held out: rounded up, but never all."""
    if not share or rows < 2:
        return 0
    return min(rows - 1, max(1, int(np.ceil(rows * share - 1e-9))))


def _of_every_class(labels: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.bool_]:
    """Tell which of shuffled rows are held out: in each class the first ones, in proportion.

    Shares are rounded by largest remainder, so that the sum holds; one row of each class stays to train with.
    """
    classes, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    exact = sizes * (count / len(labels))
    shares = np.minimum(np.floor(exact).astype(int), sizes - 1)
    for index in np.argsort(shares - exact, kind="stable"):
        if shares.sum() >= count:
            break
        shares[index] += shares[index] < sizes[index] - 1
    held = np.zeros(len(labels), bool)
    for index in range(len(classes)):
        held[np.flatnonzero(inverse == index)[: shares[index]]] = True
    return held
