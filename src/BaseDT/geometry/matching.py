"""Who belongs to whom: pairs of rows and columns with the largest sum. Trackers and their metrics call it.

Scipy's ``linear_sum_assignment`` would do it; the light install has no scipy, and a picture has few boxes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[Any]


def best_pairs(gain: Matrix) -> list[tuple[int, int]]:
    """Pair rows with columns, each at most once, so that the sum of the gains is the largest that can be.

    Args:
        gain: (N, M), not negative; a pair whose gain is 0 is none.

    Returns:
        Rows and columns of the pairs, by row.
    """
    possible = gain > 0
    per_row, per_column = possible.sum(axis=1), possible.sum(axis=0)
    # Most boxes meet nobody but their own: only crowds are left to the search.
    alone = possible & (per_row[:, None] == 1) & (per_column[None, :] == 1)
    pairs = [(int(row), int(column)) for row, column in np.argwhere(alone)]
    rows = np.flatnonzero(possible.any(axis=1) & ~alone.any(axis=1))
    columns = np.flatnonzero(possible.any(axis=0) & ~alone.any(axis=0))
    if len(rows):
        crowd = gain[np.ix_(rows, columns)]
        found = _assignment(crowd.tolist()) if len(rows) <= len(columns) else _flipped(_assignment(crowd.T.tolist()))
        pairs += [(int(rows[row]), int(columns[column])) for row, column in found if crowd[row, column] > 0]
    return sorted(pairs)


def _flipped(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(column, row) for row, column in pairs]


def _assignment(gain: list[list[float]]) -> list[tuple[int, int]]:
    """Give every row a column, N ≤ M, by shortest augmenting paths (Jonker and Volgenant, Computing 38, 1987).

    Plain lists: at these sizes numpy's calls would cost more than what they compute.
    """
    width = len(gain[0])
    row_price, column_price = [0.0] * len(gain), [0.0] * width
    row_of = [-1] * width
    for new in range(len(gain)):
        distance, before, done = [math.inf] * width, [-1] * width, [False] * width
        row, column, reached = new, -1, 0.0
        while row >= 0:  # until the nearest column is free
            nearest, least = -1, math.inf
            for other in range(width):
                if done[other]:
                    continue
                length = reached - gain[row][other] - row_price[row] - column_price[other]
                if length < distance[other]:
                    distance[other], before[other] = length, column
                if distance[other] < least:
                    nearest, least = other, distance[other]
            column, reached = nearest, least
            done[column] = True
            row = row_of[column]
        for other in range(width):
            if done[other] and other != column:
                row_price[row_of[other]] += reached - distance[other]
                column_price[other] -= reached - distance[other]
        row_price[new] += reached
        while column >= 0:  # along the path everybody moves on
            row_of[column] = new if before[column] < 0 else row_of[before[column]]
            column = before[column]
    return sorted((row, column) for column, row in enumerate(row_of) if row >= 0)
