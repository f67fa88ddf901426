"""A film of discs that cross each other, and what a detector would say of it. ``bench.live`` and the tests use it.

Every disc has a gray level of its own, so that what is seen of it can be found in the pixels: of a half hidden disc the
box of the visible part, of a hidden one nothing. On top come the mistakes of a detector: edges that waver, misses,
false alarms, low scores for what is half hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.results import DetectionResult

Pixels = npt.NDArray[np.uint8]
HEIGHT, WIDTH = 480, 640
_LEAST_VISIBLE = 0.15


@dataclass(frozen=True)
class Picture:
    """One picture of the film.

    Attributes:
        pixels: H×W×3.
        truth: Boxes by the number of the disc, hidden ones left out.
        found: What the detector says.
    """

    pixels: Pixels
    truth: dict[int, tuple[float, float, float, float]]
    found: list[DetectionResult]


def film(discs: int = 10, pictures: int = 300, seed: int = 0) -> Iterator[Picture]:
    """Draw the film: discs of 18 to 34 pixels' radius that move, bounce off the edges, and hide each other."""
    rng = np.random.default_rng(seed)
    radius = rng.integers(18, 35, discs)
    place = rng.uniform([40, 40], [WIDTH - 40, HEIGHT - 40], (discs, 2))
    angle = rng.uniform(0, 2 * np.pi, discs)
    speed = rng.uniform(2, 6, discs)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for _ in range(pictures):
        place = place + speed
        for axis, size in ((0, WIDTH), (1, HEIGHT)):
            beyond = (place[:, axis] < radius) | (place[:, axis] > size - radius)
            speed[beyond, axis] *= -1
            place[:, axis] = np.clip(place[:, axis], radius, size - radius)
        yield _picture(place, radius, rng)


def _picture(place: npt.NDArray[Any], radius: npt.NDArray[Any], rng: np.random.Generator) -> Picture:
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    centres = np.rint(place).astype(int)
    for number, (centre, r) in enumerate(zip(centres, radius, strict=True)):
        cv2.circle(canvas, (int(centre[0]), int(centre[1])), int(r), (_level(number),) * 3, cv2.FILLED)
    truth: dict[int, tuple[float, float, float, float]] = {}
    found: list[DetectionResult] = []
    for number, (centre, r) in enumerate(zip(centres, radius, strict=True)):
        x, y = (max(0, int(value - r - 1)) for value in centre)
        mask = canvas[y : centre[1] + r + 2, x : centre[0] + r + 2, 0] == _level(number)
        visible = np.count_nonzero(mask) / (np.pi * r * r)
        if visible < _LEAST_VISIBLE:
            continue
        truth[number] = tuple(float(v) for v in (*(centre - r), *(centre + r)))  # type: ignore[assignment]
        if rng.random() < 0.03:
            continue
        left, top, wide, high = cv2.boundingRect(mask.astype(np.uint8))
        edges = np.array([x + left, y + top, x + left + wide, y + top + high]) + rng.normal(0, 1.5, 4)
        score = float(np.clip(0.9 * visible + rng.normal(0, 0.05), 0.05, 1))
        found.append(_box(edges, score))
    if rng.random() < 0.1:  # a false alarm
        corner = rng.uniform([0, 0], [WIDTH - 60, HEIGHT - 60])
        found.append(_box(np.concatenate([corner, corner + rng.uniform(30, 60, 2)]), 0.35))
    return Picture(canvas, truth, found)


def _level(number: int) -> int:
    return 30 + 11 * number  # twenty of them


def _box(edges: npt.NDArray[Any], score: float) -> DetectionResult:
    x1, y1, x2, y2 = (float(value) for value in edges)
    return DetectionResult(0, score, (x1, y1, max(x1 + 1, x2), max(y1 + 1, y2)), "disc")
