"""``worst_mistakes.png`` of several labels a picture: what was missed or claimed wrongly, the surest mistake first."""

from __future__ import annotations

from collections.abc import Iterator

from BaseDT import draw as drawing
from BaseDT import fonts, image
from BaseDT.errors import XEduError
from BaseDT.image import Pixels
from BaseDT.plot import names
from XEdu.evaluation.evaluated_labels import EvaluatedLabels

_AT_MOST, _COLUMNS, _TILE = 25, 5, 200
_NAME_COLUMNS = 12


def draw(seen: EvaluatedLabels) -> Pixels | None:
    """Return the pictures of which the model was most wrongly sure, the worst first; ``None`` where there is none."""
    worst = seen.worst_first()
    tiles = [tile for tile, _ in zip(_tiles(seen, worst.tolist()), range(_AT_MOST), strict=False)]
    if not tiles:
        return None
    heading = fonts.picture_text(
        f"Most confident mistakes: - missed, + claimed wrongly, score ({len(worst)} of {len(seen.paths)} pictures)",
        f"最自信的错误：- 漏掉，+ 误报，置信度（共 {len(seen.paths)} 张，有误 {len(worst)} 张）",
    )
    note = names.font_note(seen.classes)
    return drawing.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=f"{heading}\n{note}".strip())


def _tiles(seen: EvaluatedLabels, order: list[int]) -> Iterator[drawing.Tile]:
    shown, sureness = names.display_names(seen.classes, _NAME_COLUMNS), seen.sureness
    for index in order:
        labels = [int(c) for c in (-sureness[index]).argsort(kind="stable") if sureness[index, c] >= 0]
        said = [f"{'-' if seen.truth[index, c] else '+'}{shown[c]} {seen.scores[index, c]:.2f}" for c in labels]
        try:
            path = seen.paths[index]
            pixels = image.decode(path.read_bytes(), name=path.name, short_side=_TILE, bits=seen.bits)
        except (XEduError, OSError):
            continue  # gone or damaged since it was evaluated: the next mistake takes its place
        yield drawing.Tile(pixels, said[0], drawing.class_colour(labels[0]), note=", ".join(said[1:3]))
