"""How sure a network is of each class, from what it gives: the same on the computer and on the board."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Scores: TypeAlias = Literal["", "softmax", "sigmoid"]
"""What makes shares of a network's numbers, as its loss has it within; empty where nobody knows."""


def shares_of(row: npt.NDArray[Any], scores: Scores = "") -> npt.NDArray[np.float64]:
    """Return how sure each class is.

    Args:
        row: (K,) what the network gives for a sample; a single number is how sure class 1 is.
        scores: What makes shares of it; where nobody knows, the numbers themselves if they may be shares, else their
            softmax.

    Returns:
        (K,), of a single number (2,).
    """
    values = row.astype(np.float64)
    if scores == "sigmoid":
        values = _sigmoid(values)
    if len(values) == 1:
        return np.array([1 - values[0], values[0]])
    if scores != "softmax" and (scores == "sigmoid" or _may_be_shares(values)):
        return values
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum())


def _sigmoid(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    small = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1, small) / (1 + small))


def _may_be_shares(values: npt.NDArray[np.float64]) -> bool:
    """Tell whether these are from 0 to 1, or nearly so where they sum to 1: of a softmax, or of a sigmoid each."""
    low, high = float(values.min()), float(values.max())
    return low >= 0 and (high <= 1 or abs(float(values.sum()) - 1) < 1e-3)
