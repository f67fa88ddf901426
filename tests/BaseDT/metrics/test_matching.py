"""From which score on boxes are best shown, against the plain formula over all thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT.metrics import BoxTruth
from BaseDT.metrics.matching import best_threshold, match


def truth_of(count: int, crowd: bool = False) -> BoxTruth:
    boxes = np.array([[20.0 * n, 0, 20.0 * n + 10, 10] for n in range(count)]).reshape(-1, 4)
    return BoxTruth(boxes, np.zeros(count, np.int64), np.full(count, crowd))


def hits(*scores: float) -> np.ndarray:
    return np.array([[20.0 * n, 0, 20.0 * n + 10, 10, s, 0] for n, s in enumerate(scores)]).reshape(-1, 6)


def wrong(*scores: float) -> np.ndarray:
    return np.array([[500, 500, 510, 510, s, 0] for s in scores]).reshape(-1, 6)


def f1_at(threshold: float, found: list[np.ndarray], truth: list[BoxTruth]) -> float:
    counts = np.zeros(3)
    for rows, objects in zip(found, truth, strict=True):
        one = match(rows[rows[:, 4] >= threshold], objects)
        counts += [one.hit.sum(), (~one.hit & ~one.excused).sum(), one.free.sum()]
    return 2 * counts[0] / max(2 * counts[0] + counts[1] + counts[2], 1)


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = [truth_of(6) for _ in range(4)]
    found = [np.concatenate([hits(*rng.uniform(0.1, 0.9, 6)), wrong(*rng.uniform(0, 0.6, 9))]) for _ in truth]
    best = best_threshold(found, truth)
    assert best is not None
    reached = f1_at(best, found, truth)
    assert reached == pytest.approx(max(f1_at(score, found, truth) for rows in found for score in rows[:, 4]))


def test_it_lies_between_two_scores() -> None:
    found = [np.concatenate([hits(0.8, 0.8, 0.7, 0.6, 0.5), wrong(0.1, 0.1)])]
    assert best_threshold(found, [truth_of(5)]) == 0.3


def test_a_box_on_a_crowd_does_not_count() -> None:
    truth = BoxTruth(np.array([[0.0, 0, 1000, 1000]]), np.array([0]), np.array([True]))
    found = [np.concatenate([hits(0.5, 0.5, 0.5, 0.5, 0.5), wrong(0.9)]), wrong(*[0.8] * 50)]
    without = [found[0]]
    assert best_threshold(found, [truth_of(5), truth]) == best_threshold(without, [truth_of(5)])


@pytest.mark.parametrize("found", [[], [hits()], [hits(0.9, 0.9, 0.9, 0.9)], [wrong(0.9)]])
def test_of_too_few_hits_nothing_is_suggested(found: list[np.ndarray]) -> None:
    assert best_threshold(found, [truth_of(5)] * len(found)) is None
