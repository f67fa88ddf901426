"""``skeletons.png``: true and predicted skeletons of the validation pictures, the worst first.

Green is the truth, orange what the model says; a red line leads from where a wrong point is to where it was said to be.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from BaseDT import draw as drawing
from BaseDT import fonts, image
from BaseDT.draw import put_skeleton
from BaseDT.errors import XEduError
from BaseDT.geometry.regions import RotatedRegion
from BaseDT.image import Pixels
from BaseDT.plot import names
from XEdu.evaluation.evaluated_points import EvaluatedPoints

_AT_MOST, _COLUMNS, _TILE = 20, 4, 340
_NAME_COLUMNS = 16
_ROOM = 1.3
"""So many times its box is shown of a person: what was predicted beside it is seen, too."""
# BGR, of Okabe and Ito's colours.
TRUE, PREDICTED, WRONG = (115, 158, 0), (0, 159, 230), (0, 0, 220)
_INK: drawing.Colour = (33, 33, 33)


def draw(evaluated: EvaluatedPoints) -> Pixels | None:
    """Return the contact sheet; ``None`` where no picture can be shown."""
    order = evaluated.worst_first()
    tiles = [tile for tile, _ in zip(_tiles(evaluated, order), range(_AT_MOST), strict=False)]
    if not tiles:
        return None
    note = names.font_note(evaluated.names)
    heading = "\n".join(filter(None, [*_heading(evaluated), note]))
    return drawing.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=heading)


def _tiles(evaluated: EvaluatedPoints, order: list[int]) -> Iterator[drawing.Tile]:
    shown = names.display_names(evaluated.names, _NAME_COLUMNS)
    for index in order:
        person = evaluated.people[index]
        try:
            pixels = image.decode(person.path.read_bytes(), name=person.path.name, bits=evaluated.bits)
        except (XEduError, OSError):
            continue  # gone or damaged since it was evaluated: the next one takes its place
        wrong, counted = int(evaluated.wrong[index].sum()), int((~np.isnan(evaluated.distances[index])).sum())
        caption = fonts.picture_text(f"{counted - wrong} of {counted} right", f"{counted} 个中正确 {counted - wrong}")
        if wrong:
            worst = shown[int(np.where(evaluated.wrong[index], evaluated.distances[index], -1).argmax())]
            caption += fonts.picture_text(f", worst: {worst}", f"，最差：{worst}")
        several = person.number or any(other is not person and other.path == person.path for other in evaluated.people)
        note = f"{person.path.name} #{person.number + 1}" if several else person.path.name
        yield drawing.Tile(_marked(pixels, evaluated, index), caption, WRONG if wrong else _INK, note=note)


def _marked(pixels: Pixels, evaluated: EvaluatedPoints, index: int) -> Pixels:
    """Cut out a person at the size of a tile, so that lines are as wide on each, and draw both skeletons."""
    person = evaluated.people[index]
    region = RotatedRegion.of_box(person.box, (_TILE, _TILE), _ROOM if _is_part(person.box, pixels) else 1.0)
    canvas = region.crop(pixels, (_TILE, _TILE), 238)
    if canvas.ndim == 2:
        canvas = np.asarray(cv2.cvtColor(canvas, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    truth = region.points_to_input(evaluated.truth[index, :, :2], (_TILE, _TILE))
    labelled = evaluated.truth[index, :, 2] > 0
    put_skeleton(canvas, truth, labelled, evaluated.skeleton, TRUE)
    if np.isnan(evaluated.found[index]).any():
        return canvas
    found = region.points_to_input(evaluated.found[index], (_TILE, _TILE))
    put_skeleton(canvas, found, np.ones(len(found), bool), evaluated.skeleton, PREDICTED)
    for point in np.flatnonzero(evaluated.wrong[index]):
        start, end = (tuple(np.rint(ends[point].clip(-9999, 9999)).astype(int).tolist()) for ends in (truth, found))
        cv2.line(canvas, start, end, WRONG, 2, cv2.LINE_AA)
    return canvas


def _is_part(box: tuple[float, float, float, float], pixels: Pixels) -> bool:
    return bool(box[2] - box[0] < 0.9 * pixels.shape[1] or box[3] - box[1] < 0.9 * pixels.shape[0])


def _heading(evaluated: EvaluatedPoints) -> tuple[str, str]:
    hits, total = int(evaluated.points.hits.sum()), int(evaluated.points.counts.sum())
    people = len(evaluated.people)
    return (
        fonts.picture_text(
            f"{hits} of {total} points right (PCK@{evaluated.alpha:g}), {people} persons, the worst first",
            f"{people} 个人，{total} 个关键点中正确 {hits} 个（PCK@{evaluated.alpha:g}），最差的在前",
        ),
        fonts.picture_text(
            "green: true; orange: predicted; red: from where a wrong point is to where it was predicted",
            "绿色：标注；橙色：预测；红线：错误的关键点从真实位置到预测位置",
        ),
    )
