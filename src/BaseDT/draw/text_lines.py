"""Lines of text that were read: framed in the picture, and set beside it where they stand."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.draw.canvas import as_bgr, enlarged
from BaseDT.draw.text import PAPER, class_colour, line, shortened
from BaseDT.image import Pixels
from BaseDT.results import TextResult

_SET = 24  # height in which a text is set before it is laid into its place
_LONGEST = 4000  # pixels of such a text


def text_lines(image: Pixels, results: Sequence[TextResult], *, enlarge: bool = True) -> Pixels:
    """Return a copy with a frame around each line, and a page at its right that shows what was read where it stands.

    Labels at the frames would cover the next lines; the page leaves all of the picture to be compared with.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        results: What was read, in pixels of this image; may be empty.
        enlarge: Whether pictures smaller than 224 pixels become larger.

    Raises:
        ParameterInvalid: These are no pixels.
    """
    canvas = enlarged(as_bgr(image)) if enlarge else as_bgr(image).copy()
    factor = canvas.shape[0] // image.shape[0]
    places = [np.array(result.corners, np.float32) * factor for result in results]
    thickness = max(1, round(min(canvas.shape[:2]) / 300))
    for number, corners in enumerate(places):
        frame = [np.round(corners).astype(np.int32)]
        cv2.polylines(canvas, frame, True, class_colour(number), thickness, cv2.LINE_AA)
    return np.concatenate([canvas, _page(canvas, results, places)], axis=1)


def _page(canvas: Pixels, results: Sequence[TextResult], places: Sequence[npt.NDArray[np.float32]]) -> Pixels:
    """Return a white page as large as the picture with each text in its place, turned and as wide as it is."""
    page = np.full_like(canvas, PAPER[0])
    for number, (result, corners) in enumerate(zip(results, places, strict=True)):
        text = shortened(result.text, "", _SET, _LONGEST)
        drawn = line(text, _SET, _SET * 5 // 4, PAPER)
        _lay(page, drawn, corners)
        cv2.polylines(page, [np.round(corners).astype(np.int32)], True, class_colour(number), 1, cv2.LINE_AA)
    return page


def _lay(page: Pixels, drawn: Pixels, corners: npt.NDArray[np.float32]) -> None:
    """Lay a text into four corners: what is darker of the two stays."""
    height, width = drawn.shape[:2]
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, (page.shape[1], page.shape[0]))
    if right <= left or bottom <= top:
        return
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.asarray(corners - (left, top), np.float32))
    size = int(right - left), int(bottom - top)
    laid = cv2.warpPerspective(np.ascontiguousarray(drawn), matrix, size, flags=cv2.INTER_AREA, borderValue=PAPER)
    part = page[top:bottom, left:right]
    np.minimum(part, laid, out=part)
