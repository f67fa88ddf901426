"""``detections.png``: hits, misses and false alarms on the validation pictures, the worst first.

A picture is bad by what was missed and what was seen that is not there. Green is found, broken red is missed, orange is
a false alarm; each has the name of its class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import draw as drawing
from BaseDT import fonts, image
from BaseDT.errors import XEduError
from BaseDT.image import Pixels
from BaseDT.metrics import BoxTruth
from BaseDT.metrics.matching import OVERLAP, match
from BaseDT.plot import names
from XEdu.evaluation.evaluated_boxes import SHOWN_FROM, EvaluatedBoxes

_AT_MOST, _COLUMNS, _TILE = 20, 4, 340
_NAME_COLUMNS, _TEXT = 12, 13
# BGR, of Okabe and Ito's colours.
HIT, MISS, FALSE_ALARM = (115, 158, 0), (0, 0, 220), (0, 159, 230)
_INK: drawing.Colour = (33, 33, 33)


@dataclass(frozen=True, eq=False)
class Judged:
    """What a model found in a picture, box by box.

    Attributes:
        hits: (h, 6) of x1, y1, x2, y2, score, label.
        false_alarms: (f, 6), likewise; boxes on a crowd are neither.
        missed: (m, 5) of x1, y1, x2, y2, label.
    """

    hits: npt.NDArray[np.float32]
    false_alarms: npt.NDArray[np.float32]
    missed: npt.NDArray[np.float32]

    @property
    def badness(self) -> float:
        """How bad it is: a miss counts one, a false alarm as much as the model was sure of it."""
        return len(self.missed) + float(self.false_alarms[:, 4].sum())


def judge(found: npt.NDArray[np.floating[Any]], truth: BoxTruth, threshold: float = SHOWN_FROM) -> Judged:
    """Match the boxes that are shown with the objects, the surest first: same class, overlap of at least a half.

    Args:
        found: What the model found, (k, 6): x1, y1, x2, y2, score, label.
        truth: What is there.
        threshold: Less sure boxes are not shown.
    """
    one = match(np.asarray(found[found[:, 4] >= threshold], dtype=np.float32), truth)
    boxes = np.asarray(truth.boxes, dtype=np.float32).reshape(-1, 4)
    missed = np.concatenate([boxes[one.free], truth.labels[one.free, None].astype(np.float32)], axis=1)
    return Judged(one.rows[one.hit], one.rows[~one.hit & ~one.excused], missed)


def judged_pictures(evaluated: EvaluatedBoxes) -> list[Judged]:
    """Match the boxes of every picture."""
    pairs = zip(evaluated.found, evaluated.truth, strict=True)
    return [judge(found, truth, evaluated.threshold) for found, truth in pairs]


def draw(evaluated: EvaluatedBoxes) -> Pixels | None:
    """Return the contact sheet; ``None`` where no picture can be shown."""
    judged = judged_pictures(evaluated)
    order = sorted(range(len(judged)), key=lambda index: -judged[index].badness)
    tiles = [tile for tile, _ in zip(_tiles(evaluated, judged, order), range(_AT_MOST), strict=False)]
    if not tiles:
        return None
    note = names.font_note(evaluated.classes)
    heading = "\n".join(filter(None, [*_heading(judged, evaluated.threshold), note]))
    return drawing.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=heading)


def _tiles(evaluated: EvaluatedBoxes, judged: list[Judged], order: list[int]) -> Iterator[drawing.Tile]:
    class_names = names.display_names(evaluated.classes, _NAME_COLUMNS)
    for index in order:
        path, picture = evaluated.paths[index], judged[index]
        try:
            pixels = image.decode(path.read_bytes(), name=path.name, bits=evaluated.bits)
        except (XEduError, OSError):
            continue  # gone or damaged since it was evaluated: the next one takes its place
        colour = MISS if len(picture.missed) else FALSE_ALARM if len(picture.false_alarms) else HIT
        numbers = (len(picture.hits), len(picture.missed), len(picture.false_alarms))
        caption = fonts.picture_text(
            "{} found, {} missed, {} false".format(*numbers), "找到 {}，漏检 {}，误检 {}".format(*numbers)
        )
        band = colour if numbers[1] + numbers[2] else _INK
        yield drawing.Tile(_marked(pixels, picture, class_names), caption, band, note=path.name)


def _marked(pixels: Pixels, judged: Judged, class_names: Sequence[str]) -> Pixels:
    """Draw the boxes onto the picture at the size of a tile, so that lines are as wide on each; mistakes are named."""
    height, width = pixels.shape[:2]
    scale = _TILE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = np.ascontiguousarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for rows, colour in ((judged.hits, HIT), (judged.false_alarms, FALSE_ALARM)):
        for row in rows:
            cv2.rectangle(canvas, *_corners(row, scale, size), colour, 2)
    for row in judged.missed:
        _broken(canvas, *_corners(row, scale, size))
    # Mistakes first: where there is no room for all names, hits go without.
    named = (
        *((row, class_names[int(row[4])], MISS) for row in judged.missed),
        *((row, f"{class_names[int(row[5])]} {row[4]:.2f}", FALSE_ALARM) for row in judged.false_alarms),
        *((row, f"{class_names[int(row[5])]} {row[4]:.2f}", HIT) for row in judged.hits),
    )
    labels = []
    for row, words, colour in named:
        (left, top), (right, bottom) = _corners(row, scale, size)
        labels.append(drawing.BoxLabel(words, (left, top, right, bottom), colour))
    drawing.label_boxes(canvas, labels, _TEXT)
    return canvas


def _corners(
    row: npt.NDArray[np.float32], scale: float, size: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    x1, y1, x2, y2 = (float(value) * scale for value in row[:4])
    left, top = min(max(0, round(x1)), size[0] - 1), min(max(0, round(y1)), size[1] - 1)
    return (left, top), (min(max(left, round(x2) - 1), size[0] - 1), min(max(top, round(y2) - 1), size[1] - 1))


def _broken(canvas: Pixels, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw the outline of a box in dashes."""
    (left, top), (right, bottom) = start, end
    dash = 6
    for x in range(left, right + 1, 2 * dash):
        for y in (top, bottom):
            cv2.line(canvas, (x, y), (min(x + dash, right), y), MISS, 2)
    for y in range(top, bottom + 1, 2 * dash):
        for x in (left, right):
            cv2.line(canvas, (x, y), (x, min(y + dash, bottom)), MISS, 2)


def _heading(judged: list[Judged], threshold: float) -> tuple[str, str]:
    hits, missed, wrong = (sum(len(rows) for rows in part) for part in zip(*map(_parts, judged), strict=True))
    return (
        fonts.picture_text(
            f"{hits} hits, {missed} misses, {wrong} false alarms in {len(judged)} pictures, the worst first",
            f"{len(judged)} 张图片：正确 {hits}，漏检 {missed}，误检 {wrong}（最差的在前）",
        ),
        fonts.picture_text(
            f"green: hit; broken red: missed; orange: false alarm (score from {threshold:g}, overlap from {OVERLAP:g})",
            f"绿色：正确；红色虚线：漏检；橙色：误检（置信度不低于 {threshold:g}，IoU 不低于 {OVERLAP:g}）",
        ),
    )


def _parts(picture: Judged) -> tuple[npt.NDArray[np.float32], ...]:
    return picture.hits, picture.missed, picture.false_alarms
