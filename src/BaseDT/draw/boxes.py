"""What a detector found, as boxes with names and scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.draw.canvas import NARROWEST, as_bgr, enlarged, put, text_size
from BaseDT.draw.label_room import LabelRoom, Rectangle
from BaseDT.draw.text import EMPTY, Colour, class_colour, shown_name, text_box
from BaseDT.image import Pixels
from BaseDT.results import DetectionResult

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
    box: Rectangle
    colour: Colour


def label_boxes(canvas: Pixels, labels: Sequence[BoxLabel], size: int) -> None:
    """Write labels into a picture, H×W×3 BGR, where they cover no other and hide no box; others are left out.

    Args:
        canvas: The picture, which is changed.
        labels: The first choose their positions first.
        size: Of the text, in pixels.
    """
    room = LabelRoom((canvas.shape[0], canvas.shape[1]), [label.box for label in labels])
    for label in labels:
        text = text_box(label.text, "", size, canvas.shape[1], label.colour, size)
        free = room.take(_candidates(canvas, label.box, text))
        if free is not None:
            put(canvas, text, (free[1], free[0]))


def detections(
    image: Pixels, results: Sequence[DetectionResult], *, scores: bool = True, enlarge: bool = True
) -> Pixels:
    """Return a copy with a box around each thing that was found, in the colour of its class, with name and score.

    Labels cover no other and hide no box; where there are too many results, the least sure go without. Where a mask
    tells which part of the box is the object, that part is tinted.

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
    room = LabelRoom((canvas.shape[0], canvas.shape[1]), boxes)
    # The surest result chooses its position first; where there are too many, the least sure ones go without.
    for result, box in reversed(list(zip(surest_last, boxes, strict=True))):
        _label(canvas, result, box, room, size, scores)
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


def _pixels_of(result: DetectionResult, factor: int, canvas: Pixels) -> Rectangle:
    """Return the outermost pixels of a box, those that are on the canvas."""
    height, width = canvas.shape[:2]
    x1, y1, x2, y2 = (value * factor for value in result.box)
    left, top = min(max(0, round(x1)), width - 1), min(max(0, round(y1)), height - 1)
    return left, top, min(max(left, round(x2) - 1), width - 1), min(max(top, round(y2) - 1), height - 1)


def _label(canvas: Pixels, result: DetectionResult, box: Rectangle, room: LabelRoom, size: int, scored: bool) -> None:
    """Write name and score, if there is room for them."""
    name = shown_name(result.name, result.label)
    colour = class_colour(result.label)
    text = text_box(
        name, f" {result.score:.2f}" if scored else "", size, canvas.shape[1], colour, min(size, _MIN_BOX_TEXT)
    )
    if (place := room.take(_candidates(canvas, box, text))) is not None:
        put(canvas, text, (place[1], place[0]))


def _candidates(canvas: Pixels, box: Rectangle, text: Pixels) -> Iterator[Rectangle]:
    """Give where a label may be: above the box, within it at the top, within at the bottom, below."""
    height, width = text.shape[:2]
    left = min(box[0], canvas.shape[1] - width)
    tops = (box[1] - height, box[1], box[3] + 1 - height, box[3] + 1)
    visible_tops = [top for top in tops if 0 <= top <= canvas.shape[0] - height] or [0]
    for top in visible_tops:
        yield left, top, left + width, top + height
