"""The class of a picture, written into its corner."""

from __future__ import annotations

import numpy as np

from BaseDT.draw.canvas import NARROWEST, as_bgr, enlarged
from BaseDT.draw.text import EMPTY, MIN_TEXT, class_colour, shown_name, text_box
from BaseDT.image import Pixels
from BaseDT.results import ClassificationResult


def classification(image: Pixels, result: ClassificationResult) -> Pixels:
    """Return a copy with name and score of the class at its upper left.

    Pictures smaller than 224 pixels are enlarged by a whole factor; flat or narrow ones, on which there is no room for
    text, get a margin for it above or at the right.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        result: What the model said.

    Raises:
        ParameterInvalid: These are no pixels.
    """
    canvas = enlarged(as_bgr(image))
    missing = max(0, NARROWEST - canvas.shape[1])
    canvas = np.pad(canvas, ((0, 0), (0, missing), (0, 0)), constant_values=EMPTY[0]) if missing else canvas
    height, width = canvas.shape[:2]
    size = max(MIN_TEXT, round(min(height, width) * 0.065))
    name = shown_name(result.name, result.label)
    box = text_box(name, f" {result.score:.2f}", size, width, class_colour(result.label))
    if box.shape[0] * 3 > height:
        strip = np.full((box.shape[0], width, 3), class_colour(result.label), dtype=np.uint8)
        canvas = np.concatenate([strip, canvas])
    canvas[: box.shape[0], : box.shape[1]] = box
    return canvas
