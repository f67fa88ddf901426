"""``masks.png``: right, missed, false and mixed-up pixels of the worst pictures.

Green was found, red was missed, orange is no thing of any class, purple is of another class than was said. The largest
mistakes have their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import draw as drawing
from BaseDT import fonts, image
from BaseDT.draw.masks import paint
from BaseDT.errors import XEduError
from BaseDT.image import Pixels
from BaseDT.plot import names
from BaseDT.results.segmentation import NO_CLASS, is_background
from XEdu.evaluation.evaluated_masks import SHOWN_SIDE, EvaluatedMasks, Mask, ShownMasks
from XEdu.evaluation.hits_and_misses import FALSE_ALARM, HIT, MISS

# BGR, of Okabe and Ito's colours.
MIXED = (167, 121, 204)
RIGHT, MISSED, FALSE, OTHER = 1, 2, 3, 4
_COLOURS = {RIGHT: HIT, MISSED: MISS, FALSE: FALSE_ALARM, OTHER: MIXED}
_COLUMNS, _NAME_COLUMNS, _TEXT = 4, 12, 13
_NAMED = 3
_LEAST_NAMED = 0.004
"""Of a tile: smaller mistakes go without a name."""
_INK: drawing.Colour = (33, 33, 33)


def draw(evaluated: EvaluatedMasks) -> Pixels | None:
    """Return the contact sheet; ``None`` where no picture can be shown."""
    tiles = list(_tiles(evaluated))
    if not tiles:
        return None
    note = names.font_note(evaluated.classes)
    heading = "\n".join(filter(None, [*_heading(evaluated), note]))
    return drawing.contact_sheet(tiles, columns=_COLUMNS, tile=SHOWN_SIDE, heading=heading)


def judged_pixels(truth: Mask, predicted: Mask, classes: Sequence[str]) -> Mask:
    """Return what became of each pixel: (H, W) of ``RIGHT``, ``MISSED``, ``FALSE`` and ``OTHER``; 0 of right background
    and of what is not judged.

    Args:
        truth: Numbers of classes, 255 where it is not judged.
        predicted: Likewise, 255 where the model gave none.
        classes: Names by number; one that is called background is no thing that could be missed.
    """
    things = np.zeros(256, np.bool_)
    things[: len(classes)] = [not is_background(name) for name in classes]
    there, said = things[truth], things[predicted]
    same = truth == predicted
    codes = np.zeros(truth.shape, np.uint8)
    codes[there & same] = RIGHT
    codes[there & ~said] = MISSED
    codes[~there & said] = FALSE
    codes[there & said & ~same] = OTHER
    codes[truth == NO_CLASS] = 0
    return codes


def _tiles(evaluated: EvaluatedMasks) -> Iterator[drawing.Tile]:
    shown_names = names.display_names(evaluated.classes, _NAME_COLUMNS)
    for shown in evaluated.worst:
        try:
            pixels = image.decode(shown.path.read_bytes(), name=shown.path.name, bits=evaluated.bits)
        except (XEduError, OSError):
            continue  # gone or damaged since it was evaluated: the next one takes its place
        codes = judged_pixels(shown.truth, shown.predicted, evaluated.classes)
        caption = fonts.picture_text(
            f"mIoU {shown.miou:.2f}, {shown.wrong:.1%} wrong", f"mIoU {shown.miou:.2f}，{shown.wrong:.1%} 像素错误"
        )
        band = MISS if shown.wrong else _INK
        yield drawing.Tile(_marked(pixels, codes, shown, shown_names), caption, band, note=shown.path.name)


def _marked(pixels: Pixels, codes: Mask, shown: ShownMasks, class_names: Sequence[str]) -> Pixels:
    """Draw what became of the pixels at the size of a tile."""
    height, width = pixels.shape[:2]
    scale = SHOWN_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    # Without its own colours: a green thing that was missed would look as if it were found.
    gray = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    gray = cv2.resize(gray, size, interpolation=how).reshape(size[::-1])
    canvas = np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
    codes, truth, predicted = (
        np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        for mask in (codes, shown.truth, shown.predicted)
    )
    paint(canvas, codes, _COLOURS)
    drawing.label_boxes(canvas, list(_labels(codes, truth, predicted, class_names)), _TEXT)
    return canvas


def _labels(codes: Mask, truth: Mask, predicted: Mask, class_names: Sequence[str]) -> Iterator[drawing.BoxLabel]:
    """Name the largest mistakes: what was missed, what was said, or both."""
    found = [(area, box, code) for code in (MISSED, FALSE, OTHER) for area, box in _parts(codes == code)]
    for area, (left, top, right, bottom), code in sorted(found, reverse=True)[:_NAMED]:
        if area < _LEAST_NAMED * codes.size:
            return
        part = (slice(top, bottom + 1), slice(left, right + 1))
        inside = codes[part] == code
        true, said = _most(truth[part][inside], predicted[part][inside])
        yield drawing.BoxLabel(_words(code, true, said, class_names), (left, top, right, bottom), _COLOURS[code])


def _words(code: int, true: int, said: int, class_names: Sequence[str]) -> str:
    if code == MISSED:
        return class_names[true]
    if code == FALSE:
        return class_names[said]
    arrow = "→" if fonts.can_draw("→") else "->"
    return f"{class_names[true]} {arrow} {class_names[said]}"


def _parts(where: npt.NDArray[np.bool_]) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
    """Give area and outermost pixels of each connected part."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(where.astype(np.uint8))
    for left, top, width, height, area in stats[1:count].tolist():
        yield area, (left, top, left + width - 1, top + height - 1)


def _most(true: npt.NDArray[np.uint8], said: npt.NDArray[np.uint8]) -> tuple[int, int]:
    """Return the pair that most pixels have."""
    return divmod(int(np.bincount(true.astype(np.int64) * 256 + said).argmax()), 256)


def _heading(evaluated: EvaluatedMasks) -> tuple[str, str]:
    miou = evaluated.miou
    value = "–" if miou is None else f"{miou:.3f}"
    count = len(evaluated.paths)
    pictures = "1 picture" if count == 1 else f"{count} pictures"
    return (
        fonts.picture_text(
            f"mIoU {value} of {pictures}, the worst first", f"{count} 张图片，mIoU {value}（最差的在前）"
        ),
        fonts.picture_text(
            "green: found; red: missed; orange: false; purple: another class",
            "绿色：正确；红色：漏检；橙色：误检；紫色：类别错误",
        ),
    )
