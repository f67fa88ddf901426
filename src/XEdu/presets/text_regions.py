"""Where lines of text lie: from a detector's map of probabilities to turned rectangles, cut out upright, and ordered.

Differentiable binarisation: Liao et al. 2020, "Real-time Scene Text Detection with Differentiable Binarization",
section 3.4: the network gives the kernels of lines, which are grown by area · ratio / perimeter. A rectangle that is
grown on all sides stays one, so that no library for polygons is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.image import Pixels

Corners: TypeAlias = "npt.NDArray[np.float32]"
"""(4, 2): upper left, upper right, lower right, lower left, clockwise."""

_IN_A_LINE, _LEAST_SCORE = 0.3, 0.5
_GROWTH = 1.6
_LEAST_SIDE = 3
_MOST = 1000
_TALL = 1.5
"""Height over width of a rectangle whose text runs downwards."""


def found(shares: npt.NDArray[np.float32], size: tuple[int, int]) -> list[Corners]:
    """Return the rectangles of lines in pixels of the picture, their longer side across.

    Args:
        shares: How likely each pixel of the input is in the middle of a line, (h, w).
        size: Height and width of the picture, which the input covers whole.
    """
    inside = cv2.dilate((shares > _IN_A_LINE).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
    scale = np.array([size[1] / shares.shape[1], size[0] / shares.shape[0]], np.float32)
    result = []
    for contour in contours[:_MOST]:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < _LEAST_SIDE or _score(shares, (centre, (width, height), angle)) < _LEAST_SCORE:
            continue
        growth = 2 * width * height * _GROWTH / (2 * (width + height))
        corners = cv2.boxPoints((centre, (width + growth, height + growth), angle))
        result.append(_across(np.asarray(corners * scale, np.float32)))
    return result


def _score(shares: npt.NDArray[np.float32], rectangle: tuple[Sequence[float], Sequence[float], float]) -> float:
    """Return the mean probability in a rectangle."""
    corners = cv2.boxPoints(rectangle)
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = shares[top:bottom, left:right]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(part, mask)[0])


def _across(corners: Corners) -> Corners:
    """Return the corners from the upper left of a line that runs to the right, or downwards where it is tall."""
    (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[1]
    if ax * by < ay * bx:
        corners = corners[::-1]
    edges = np.roll(corners, -1, axis=0) - corners
    first = int(np.argmax(edges[:, 0] / np.maximum(np.hypot(*edges.T), 1e-6)))  # the edge that goes most to the right
    corners = np.roll(corners, -first, axis=0)
    width, height = sides(corners)
    return np.roll(corners, -1, axis=0) if height > _TALL * width else corners


def turned(corners: Corners) -> Corners:
    """Return the corners of a line that stands on its head."""
    return np.roll(corners, -2, axis=0)


def sides(corners: Corners) -> tuple[float, float]:
    """Return width and height of a line."""
    width, height = np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[3] - corners[0]))
    return float(width), float(height)


def cut_out(picture: Pixels, corners: Corners) -> Pixels:
    """Return a line upright (h×w×3 BGR); what lies beside the picture continues its edge."""
    width, height = (max(1, round(side)) for side in sides(corners))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(corners, np.float32), target)
    return np.asarray(
        cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    )


def reading_order(lines: Sequence[Corners]) -> list[int]:
    """Return the numbers of lines row by row, each from its beginning; lines that share half their height are a row.

    A turned page is read as if it lay upright: rows follow each other across the direction that most of the text has.
    So columns of characters that stand on each other go from right to left.
    """
    upright = _laid_upright(lines)
    rest = sorted(range(len(lines)), key=lambda number: float(upright[number][:, 1].mean()))
    order: list[int] = []
    while rest:
        row = [number for number in rest if _share_a_row(upright[rest[0]], upright[number])]
        order += sorted(row, key=lambda number: float(upright[number][:, 0].min()))
        rest = [number for number in rest if number not in row]
    return order


def _laid_upright(lines: Sequence[Corners]) -> list[Corners]:
    """Turn the corners of all lines back by the direction of most of the text; longer lines count for more."""
    along = np.sum([line[1] - line[0] for line in lines], axis=0) if lines else np.zeros(2)
    length = float(np.hypot(*along))
    cos, sin = along / length if length > 0 else (1.0, 0.0)
    turn = np.array([[cos, -sin], [sin, cos]], np.float32)
    return [np.asarray(line @ turn, np.float32) for line in lines]


def _share_a_row(one: Corners, other: Corners) -> bool:
    tops, bottoms = (one[:, 1].min(), other[:, 1].min()), (one[:, 1].max(), other[:, 1].max())
    shared = min(bottoms) - max(tops)
    return bool(shared > min(bottom - top for top, bottom in zip(tops, bottoms, strict=True)) / 2)
