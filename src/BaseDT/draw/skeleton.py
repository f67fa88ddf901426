"""Persons, hands and faces as points and bones: the two sides, or the fingers, in colours of their own."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.draw.boxes import BoxLabel, label_boxes
from BaseDT.draw.canvas import as_bgr, enlarged, text_size
from BaseDT.draw.text import INK, PAPER, Colour, class_colour, shown_name
from BaseDT.image import Pixels
from BaseDT.results import KeypointsResult
from BaseDT.results.point_names import FINGERS, finger_of, side_of

SEEN_FROM = 0.3
"""Score of a point that is drawn in full; where it is below a half of this, it is left out."""
# BGR, of Okabe and Ito's colours: left and right are told apart by colour-blind people, too, and so are the fingers.
LEFT, RIGHT, MIDDLE = (233, 180, 86), (0, 94, 213), (66, 228, 240)
_FINGER_COLOURS: tuple[Colour, ...] = ((0, 94, 213), (0, 159, 230), (66, 228, 240), (115, 158, 0), (233, 180, 86))
_PALM: Colour = (200, 200, 200)
_MESH = 60
"""From so many points on a face or body is a mesh: thin lines, and dots of a pixel."""
_MIN_TEXT = 12
_FRACTION = 4  # bits of a pixel behind the point, for OpenCV
_FAR = 20000  # pixels: OpenCV counts in 32 bits, fractions included


@dataclass(frozen=True)
class _Style:
    """The colours of points and bones, which the names of the points decide."""

    points: tuple[Colour, ...]
    bones: tuple[Colour, ...]


def keypoints(
    image: Pixels,
    results: Sequence[KeypointsResult],
    *,
    threshold: float = SEEN_FROM,
    labels: bool = True,
    enlarge: bool = True,
) -> Pixels:
    """Return a copy with the points and bones of every person, hand or face, with name, score and number.

    What the names of the points call left is light blue, what they call right is orange, the rest yellow; a hand has a
    colour for each finger. Unsure points are hollow and their bones thin; those that are less sure than half the
    threshold are left out. Meshes of many points are drawn thin.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        results: What the model found, in pixels of this image; may be empty.
        threshold: Score of a point from which on it is sure, 0 to 1.
        labels: Whether name, score and number of each are written.
        enlarge: Whether pictures smaller than 224 pixels become larger, by a whole factor.

    Raises:
        ParameterInvalid: These are no pixels.
    """
    canvas = enlarged(as_bgr(image)) if enlarge else as_bgr(image).copy()
    factor = canvas.shape[0] // image.shape[0]
    surest_last = sorted(results, key=lambda result: result.score)
    for result in surest_last:
        style = _style(result.names, result.skeleton, result.label)
        _put(canvas, result.points * factor, result.scores, result.skeleton, style, threshold)
    if labels and surest_last:
        side = min(canvas.shape[:2])
        size = text_size(max(_MIN_TEXT, round(side * 0.035)), side)
        label_boxes(canvas, [_label(result, factor, canvas) for result in reversed(surest_last)], size)
    return canvas


def put_skeleton(
    canvas: Pixels,
    points: npt.NDArray[np.floating[Any]],
    seen: npt.NDArray[np.bool_],
    skeleton: Sequence[tuple[int, int]],
    colour: Colour,
) -> None:
    """Draw one skeleton in a single colour into a picture, as reports do with what is true and what is predicted.

    Args:
        canvas: H×W×3 BGR, which is changed.
        points: x, y in pixels, (K, 2).
        seen: Which points are drawn, and so the bones between two of them, (K,).
        skeleton: Pairs of points that bones join.
        colour: BGR.
    """
    style = _Style((colour,) * len(points), (colour,) * len(skeleton))
    _put(canvas, points.astype(np.float64), np.where(seen, 1.0, 0.0), tuple(skeleton), style, SEEN_FROM)


def _put(
    canvas: Pixels,
    points: npt.NDArray[np.float64],
    scores: npt.NDArray[np.floating[Any]],
    skeleton: Sequence[tuple[int, int]],
    style: _Style,
    threshold: float,
) -> None:
    sure, shown = scores >= threshold, (scores >= threshold / 2) & (scores > 0)
    # Edges of pixels are whole numbers here, their middles are in OpenCV.
    fixed = np.rint((points.clip(-_FAR, _FAR) - 0.5) * (1 << _FRACTION)).astype(np.int32)
    width = _line_width(canvas, points, sure)
    for colour, certain, bones in _bones(skeleton, style, sure, shown):
        lines = list(fixed[bones])
        if certain and width > 1 and len(points) < _MESH:  # a dark edge: bones are seen on every ground
            cv2.polylines(canvas, lines, False, INK, width + 2, cv2.LINE_AA, _FRACTION)
        cv2.polylines(canvas, lines, False, colour, width if certain else 1, cv2.LINE_AA, _FRACTION)
    if len(points) >= _MESH:
        _dots(canvas, points, sure, style)
        return
    radius = width + (1 if width > 1 else 0)
    for (x, y), colour, certain, is_shown in zip(
        fixed.tolist(), style.points, sure.tolist(), shown.tolist(), strict=True
    ):
        if not is_shown or not -radius << _FRACTION <= x < canvas.shape[1] + radius << _FRACTION:
            continue
        if certain:
            cv2.circle(canvas, (x, y), (radius + 1) << _FRACTION, INK, -1, cv2.LINE_AA, _FRACTION)
            cv2.circle(canvas, (x, y), radius << _FRACTION, colour, -1, cv2.LINE_AA, _FRACTION)
        else:
            cv2.circle(canvas, (x, y), radius << _FRACTION, colour, 1, cv2.LINE_AA, _FRACTION)


def _line_width(canvas: Pixels, points: npt.NDArray[np.float64], sure: npt.NDArray[np.bool_]) -> int:
    """Return the width of bones: by the picture, but thin for small persons and for meshes."""
    if len(points) >= _MESH:
        return max(1, int(max(canvas.shape[:2]) / 800 + 0.5))
    extent = float(np.ptp(points[sure], axis=0).max()) if sure.any() else 0.0
    return max(1, int(min(max(canvas.shape[:2]) / 200, extent / 40) + 0.5))


def _bones(
    skeleton: Sequence[tuple[int, int]], style: _Style, sure: npt.NDArray[np.bool_], shown: npt.NDArray[np.bool_]
) -> Iterator[tuple[Colour, bool, npt.NDArray[np.intp]]]:
    """Give the bones of each colour that are drawn, (n, 2) points; the unsure ones first."""
    if not skeleton:
        return
    ends = np.array(skeleton, dtype=np.intp)
    certain, visible = sure[ends].all(axis=1), shown[ends].all(axis=1)
    colours = np.array(style.bones)
    for is_certain in (False, True):
        for colour in dict.fromkeys(style.bones):
            chosen = visible & (certain == is_certain) & (colours == colour).all(axis=1)
            if chosen.any():
                yield colour, is_certain, ends[chosen]


def _dots(canvas: Pixels, points: npt.NDArray[np.float64], sure: npt.NDArray[np.bool_], style: _Style) -> None:
    """Draw the points of a mesh: a pixel each, on large pictures four."""
    pixels = np.floor(points).astype(np.int64)
    colours = np.array(style.points, dtype=np.uint8)
    size = 1 if max(canvas.shape[:2]) < 1200 else 2
    for shift in np.ndindex(size, size):
        x, y = pixels[:, 0] + shift[1], pixels[:, 1] + shift[0]
        inside = sure & (x >= 0) & (y >= 0) & (x < canvas.shape[1]) & (y < canvas.shape[0])
        canvas[y[inside], x[inside]] = colours[inside]


@functools.lru_cache(maxsize=64)
def _style(names: tuple[str, ...], skeleton: tuple[tuple[int, int], ...], label: int) -> _Style:
    """Return the colours: by side where the names tell both, else by finger, else that of the class."""
    sides, fingers = [side_of(name) for name in names], [finger_of(name) for name in names]
    if {"left", "right"} <= set(sides):
        of_side = {"left": LEFT, "right": RIGHT, "": MIDDLE}
        return _Style(
            tuple(of_side[side] for side in sides),
            tuple(of_side[_common_side(sides[start], sides[end])] for start, end in skeleton),
        )
    if len(set(fingers) - {None}) == len(FINGERS):
        points = tuple(PAPER if finger is None else _FINGER_COLOURS[finger] for finger in fingers)
        return _Style(points, tuple(_finger_colour(fingers[start], fingers[end]) for start, end in skeleton))
    colour = class_colour(label)
    return _Style((colour,) * len(names), (colour,) * len(skeleton))


def _common_side(start: Any, end: Any) -> Any:
    """Return the side of a bone: from the middle to a side it is that side's, across the body it is the middle's."""
    sides = {start, end} - {""}
    return sides.pop() if len(sides) == 1 else ""


def _finger_colour(start: int | None, end: int | None) -> Colour:
    fingers = {start, end} - {None}
    (finger,) = fingers if len(fingers) == 1 else (None,)
    return _PALM if finger is None else _FINGER_COLOURS[finger]


def _label(result: KeypointsResult, factor: int, canvas: Pixels) -> BoxLabel:
    height, width = canvas.shape[:2]
    x1, y1, x2, y2 = (value * factor for value in result.edges)
    room = (
        1 + _line_width(canvas, result.points * factor, result.scores > 0) * 2
    )  # points are drawn beyond their middle
    x1, y1, x2, y2 = x1 - room, y1 - room, x2 + room, y2 + room
    left, top = min(max(0, round(x1)), width - 1), min(max(0, round(y1)), height - 1)
    right, bottom = min(max(left, round(x2) - 1), width - 1), min(max(top, round(y2) - 1), height - 1)
    number = "" if result.number is None else f"{result.number} "
    text = f"{number}{shown_name(result.name, result.label)} {result.score:.2f}"
    colour = class_colour(result.label if result.number is None else result.number)
    return BoxLabel(text, (left, top, right, bottom), colour)
