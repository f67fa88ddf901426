"""What a detector found, as boxes with names and scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.draw.canvas import NARROWEST, as_bgr, enlarged, put, text_size
from BaseDT.draw.text import EMPTY, Colour, class_colour, shown_name, text_box
from BaseDT.image import Pixels
from BaseDT.results import DetectionResult

_Rectangle: TypeAlias = tuple[int, int, int, int]

_LOWEST, _MIN_BOX_TEXT = 48, 12


@dataclass(frozen=True)
class BoxLabel:
    """What is written at a box.

    Attributes:
        text: One line.
        box: Left, upper, right and lower pixel of the box.
        colour: BGR, behind the text.
    """

    text: str
    box: _Rectangle
    colour: Colour


def label_boxes(canvas: Pixels, labels: Sequence[BoxLabel], size: int) -> None:
    """Write labels into a picture, H×W×3 BGR, where they cover no other; one that finds no such position is left out.

    Args:
        canvas: The picture, which is changed.
        labels: The first choose their positions first.
        size: Of the text, in pixels.
    """
    taken: list[_Rectangle] = []
    for label in labels:
        text = text_box(label.text, "", size, canvas.shape[1], label.colour, size)
        free = _free(list(_candidates(canvas, label.box, text)), taken)
        if free is not None:
            put(canvas, text, (free[1], free[0]))
            taken.append(free)


def detections(
    image: Pixels, results: Sequence[DetectionResult], *, scores: bool = True, enlarge: bool = True
) -> Pixels:
    """Return a copy with a box around each thing that was found, in the colour of its class, with name and score.

    Where a mask tells which part of the box is the object, that part is tinted.

    Pictures smaller than 224 pixels are enlarged by a whole factor; flat or narrow ones, on which there is no room for
    text, get a margin for it below or at the right. All others keep their size.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        results: What the model found, in pixels of this image; may be empty.
        scores: Whether the scores are written; those of labelled boxes say nothing.
        enlarge: Whether small pictures become larger; otherwise each keeps its size, so that the boxes of the results
            fit it, and small ones get small text.

    Raises:
        ParameterInvalid: These are no pixels.
    """
    canvas = enlarged(as_bgr(image)) if enlarge else as_bgr(image).copy()
    factor = canvas.shape[0] // image.shape[0]
    canvas = _with_room(canvas) if enlarge else canvas
    side = min(canvas.shape[:2])
    size = text_size(max(_MIN_BOX_TEXT, round(side * 0.035)), side)
    thickness = max(1, round(side / 240))
    surest_last = sorted(results, key=lambda result: result.score)
    boxes = [_pixels_of(result, factor, canvas) for result in surest_last]
    for result, (x1, y1, x2, y2) in zip(surest_last, boxes, strict=True):
        if result.mask is not None:
            _tint(canvas[y1 : y2 + 1, x1 : x2 + 1], result.mask, class_colour(result.label))
        cv2.rectangle(canvas, (x1, y1), (x2, y2), class_colour(result.label), thickness)
    taken: list[_Rectangle] = []
    # The surest result chooses its position first, and no other label covers it.
    for result, box in reversed(list(zip(surest_last, boxes, strict=True))):
        taken.append(_label(canvas, result, box, taken, size, scores))
    return canvas


def _tint(part: Pixels, mask: npt.NDArray[np.float32], colour: Colour) -> None:
    """Colour the pixels of a box that belong to its object, half through."""
    inside = cv2.resize(mask, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR) >= 0.5
    part[inside] = (part[inside].astype(np.uint16) + np.array(colour, np.uint16)) // 2


def _with_room(canvas: Pixels) -> Pixels:
    below, right = max(0, _LOWEST - canvas.shape[0]), max(0, NARROWEST - canvas.shape[1])
    if below == right == 0:
        return canvas
    return np.pad(canvas, ((0, below), (0, right), (0, 0)), constant_values=EMPTY[0])


def _pixels_of(result: DetectionResult, factor: int, canvas: Pixels) -> _Rectangle:
    """Return the outermost pixels of a box, those that are on the canvas."""
    height, width = canvas.shape[:2]
    x1, y1, x2, y2 = (value * factor for value in result.box)
    left, top = min(max(0, round(x1)), width - 1), min(max(0, round(y1)), height - 1)
    return left, top, min(max(left, round(x2) - 1), width - 1), min(max(top, round(y2) - 1), height - 1)


def _label(
    canvas: Pixels, result: DetectionResult, box: _Rectangle, taken: list[_Rectangle], size: int, scored: bool
) -> _Rectangle:
    """Write name and score where they cover no other label, if that can be; return the pixels they took."""
    name = shown_name(result.name, result.label)
    colour = class_colour(result.label)
    text = text_box(
        name, f" {result.score:.2f}" if scored else "", size, canvas.shape[1], colour, min(size, _MIN_BOX_TEXT)
    )
    candidates = list(_candidates(canvas, box, text))
    rectangle = _free(candidates, taken) or candidates[0]
    put(canvas, text, (rectangle[1], rectangle[0]))
    return rectangle


def _free(candidates: list[_Rectangle], taken: list[_Rectangle]) -> _Rectangle | None:
    return next((rectangle for rectangle in candidates if not any(_overlap(rectangle, other) for other in taken)), None)


def _candidates(canvas: Pixels, box: _Rectangle, text: Pixels) -> Iterator[_Rectangle]:
    """Give where a label may be: above the box, within it at the top, within at the bottom, below."""
    height, width = text.shape[:2]
    left = min(box[0], canvas.shape[1] - width)
    tops = (box[1] - height, box[1], box[3] + 1 - height, box[3] + 1)
    visible_tops = [top for top in tops if 0 <= top <= canvas.shape[0] - height] or [0]
    for top in visible_tops:
        yield left, top, left + width, top + height


def _overlap(first: _Rectangle, other: _Rectangle) -> bool:
    return first[0] < other[2] and other[0] < first[2] and first[1] < other[3] and other[1] < first[3]
