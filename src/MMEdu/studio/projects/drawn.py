"""Pictures that are drawn: shapes and faces, as with a brush on paper. The same chance makes the same ones."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.dataset.boxes import Box
from BaseDT.image import Pixels

SHAPES = ("circle", "triangle", "square", "star")
MOODS = ("happy", "sad", "surprised")
SIDE, WIDE, HIGH = 192, 400, 300
_CORNERS = {"triangle": 3, "square": 4, "star": 10}
_TRIES, _MOST = 30, 5
_BITS = 4  # of a fraction of a pixel, when drawn

Points = npt.NDArray[np.float64]
Canvas = npt.NDArray[np.float32]


def shape(kind: str, random: np.random.Generator) -> Pixels:
    """Draw one shape.

    Args:
        kind: One of ``SHAPES``.
        random: Where chance comes from.

    Returns:
        (SIDE, SIDE, 3), BGR.
    """
    canvas = _paper(SIDE, SIDE, random)
    radius = SIDE * random.uniform(0.2, 0.4)
    centre = random.uniform(radius, SIDE - radius, 2)
    _draw_shape(canvas, _outline(kind, radius, random) + centre, random)
    return _finished(canvas, random)


def mood(kind: str, random: np.random.Generator) -> Pixels:
    """Draw a face.

    Args:
        kind: One of ``MOODS``.
        random: Where chance comes from.

    Returns:
        (SIDE, SIDE, 3), BGR.
    """
    canvas = _paper(SIDE, SIDE, random)
    radius = SIDE * random.uniform(0.3, 0.44)
    centre = random.uniform(radius, SIDE - radius, 2)
    ink = _ink(random)
    brush = max(2, round(radius * random.uniform(0.05, 0.1)))
    head = _outline("circle", radius, random) + centre
    cv2.fillPoly(canvas, [_fixed(head)], _pale(random), cv2.LINE_AA, _BITS)
    cv2.polylines(canvas, [_fixed(head)], True, ink, brush, cv2.LINE_AA, _BITS)
    turn = random.uniform(-0.25, 0.25)
    apart, high = random.uniform(0.3, 0.42), random.uniform(0.15, 0.3)
    for side in (-1, 1):
        eye = _turned(np.array([[side * apart, -high]]), turn)[0] * radius + centre
        size = round(radius * random.uniform(0.07, 0.12) * 2**_BITS)
        cv2.circle(canvas, _fixed(eye).tolist(), size, ink, -1, cv2.LINE_AA, _BITS)
    mouth = _turned(_mouth(kind, random), turn) * radius + centre
    if kind == "surprised":
        cv2.fillPoly(canvas, [_fixed(mouth)], ink, cv2.LINE_AA, _BITS)
    else:
        cv2.polylines(canvas, [_fixed(mouth)], False, ink, brush, cv2.LINE_AA, _BITS)
    return _finished(canvas, random)


def desk(random: np.random.Generator) -> tuple[Pixels, tuple[Box, ...]]:
    """Draw some shapes onto one sheet.

    Args:
        random: Where chance comes from.

    Returns:
        (HIGH, WIDE, 3), BGR, and a box around each shape; its label counts in ``SHAPES``.
    """
    canvas = _paper(HIGH, WIDE, random)
    boxes: list[Box] = []
    for _ in range(int(random.integers(1, _MOST + 1))):
        label = int(random.integers(len(SHAPES)))
        outline = _outline(SHAPES[label], random.uniform(22, 60), random)
        low, high = outline.min(0), outline.max(0)
        for _ in range(_TRIES):
            corner = random.uniform(4, np.array([WIDE, HIGH]) - 4 - (high - low))
            corners = *corner.tolist(), *(corner + high - low).tolist()
            if not any(_touch(corners, box.corners) for box in boxes):
                _draw_shape(canvas, outline - low + corner, random)
                boxes.append(Box(label, corners))
                break
    return _finished(canvas, random), tuple(boxes)


def _outline(kind: str, radius: float, random: np.random.Generator) -> Points:
    """Return the corners of a shape around (0, 0), (n, 2), drawn by a hand: nothing is quite even."""
    if kind == "circle":
        angles: Points = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        phase = random.uniform(0, 2 * np.pi, 2)
        bent = 1 + 0.03 * np.sin(2 * angles + phase[0]) + 0.02 * np.sin(3 * angles + phase[1])
        return np.asarray(np.stack([np.cos(angles), np.sin(angles)], 1) * (radius * bent)[:, None])
    count = _CORNERS[kind]
    angles = np.arange(count) * 2 * np.pi / count + random.uniform(0, 2 * np.pi)
    lengths = np.where(np.arange(count) % 2, 0.45, 1.0) if kind == "star" else np.ones(count)
    corners = np.stack([np.cos(angles), np.sin(angles)], 1) * (radius * lengths)[:, None]
    return np.asarray(corners + random.normal(0, 0.03 * radius, corners.shape))


def _mouth(kind: str, random: np.random.Generator) -> Points:
    """Return the line of a mouth in a face of radius 1."""
    width = random.uniform(0.3, 0.5)
    if kind == "surprised":
        return np.asarray(_outline("circle", random.uniform(0.14, 0.24), random) + np.array([0, 0.42]))
    along = np.linspace(-1, 1, 16)
    depth = random.uniform(0.18, 0.34) * (1 if kind == "happy" else -1)
    middle = 0.3 if kind == "happy" else 0.55
    return np.stack([along * width, middle + depth * (1 - along**2)], 1)


def _draw_shape(canvas: Canvas, outline: Points, random: np.random.Generator) -> None:
    ink = _ink(random)
    if random.random() < 0.6:
        cv2.fillPoly(canvas, [_fixed(outline)], ink, cv2.LINE_AA, _BITS)
        return
    cv2.polylines(canvas, [_fixed(outline)], True, ink, int(random.integers(4, 9)), cv2.LINE_AA, _BITS)


def _paper(height: int, width: int, random: np.random.Generator) -> Canvas:
    """Draw paper of a pale colour with a shadow."""
    down, across = np.linspace(0, 1, height)[:, None, None], np.linspace(0, 1, width)[None, :, None]
    shadow = random.uniform(-30, 0, 2)
    return np.asarray(random.uniform(200, 250, 3) + down * shadow[0] + across * shadow[1], dtype=np.float32)


def _finished(canvas: Canvas, random: np.random.Generator) -> Pixels:
    noise = random.normal(0, random.uniform(1, 5), canvas.shape)
    return np.clip(canvas * random.uniform(0.8, 1.03) + noise, 0, 255).astype(np.uint8)


def _ink(random: np.random.Generator) -> list[float]:
    """Choose a strong colour."""
    colour = np.array([random.uniform(0, 60), random.uniform(20, 140), random.uniform(100, 210)])
    mixed: list[float] = random.permutation(colour).tolist()
    return mixed


def _pale(random: np.random.Generator) -> list[float]:
    colour: list[float] = random.uniform(150, 250, 3).tolist()
    return colour


def _turned(points: Points, angle: float) -> Points:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(points @ turn.T)


def _fixed(points: Points) -> npt.NDArray[np.int32]:
    return np.asarray(np.rint(points * 2**_BITS), dtype=np.int32)


def _touch(one: Sequence[float], other: Sequence[float]) -> bool:
    apart = one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
    return not apart
