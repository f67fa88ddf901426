"""Pairs with the largest sum, beside every way in which rows and columns can be paired."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from BaseDT.geometry.matching import best_pairs


def by_trying(gain: np.ndarray) -> float:
    rows, columns = gain.shape
    if rows > columns:
        return by_trying(gain.T)
    ways = itertools.permutations(range(columns), rows)
    return max(sum(gain[row, column] for row, column in enumerate(way)) for way in ways)


@pytest.mark.parametrize("seed", range(40))
def test_no_other_pairing_has_a_larger_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 6, 2)
    gain = np.round(rng.random(shape) * 8) * (rng.random(shape) < rng.random())
    pairs = best_pairs(gain)
    assert sum(gain[pair] for pair in pairs) == by_trying(gain)
    assert all(gain[pair] > 0 for pair in pairs)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)


def test_the_best_pair_alone_is_not_the_best_pairing() -> None:
    assert best_pairs(np.array([[0.9, 0.8], [0.8, 0.0]])) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nobody_is_paired_with_nobody(shape: tuple[int, int]) -> None:
    assert best_pairs(np.zeros(shape)) == []
