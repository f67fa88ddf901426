"""Points of several classes on a plane, each class in its colour and under its name. No axes: near and far is all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.draw.canvas import invalid
from BaseDT.draw.placing import separate
from BaseDT.draw.sheet import heading_strip, put_mark, thumbnail
from BaseDT.draw.text import INK, PAPER, Colour, class_colour, colours, shown_name, text_box
from BaseDT.image import Pixels
from BaseDT.language import say

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Tag:
    """A text on the map: the point it stands for, where its centre should be, and its pixels."""

    anchor: Points
    target: Points
    picture: Pixels


_FRAME = (200, 200, 200)
_NAME_SIZE, _NUMBER_SIZE = 18, 15
_NAMED_AT_MOST = 40
_LOWEST = 200  # pixels that a map has under whatever heading
_HEADING = 190  # a heading's text is sized for tiles of this side
# One axis may be stretched by so much over the other: a flat cloud is seen, and still seen as flat.
_STRETCH = 2.5
# Pictures in place of dots cover this share of the map, and are moved only a little off each other.
_COVERED, _PICTURE_ROUNDS, _BORDER = 0.3, 40, 4
_SHIFT = 4  # OpenCV's coordinates in sixteenths of a pixel
# Corners of the shapes that follow the circle when the colours begin anew, for a radius of one.
_SHAPES = (
    ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
    ((0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)),
)


def scatter(
    points: npt.NDArray[Any],
    labels: npt.NDArray[np.int64],
    names: Sequence[str],
    *,
    size: tuple[int, int] = (800, 1000),
    marked: Sequence[int] = (),
    pictures: Sequence[Pixels] | None = None,
    heading: str = "",
) -> Pixels:
    """Return the points as a picture.

    Args:
        points: (N, 2) in any unit, the second axis upwards; at least one point.
        labels: The N class numbers.
        names: Names of the classes by number.
        size: Height and width of the picture in pixels, its heading included.
        marked: Points that get a number, 1 for the first.
        pictures: What is drawn in place of dots, framed in the colour of its class, N of them; for some tens.
        heading: Lines above the map; empty for none.

    Raises:
        ParameterInvalid: There is no point, or the shapes do not fit each other.
    """
    if not len(points) or np.shape(points) != (len(labels), 2) or len(pictures or labels) != len(labels):
        raise invalid(
            say(
                f"a map of points {np.shape(points)} and labels {np.shape(labels)}.",
                f"散点图有点 {np.shape(points)} 和标签 {np.shape(labels)}。",
            ),
            "Expected points of shape (N, 2), one label for each, and at least one.",
            "应为形状 (N, 2) 的点，每个点一个标签，且至少一个点。",
        )
    height, width = size
    top = heading_strip(heading, width, _HEADING, 0)
    canvas = np.full((max(_LOWEST, height - len(top)), width, 3), PAPER, dtype=np.uint8)
    positions = _to_pixels(np.asarray(points, dtype=np.float64), (len(canvas), width))
    if pictures:
        _put_pictures(canvas, positions, labels, names, pictures, marked)
    else:
        _put_dots(canvas, positions, labels, names, marked)
    cv2.rectangle(canvas, (0, 0), (width - 1, len(canvas) - 1), _FRAME, 1)
    return np.concatenate([top, canvas])


def _put_dots(
    canvas: Pixels, positions: Points, labels: npt.NDArray[np.int64], names: Sequence[str], marked: Sequence[int]
) -> None:
    radius = _radius(len(positions))
    for index in [*_order(len(positions)).tolist(), *marked]:  # those with a number are seen whole
        _dot(canvas, positions[index], radius, int(labels[index]))
    for index in marked:
        _circle(canvas, positions[index], radius + 2.5, INK, thickness=2)
    _put_tags(
        canvas,
        _name_tags(positions, labels, names, canvas.shape[1], radius),
        _number_tags(positions, marked, radius),
        radius,
    )


def _put_pictures(
    canvas: Pixels,
    positions: Points,
    labels: npt.NDArray[np.int64],
    names: Sequence[str],
    pictures: Sequence[Pixels],
    marked: Sequence[int],
) -> None:
    height, width = canvas.shape[:2]
    side = int(np.clip(np.sqrt(_COVERED * height * width / len(positions)), 32, 110))
    present = np.unique(labels)
    captioned = len(set((present % colours()).tolist())) < len(present)  # a colour alone does not tell them separate
    captions = [shown_name(names[label], label) if captioned else "" for label in labels.tolist()]
    framed = [
        _framed(picture, side, class_colour(label), name)
        for picture, label, name in zip(pictures, labels.tolist(), captions, strict=True)
    ]
    # Not all the way apart: where a picture lies says more than that no corner of it is covered.
    sizes = np.array([picture.shape[1::-1] for picture in framed]) + 2.0
    centres = separate(positions, sizes, (width, height), rounds=_PICTURE_ROUNDS)
    for number, index in enumerate(marked, 1):
        put_mark(framed[index], str(number), (0, 0), _NUMBER_SIZE)
    for index in [*(index for index in _order(len(positions)).tolist() if index not in marked), *marked]:
        _paste(canvas, framed[index], centres[index])


def _framed(picture: Pixels, side: int, colour: Colour, caption: str) -> Pixels:
    """Scale a picture into a square with a border in the colour of its class; a caption stands below."""
    outer = side + 2 * _BORDER
    frame = np.full((outer, outer, 3), colour, dtype=np.uint8)
    frame[_BORDER:-_BORDER, _BORDER:-_BORDER] = thumbnail(picture, side)
    if not caption:
        return frame
    band = text_box(caption, "", _NUMBER_SIZE, outer, colour, smallest=9)
    margin = outer - band.shape[1]
    sides = (margin // 2, margin - margin // 2)
    strips = [np.pad(band[..., channel], ((0, 2), sides), constant_values=colour[channel]) for channel in range(3)]
    return np.concatenate([frame[:-_BORDER], np.stack(strips, axis=2)])


def _radius(count: int) -> float:
    return float(np.clip(160 / np.sqrt(count), 4, 9))


def _order(count: int) -> npt.NDArray[np.int64]:
    """Mix the points, the same way each time: no class may lie on top of all others."""
    return np.random.default_rng(0).permutation(count)


def _to_pixels(points: Points, size: tuple[int, int]) -> Points:
    """Scale points into the map, its margin kept free; the axes alike, as far as the cloud is not flat."""
    height, width = size
    margin = min(height, width) * 0.08
    room = np.array([width, height]) - 2 * margin
    low, high = points.min(axis=0), points.max(axis=0)
    extent = high - low
    # An axis without extent gets the scale 0: its points stay in the middle.
    scales = room / np.where(extent > 0, extent, np.inf)
    finite_scales = scales[scales > 0]
    if finite_scales.size:
        scales = np.minimum(scales, finite_scales.min() * _STRETCH)
    # The rows of a picture count downwards.
    scaled = (points - (low + high) / 2) * scales * (1, -1)
    return np.asarray(scaled + np.array([width, height]) / 2, dtype=np.float64)


def _dot(canvas: Pixels, centre: Points, radius: float, label: int) -> None:
    """Draw a point in the colour and the shape of its class, with a thin light edge."""
    colour, turn = class_colour(label), label // colours() % (len(_SHAPES) + 1)
    for size, ink in ((radius + 1, PAPER), (radius, colour)):
        if not turn:
            _circle(canvas, centre, size, ink)
            continue
        corners = (centre + np.array(_SHAPES[turn - 1]) * size) * 2**_SHIFT
        cv2.fillPoly(canvas, [corners.round().astype(np.int32)], ink, cv2.LINE_AA, _SHIFT)


def _circle(canvas: Pixels, centre: Points, radius: float, colour: Colour, thickness: int = -1) -> None:
    x, y = (round(float(value) * 2**_SHIFT) for value in centre)
    cv2.circle(canvas, (x, y), round(radius * 2**_SHIFT), colour, thickness, cv2.LINE_AA, _SHIFT)


def _name_tags(
    positions: Points, labels: npt.NDArray[np.int64], names: Sequence[str], width: int, radius: float
) -> list[_Tag]:
    """Make a tag for each class, in the middle of it, or above a class that it would hide."""
    present, counts = np.unique(labels, return_counts=True)
    # Of very many classes the largest have names: more would cover the points.
    largest = present[np.argsort(-counts, kind="stable")][:_NAMED_AT_MOST]
    tags = []
    for label in sorted(largest.tolist()):
        box = text_box(shown_name(names[label], label), "", _NAME_SIZE, width // 3, class_colour(label))
        members = positions[labels == label]
        middle = _medoid(members)
        tags.append(_Tag(middle, middle - (0, _lift(members, middle, box, radius)), box))
    return tags


def _lift(members: Points, middle: Points, box: Pixels, radius: float) -> float:
    """How far above its middle the name of a class must stand not to hide most of it."""
    height, width = box.shape[:2]
    # Among scattered points a name hides few of them and reads best in the middle; a tight cluster would vanish.
    hidden = (np.abs(members - middle) < (width / 2, height / 2)).all(axis=1)
    if hidden.mean() < 0.5:
        return 0.0
    # The 90 % quantile, not the highest: one outlier must not carry the name away.
    return float(np.quantile(middle[1] - members[:, 1], 0.9) + radius + height / 2)


def _number_tags(positions: Points, marked: Sequence[int], radius: float) -> list[_Tag]:
    """Make a tag for each point that has a number, at its upper right."""
    tags = []
    for number, index in enumerate(marked, 1):
        box = text_box(str(number), "", _NUMBER_SIZE, 200, INK, smallest=_NUMBER_SIZE)
        beside = np.array([radius + box.shape[1] / 2, -radius - box.shape[0] / 2])
        tags.append(_Tag(positions[index], positions[index] + beside, box))
    return tags


def _medoid(positions: Points) -> Points:
    """Return the point of a class nearest to its median: the median itself may lie in another class."""
    distances = ((positions - np.median(positions, axis=0)) ** 2).sum(axis=1)
    return np.asarray(positions[int(distances.argmin())], dtype=np.float64)


def _put_tags(canvas: Pixels, name_tags: Sequence[_Tag], number_tags: Sequence[_Tag], radius: float) -> None:
    """Put the tags beside each other and beside the numbered points, a line from each number to its point."""
    # All of them are laid out together: a number must not cover a name, nor a tag a point that has a number. These
    # points come last, as rectangles that do not move.
    tags = [*name_tags, *number_tags]
    points = np.array([tag.anchor for tag in number_tags]).reshape(-1, 2)
    sizes = [np.array(tag.picture.shape[1::-1]) + 4.0 for tag in tags] + [np.full(2, 2 * radius + 5)] * len(points)
    target = np.concatenate([np.array([tag.target for tag in tags]), points])
    room = (canvas.shape[1], canvas.shape[0])
    centres = separate(target, np.array(sizes), room, fixed=len(points))
    for tag, centre in zip(name_tags, centres, strict=False):
        _put_tag(canvas, tag, centre)
    for tag, centre in zip(number_tags, centres[len(name_tags) :], strict=False):
        # The line begins at the edge of the point's ring; its other end is covered by the tag.
        towards = (centre - tag.anchor) / max(1.0, float(np.hypot(*(centre - tag.anchor))))
        _line(canvas, tag.anchor + towards * (radius + 2), centre)
        _put_tag(canvas, tag, centre)


def _put_tag(canvas: Pixels, tag: _Tag, centre: Points) -> None:
    _paste(canvas, np.pad(tag.picture, ((1, 1), (1, 1), (0, 0)), constant_values=PAPER[0]), centre)


def _line(canvas: Pixels, start: Points, end: Points) -> None:
    (x1, y1), (x2, y2) = ([round(float(value) * 2**_SHIFT) for value in point] for point in (start, end))
    cv2.line(canvas, (x1, y1), (x2, y2), INK, 1, cv2.LINE_AA, _SHIFT)


def _paste(canvas: Pixels, picture: Pixels, centre: Points) -> None:
    """Put a picture around a centre, moved to be within the canvas."""
    height, width = picture.shape[:2]
    left = int(np.clip(round(float(centre[0]) - width / 2), 0, max(0, canvas.shape[1] - width)))
    top = int(np.clip(round(float(centre[1]) - height / 2), 0, max(0, canvas.shape[0] - height)))
    area = canvas[top : top + height, left : left + width]
    area[:] = picture[: area.shape[0], : area.shape[1]]
