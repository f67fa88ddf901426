"""``points.png`` and ``per_point.csv``: where the points are and where the model sees them, the worst persons first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from BaseDT import draw as drawing
from BaseDT import fonts, image
from BaseDT.dataset.keypoints import PosedObject
from BaseDT.errors import XEduError
from BaseDT.geometry.regions import RotatedRegion
from BaseDT.image import Pixels
from BaseDT.metrics import keypoints
from MMEdu.tasks.pose.evaluation import STRICT, Found, distances
from XEdu.evaluation.class_files import as_csv
from XEdu.evaluation.hits_and_misses import HIT, MISS

_TILES, _COLUMNS, _TILE = 16, 4, 320
_INK: drawing.Colour = (33, 33, 33)


@dataclass(frozen=True, eq=False)
class Shown:
    """What a validation left.

    Attributes:
        people: The truth.
        found: Of each person.
        names: Of the points.
        skeleton: Pairs of points that bones join.
        bits: Of pictures of 16 bits.
    """

    people: Sequence[PosedObject]
    found: Found
    names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...]
    bits: int = 16

    @property
    def off(self) -> npt.NDArray[np.float64]:
        """How far each point is off, (N, K), in sizes of its person; NaN where the truth is not known."""
        return distances(self.found, self.people, self.names)


def draw(shown: Shown) -> Pixels | None:
    """Return the contact sheet; ``None`` where no picture can be shown."""
    tiles = list(_tiles(shown))
    if not tiles:
        return None
    share = keypoints.pck(shown.off).pck or 0.0
    heading = fonts.picture_text(
        f"PCK {share:.3f}: {len(tiles)} of {len(shown.people)}, the worst first. Green: where points are, red: where "
        "the model sees them.",
        f"PCK {share:.3f}：{len(shown.people)} 个中的 {len(tiles)} 个，误差最大的在前。绿色为标注，红色为预测。",
    )
    return drawing.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=heading)


def per_point_table(shown: Shown) -> str:
    """Return the table of points: PCK, the stricter one, the median distance in sizes of the person, how many."""
    off = shown.off
    usual, strict = keypoints.pck(off), keypoints.pck(off, STRICT)
    rows = []
    for number, name in enumerate(shown.names):
        known = off[~np.isnan(off[:, number]), number]
        median = float(np.median(known)) if len(known) else None
        shares = usual.per_point[number], strict.per_point[number]
        rows.append({"point": name, "PCK": shares[0], "PCK_0.05": shares[1], "median": median, "points": len(known)})
    return as_csv(("point", "PCK", "PCK_0.05", "median", "points"), rows)


def _tiles(shown: Shown) -> Iterator[drawing.Tile]:
    off = shown.off
    counted = np.nan_to_num(off.clip(max=1.0), nan=0.0)
    known = (~np.isnan(off)).sum(axis=1)
    order = np.argsort(-(counted.sum(axis=1) / known.clip(min=1)), kind="stable")
    left = _TILES
    for row in order.tolist():
        if not left:
            return
        person = shown.people[row]
        try:
            pixels = image.decode(person.path.read_bytes(), name=person.path.name, bits=shown.bits)
        except (XEduError, OSError):
            continue  # gone or damaged since it was evaluated: the next one takes its place
        wrong = int((off[row] > keypoints.ALPHA).sum())
        caption = fonts.picture_text(f"{wrong} of {known[row]} wrong", f"{known[row]} 个点中 {wrong} 个错误")
        yield drawing.Tile(_drawn(pixels, person, shown, row), caption, MISS if wrong else _INK, note=person.path.name)
        left -= 1


def _drawn(pixels: Pixels, person: PosedObject, shown: Shown, row: int) -> Pixels:
    """Cut a person out with its surroundings, and draw both skeletons."""
    size = (_TILE, _TILE)
    region = RotatedRegion.of_box(person.box, size)
    canvas = region.crop(pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2), size, 255)
    truth, found = (region.points_to_input(points[:, :2], size) for points in (person.points, shown.found[row]))
    drawing.put_skeleton(canvas, truth, person.labelled, shown.skeleton, HIT)
    drawing.put_skeleton(canvas, found, np.ones(len(found), np.bool_), shown.skeleton, MISS)
    return canvas
