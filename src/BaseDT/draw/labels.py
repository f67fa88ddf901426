"""The class of a picture, written into its corner."""

from __future__ import annotations

import numpy as np

from BaseDT import fonts
from BaseDT.draw.canvas import NARROWEST, as_bgr, enlarged, put, text_size
from BaseDT.draw.text import EMPTY, MIN_TEXT, Colour, class_colour, shown_name, text_box
from BaseDT.image import Pixels
from BaseDT.results import ClassificationResult
from BaseDT.results.classification import none_name, shown_score

_GREY: Colour = (96, 96, 96)


def classification(image: Pixels, result: ClassificationResult, *, enlarge: bool = True) -> Pixels:
    """Return a copy with name and score of the class at its upper left.

    Pictures smaller than 224 pixels are enlarged by a whole factor; flat or narrow ones, on which there is no room for
    text, get a margin for it above or at the right.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        result: What the model said.
        enlarge: Whether small pictures become larger; otherwise each keeps its size, and small ones get small text.

    Raises:
        ParameterInvalid: These are no pixels.
    """
    if not enlarge:
        return _in_place(as_bgr(image).copy(), result)
    canvas = enlarged(as_bgr(image))
    missing = max(0, NARROWEST - canvas.shape[1])
    canvas = np.pad(canvas, ((0, 0), (0, missing), (0, 0)), constant_values=EMPTY[0]) if missing else canvas
    height, width = canvas.shape[:2]
    box = _text(result, _size(canvas), width)
    if box.shape[0] * 3 > height:
        strip = np.full((box.shape[0], width, 3), _colour(result), dtype=np.uint8)
        canvas = np.concatenate([strip, canvas])
    put(canvas, box, (0, 0))
    return canvas


def _in_place(canvas: Pixels, result: ClassificationResult) -> Pixels:
    put(canvas, _text(result, text_size(_size(canvas), canvas.shape[0]), canvas.shape[1]), (0, 0))
    return canvas


def _size(canvas: Pixels) -> int:
    return max(MIN_TEXT, round(int(min(canvas.shape[:2])) * 0.065))


def _text(result: ClassificationResult, size: int, width: int) -> Pixels:
    score = shown_score(result.label, f"{result.score:.2f}", fonts.picture_text)
    return text_box(_name(result), score, size, width, _colour(result), min(size, MIN_TEXT))


def _name(result: ClassificationResult) -> str:
    # Of none of the classes a number, where the font lacks the name's characters, would say nothing.
    return none_name(fonts.picture_text) if result.is_none else shown_name(result.name, result.label)


def _colour(result: ClassificationResult) -> Colour:
    return _GREY if result.is_none else class_colour(result.label)
