"""The labels of a picture that has several, one below the other in its corner."""

from __future__ import annotations

import numpy as np

from BaseDT import fonts
from BaseDT.draw.canvas import NARROWEST, as_bgr, enlarged, put, text_size
from BaseDT.draw.text import EMPTY, MIN_TEXT, Colour, class_colour, shown_name, text_box
from BaseDT.image import Pixels
from BaseDT.results.classification import none_name
from BaseDT.results.multi_label import MultiLabelResult

_GREY: Colour = (96, 96, 96)
_SHARE = 0.5
"""Of a picture's height that names may cover: more, and a margin is made for them."""
_MOST = 12


def multi_label(image: Pixels, result: MultiLabelResult, *, enlarge: bool = True) -> Pixels:
    """Return a copy with names and scores of the labels at its upper left, the surest first.

    Small pictures are enlarged by a whole factor; where the names would cover half of a picture they get a margin above
    it. A picture that keeps its size has small text, and as many names as there is room for.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        result: What the model said.
        enlarge: Whether small pictures become larger.

    Raises:
        ParameterInvalid: These are no pixels.
    """
    if not enlarge:
        canvas = as_bgr(image).copy()
        _stack(canvas, _boxes(result, text_size(_size(canvas), canvas.shape[0]), canvas.shape[1]))
        return canvas
    canvas = enlarged(as_bgr(image))
    missing = max(0, NARROWEST - canvas.shape[1])
    canvas = np.pad(canvas, ((0, 0), (0, missing), (0, 0)), constant_values=EMPTY[0]) if missing else canvas
    boxes = _boxes(result, _size(canvas), canvas.shape[1])
    height = sum(box.shape[0] for box in boxes)
    if height > canvas.shape[0] * _SHARE:
        margin = np.full((height, canvas.shape[1], 3), EMPTY, dtype=np.uint8)
        canvas = np.concatenate([margin, canvas])
    _stack(canvas, boxes)
    return canvas


def _size(canvas: Pixels) -> int:
    return max(MIN_TEXT, round(int(min(canvas.shape[:2])) * 0.055))


def _boxes(result: MultiLabelResult, size: int, width: int) -> list[Pixels]:
    smallest = min(size, MIN_TEXT)
    if result.is_none:
        return [text_box(none_name(fonts.picture_text), "", size, width, _GREY, smallest)]
    triples = list(zip(result.labels, result.scores, result.names, strict=True))
    boxes = [
        text_box(shown_name(name, label), f" {score:.2f}", size, width, class_colour(label), smallest)
        for label, score, name in triples[:_MOST]
    ]
    if len(triples) > _MOST:
        boxes.append(text_box(f"+{len(triples) - _MOST}", "", size, width, _GREY, smallest))
    return boxes


def _stack(canvas: Pixels, boxes: list[Pixels]) -> None:
    top = 0
    for box in boxes:
        if top >= canvas.shape[0]:
            return
        put(canvas, box, (top, 0))
        top += box.shape[0]
