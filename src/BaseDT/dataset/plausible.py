"""Numbers that can be read but cannot be meant: boxes in shares of 1, corners where sizes belong, empty outlines.

One box says nothing, a set of which every box is so does. The readers of annotations call it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from BaseDT.errors import DatasetInvalid
from BaseDT.geometry import masks
from BaseDT.language import say

# How far boxes may be drawn over the edge, as a share of the side.
_SLACK = 0.02
# Of its box an outline's extent covers all; less than this is the outline of something else, or of nothing.
_COVERED = 0.05

Corners = tuple[float, float, float, float]
Size = tuple[float, float]


def refuse_shares(where: str, corners: Sequence[Corners]) -> None:
    """Raise DatasetInvalid (-201) where pixels are expected and no box reaches beyond the first one.

    Args:
        where: The file or folder, for the message.
        corners: Of all boxes of the set.
    """
    with_area = [box for box in corners if box[2] > box[0] and box[3] > box[1]]
    if with_area and all(box[2] <= 1 and box[3] <= 1 for box in with_area):
        raise DatasetInvalid(
            say(
                f"{where}: all {len(with_area)} boxes lie within the first pixel: they look like shares of 1, "
                "not pixels",
                f"{where}：全部 {len(with_area)} 个框都在第一个像素之内：数值像是 0 到 1 的比例，而不是像素",
            ),
            hint=say(
                "Multiply x and width by the picture's width, y and height by its height; or export in pixels.",
                "请把 x、宽乘以图片宽度，y、高乘以图片高度；或导出为像素坐标。",
            ),
        )


def refuse_corners(where: str, numbers: Sequence[Corners], sizes: Sequence[Size], *, centred: bool = False) -> None:
    """Raise DatasetInvalid (-201) where every box is one if its numbers are corners, and most are none if they are not.

    Args:
        where: The file or folder, for the message.
        numbers: Of each box as they are written: a point, and what should be width and height.
        sizes: (height, width) of each box's picture, in the unit of the numbers.
        centred: The point is the middle of the box, not its corner.
    """
    pairs = list(zip(numbers, sizes, strict=True))
    if not pairs or not all(_are_corners(box, size) for box, size in pairs):
        return
    leaving = sum(_leaves(box, size, 0.5 if centred else 1.0) for box, size in pairs)
    if 2 * leaving < len(pairs):
        return
    raise DatasetInvalid(
        say(
            f"{where}: {leaving} of {len(pairs)} boxes leave their pictures: their numbers look like two corners "
            "(x1, y1, x2, y2), not like a point and a size",
            f"{where}：{len(pairs)} 个框中有 {leaving} 个超出图片：数值像是两个角点 (x1, y1, x2, y2)，"
            "而不是一个点加宽高",
        ),
        hint=say(
            "Write width and height: x2 - x1 and y2 - y1; or export the file anew.",
            "请写宽和高：x2 - x1、y2 - y1；或重新导出标注文件。",
        ),
    )


def _are_corners(box: Corners, size: Size) -> bool:
    x1, y1, x2, y2 = box
    height, width = size
    return 0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height


def _leaves(box: Corners, size: Size, beyond: float) -> bool:
    x, y, box_width, box_height = box
    height, width = size
    return x + beyond * box_width > width * (1 + _SLACK) or y + beyond * box_height > height * (1 + _SLACK)


def outline(segmentation: object, corners: Corners) -> object:
    """Return a segmentation; None where it encloses nothing of its box.

    Args:
        segmentation: Polygons or a run-length code that can be drawn.
        corners: The object's box, in pixels.
    """
    if isinstance(segmentation, Mapping):
        return segmentation if masks.is_filled(segmentation) else None
    shapes = masks.polygons(segmentation) or []
    if not any(masks.area_of(shape) > 0 for shape in shapes):
        return None
    points = np.concatenate(shapes)
    low, high = np.maximum(points.min(axis=0), corners[:2]), np.minimum(points.max(axis=0), corners[2:])
    covered = float(np.prod(np.maximum(high - low, 0)))
    whole = (corners[2] - corners[0]) * (corners[3] - corners[1])
    return segmentation if covered >= _COVERED * whole else None
