"""``feature_map.png``: pictures as a network sees them, on a plane, with the typical ones and those among strangers.

A picture that lies among those of another class has a wrong label, or shows something that the network cannot tell
apart: both are worth a look.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from BaseDT import draw as drawing
from BaseDT import fonts, image
from BaseDT.errors import XEduError
from BaseDT.image import ImageSource, Pixels
from BaseDT.plot import names
from MMEdu.tasks.classification.projection import Neighbours

_COLUMNS, _TILE, _ROWS = 4, 150, 6
_TYPICAL_ROWS, _STRANGE_ROWS = 3, 4
_WIDTH, _HEIGHT = 1060, 900
_NAME_COLUMNS = 9
_GAP = 16
# So few can be seen themselves, in place of dots.
_PICTURES_UP_TO = 120
_SMALL = 128
_NEARLY_ALL = 0.995


@dataclass(frozen=True, eq=False)
class MappedPictures:
    """N pictures on a plane.

    Attributes:
        points: (N, 2).
        labels: The N class numbers.
        classes: Names by number.
        sources: The N pictures.
        neighbours: Among which classes they lie.
        typical: The most typical picture of each class that is there.
        method: ``"PCA"`` or ``"t-SNE"``.
        share: Which share of all differences PCA's plane shows, from 0 to 1; NaN where it means nothing.
        predicted: Whether the labels are the model's own answers, for want of others.
    """

    points: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    sources: Sequence[ImageSource]
    neighbours: Neighbours
    typical: dict[int, int]
    method: str
    share: float
    predicted: bool


def draw(mapped: MappedPictures) -> Pixels:
    """Return the map, beside it a typical picture of each class and the pictures that lie among strangers."""
    typical = _typical_tiles(mapped)
    rows = min(_STRANGE_ROWS, _ROWS - -(-len(typical) // _COLUMNS))
    strangers = list(islice(_strangers(mapped), rows * _COLUMNS))
    side = _stacked([*_typical_sheet(typical, len(mapped.typical)), *_strange_sheet(mapped, strangers)])
    plane = drawing.scatter(
        mapped.points,
        mapped.labels,
        mapped.classes,
        size=(max(_HEIGHT, len(side)), _WIDTH),
        marked=[index for index, _ in strangers],
        pictures=_small(mapped.sources) if len(mapped.labels) <= _PICTURES_UP_TO else None,
        heading="\n".join(_heading(mapped)),
    )
    height = max(len(plane), len(side)) + 2 * _GAP
    return np.concatenate([_padded(part, height) for part in (plane, side) if part.size], axis=1)


def _strangers(mapped: MappedPictures) -> Iterator[tuple[int, Pixels]]:
    """The pictures that are most lost, as far as they can be read, with their places."""
    for index in mapped.neighbours.strangers:
        if (pixels := _read(mapped.sources[index])) is not None:
            yield index, pixels


def _small(sources: Sequence[ImageSource]) -> list[Pixels]:
    """Read all pictures and keep them small; gray where one is gone."""
    gone = np.full((_SMALL, _SMALL, 3), 200, dtype=np.uint8)
    pictures = (_read(source) for source in sources)
    return [gone if pixels is None else drawing.thumbnail(pixels, _SMALL) for pixels in pictures]


def _read(source: ImageSource) -> Pixels | None:
    try:
        return image.read(source)
    except (XEduError, OSError):
        return None  # gone since it was mapped: another one takes its place


def _typical_tiles(mapped: MappedPictures) -> list[drawing.Tile]:
    labels = names.display_names(mapped.classes, 2 * _NAME_COLUMNS)
    tiles = []
    for label, index in list(mapped.typical.items())[: _TYPICAL_ROWS * _COLUMNS]:
        if (pixels := _read(mapped.sources[index])) is not None:
            tiles.append(drawing.Tile(pixels, labels[label], drawing.class_colour(label)))
    return tiles


def _typical_sheet(tiles: Sequence[drawing.Tile], classes: int) -> Iterator[Pixels]:
    if tiles:
        heading = fonts.picture_text("The most typical picture of each class", "每个类别中最典型的图片")
        if len(tiles) < classes:
            heading += fonts.picture_text(f" ({len(tiles)} of {classes})", f"（{classes} 个类别中的 {len(tiles)} 个）")
        yield drawing.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=heading)


def _strange_sheet(mapped: MappedPictures, strangers: Sequence[tuple[int, Pixels]]) -> Iterator[Pixels]:
    if not strangers:
        return
    labels = names.display_names(mapped.classes, _NAME_COLUMNS)
    arrow = "→" if fonts.can_draw("→") else "->"
    tiles = []
    for number, (index, pixels) in enumerate(strangers, 1):
        label, among = int(mapped.labels[index]), int(mapped.neighbours.among[index])
        caption = f"{labels[label]} {arrow} {labels[among]}"
        tiles.append(drawing.Tile(pixels, caption, drawing.class_colour(label), str(number)))
    every = len(mapped.neighbours.strangers)
    heading = (
        fonts.picture_text(
            f"Among strangers ({every}): own class {arrow} that of the neighbours",
            f"混在别的类别中（{every} 张）：自己的类别 {arrow} 邻居的类别",
        ),
        _question(mapped.predicted),
    )
    yield drawing.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading="\n".join(heading))


def _question(predicted: bool) -> str:
    if predicted:
        return fonts.picture_text(
            "Is the model wrong about it? Or is it hard to tell?", "模型在这里判断错了，还是图片本来就难分？"
        )
    return fonts.picture_text("A wrong label? Or do the classes look alike?", "是标签错了，还是两个类别看起来很像？")


def _stacked(panels: Sequence[Pixels]) -> Pixels:
    width = max((panel.shape[1] for panel in panels), default=0)
    wide = [np.pad(panel, ((0, _GAP), (0, width - panel.shape[1]), (0, 0)), constant_values=255) for panel in panels]
    return np.concatenate(wide) if wide else np.zeros((0, 0, 3), dtype=np.uint8)


def _padded(panel: Pixels, height: int) -> Pixels:
    missing = height - len(panel) - _GAP
    return np.pad(panel, ((_GAP, missing), (_GAP, _GAP), (0, 0)), constant_values=255)


def _heading(mapped: MappedPictures) -> Iterator[str]:
    count = len(mapped.labels)
    yield fonts.picture_text(
        f"{count} pictures as the model sees them ({mapped.method}): near means alike",
        f"模型眼中的 {count} 张图片（{mapped.method}）：离得近就是看起来像",
    )
    if not math.isnan(home := mapped.neighbours.at_home) and len(np.unique(mapped.labels)) > 1:
        yield fonts.picture_text(
            f"{home:.0%} are at home: most of the nearest pictures are of their own class.",
            f"{home:.0%} 的图片离得最近的大多是同类图片。",
        )
    if mapped.predicted:
        yield fonts.picture_text(
            "Colours: what the model says, as nobody has labelled them.", "颜色：模型给出的类别（图片没有标签）。"
        )
    if mapped.share < _NEARLY_ALL:  # NaN is not
        yield fonts.picture_text(
            f"The plane shows {mapped.share:.0%} of all differences: two that lie close here may differ in the rest.",
            f"这个平面只显示了全部差异的 {mapped.share:.0%}：图中靠近的两张图片，在其余方向上仍可能不同。",
        )
    elif mapped.method == "t-SNE":
        yield fonts.picture_text(
            "t-SNE keeps neighbours together; how far groups are apart means little.",
            "t-SNE 让相邻的图片聚在一起；各组之间的距离没有太大意义。",
        )
    if note := names.font_note(mapped.classes):
        yield note
