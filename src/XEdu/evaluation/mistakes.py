"""``worst_mistakes.png``: the wrong predictions of which the model was surest, to look at one by one.

Often these pictures tell more than a number: a wrong label, a cut-off subject, two classes that look alike.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from BaseDT import draw as drawing
from BaseDT import fonts, image
from BaseDT.errors import XEduError
from BaseDT.image import Pixels
from BaseDT.plot import names
from XEdu.evaluation.evaluated_classes import EvaluatedClasses

_AT_MOST, _COLUMNS, _TILE = 25, 5, 200
# Two names, an arrow and a score fill the width of a tile at the smallest text.
_NAME_COLUMNS = 11


def draw(evaluated: EvaluatedClasses) -> Pixels | None:
    """Return the contact sheet, the surest mistake first; ``None`` where there is none to show."""
    worst = evaluated.worst_first()
    tiles = [tile for tile, _ in zip(_tiles(evaluated, worst), range(_AT_MOST), strict=False)]
    if not tiles:
        return None
    heading = _heading(len(worst), len(evaluated.labels))
    note = names.font_note(evaluated.classes)
    return drawing.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=f"{heading}\n{note}".strip())


def _tiles(evaluated: EvaluatedClasses, order: npt.NDArray[np.intp]) -> Iterator[drawing.Tile]:
    names_of = names.display_names(evaluated.classes, _NAME_COLUMNS)
    arrow = "→" if fonts.can_draw("→") else "->"
    for index in order:
        label, guess = int(evaluated.labels[index]), int(evaluated.predictions[index])
        caption = f"{names_of[label]} {arrow} {names_of[guess]} {evaluated.scores[index, guess]:.2f}"
        try:
            path = evaluated.paths[index]
            pixels = image.decode(path.read_bytes(), name=path.name, short_side=_TILE, bits=evaluated.bits)
        except (XEduError, OSError):
            continue  # gone or damaged since it was evaluated: the next mistake takes its place
        yield drawing.Tile(pixels, caption, drawing.class_colour(guess))


def _heading(wrong: int, total: int) -> str:
    arrow = "→" if fonts.can_draw("→") else "->"
    return fonts.picture_text(
        f"Most confident mistakes: true {arrow} predicted, score ({wrong} of {total} pictures wrong)",
        f"最自信的错误：真实类别 {arrow} 预测类别 置信度（共 {total} 张，错 {wrong} 张）",
    )
