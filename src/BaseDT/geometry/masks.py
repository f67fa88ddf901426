"""Masks of objects as annotation files hold them: polygons and run-length codes, to pixels and back.

Readers, training and measures call it. Numbers and OpenCV only: nothing here knows a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid
from BaseDT.language import say

Mask = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

_FAR = 1e5  # farther corners would leave OpenCV's range
_MOST = 1 << 32  # more pixels no picture has; their sum stays a number of 64 bits
_SHIFT = 4  # OpenCV takes corners of polygons in sixteenths of a pixel


def polygons(segmentation: object) -> list[Points] | None:
    """Return the polygons of COCO's ``segmentation``, (n, 2) of x, y each; None where it is a run-length code.

    Raises:
        DatasetInvalid: It is neither (-201).
    """
    if isinstance(segmentation, Mapping):
        return None
    if not isinstance(segmentation, (list, tuple)) or not all(
        isinstance(polygon, (list, tuple)) for polygon in segmentation
    ):
        raise _wrong(segmentation)
    shapes = []
    for polygon in segmentation:
        try:
            numbers = np.asarray(polygon, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise _wrong(polygon) from None
        if numbers.ndim != 1 or numbers.size % 2 or not np.isfinite(numbers).all():
            raise _wrong(polygon)
        if numbers.size >= 6:  # a point or a line has no area
            shapes.append(numbers.reshape(-1, 2))
    return shapes


def filled(shapes: Sequence[Points], height: int, width: int) -> Mask:
    """Fill polygons: (height, width) of 0 and 1; a pixel belongs to them that lies in them by half.

    Args:
        shapes: Corners (n, 2) of x, y each, in edges of pixels, as boxes are.
        height: Of the mask.
        width: Likewise.
    """
    mask = np.zeros((height, width), dtype=np.uint8)
    if not shapes:
        return mask
    corners = np.concatenate(shapes)
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, (width, height)).astype(int).tolist()
    right, bottom = np.clip(np.ceil(corners.max(axis=0)), 0, (width, height)).astype(int).tolist()
    if right <= left or bottom <= top:
        return mask
    # Only the part that the shapes cover is drawn finer: most objects are much smaller than their picture.
    fine = _fineness((right - left) * (bottom - top))
    large = np.zeros(((bottom - top) * fine, (right - left) * fine), dtype=np.uint8)
    for points in shapes:
        # OpenCV's integer coordinates are the centres of pixels.
        moved = (np.clip(points, -_FAR, _FAR) - (left, top)) * fine - 0.5
        cv2.fillPoly(large, [np.round(moved * (1 << _SHIFT)).astype(np.int32)], 255, shift=_SHIFT)
    part = cv2.resize(large, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    mask[top:bottom, left:right] = part >= 128
    return mask


def _fineness(pixels: int) -> int:
    """Return how many times finer a mask is drawn: OpenCV fills the outline, too, half a pixel too far."""
    return 4 if pixels <= 1 << 18 else 2 if pixels <= 1 << 20 else 1


def decoded(segmentation: object, height: int, width: int) -> Mask:
    """Return COCO's ``segmentation`` as pixels: (height, width) of 0 and 1.

    Args:
        segmentation: Polygons, or a run-length code, whose counts may be compressed.
        height: Of the picture, in pixels.
        width: Likewise.

    Raises:
        DatasetInvalid: It is neither, or the code is of another size (-201).
    """
    shapes = polygons(segmentation)
    if shapes is not None:
        return filled(shapes, height, width)
    counts = _fitting(segmentation, height, width)
    values = np.arange(len(counts), dtype=np.uint8) & 1  # 0, 1, 0, 1 …: outside comes first
    return np.ascontiguousarray(np.repeat(values, counts).reshape(width, height).T)


def check(segmentation: object, height: int, width: int) -> None:
    """Make sure that ``decoded`` can read a segmentation, without drawing it.

    Raises:
        DatasetInvalid: As ``decoded`` does (-201).
    """
    if polygons(segmentation) is None:
        _fitting(segmentation, height, width)


def is_filled(code: Mapping[str, Any]) -> bool:
    """Tell whether a run-length code has a pixel of the object: every second count is of such."""
    return bool(_counts(code)[1::2].any())


def _fitting(code: object, height: int, width: int) -> npt.NDArray[np.int64]:
    """Return the counts of a run-length code that covers a picture of this size."""
    assert isinstance(code, Mapping)
    counts, size = _counts(code), code.get("size")
    if not isinstance(size, (list, tuple)) or len(size) != 2 or not all(type(side) is int for side in size):
        raise _wrong(dict(code))
    total = int(counts.sum())
    if tuple(size) != (height, width) or total != height * width:
        raise DatasetInvalid(
            say(
                f"a mask of {size[0]}×{size[1]} with {total} pixels is in a picture of {height}×{width}",
                f"{size[0]}×{size[1]} 的掩膜（{total} 像素）属于 {height}×{width} 的图片",
            ),
            hint=say("Export the file anew.", "请重新导出标注文件。"),
        )
    return counts


def encoded(mask: Mask, offset: tuple[int, int] = (0, 0), size: tuple[int, int] | None = None) -> dict[str, Any]:
    """Return a mask as COCO's run-length code: down the columns, first the pixels outside. Plain numbers, uncompressed.

    Args:
        mask: (h, w) of 0 and 1; a part of the picture suffices where nothing lies outside of it.
        offset: Where that part lies in the picture, (y, x).
        size: (height, width) of the picture; None where the mask is the whole of it.
    """
    height, width = size or (mask.shape[0], mask.shape[1])
    columns = np.zeros((mask.shape[1], mask.shape[0] + 2), dtype=np.int8)
    columns[:, 1:-1] = mask.T != 0
    # A row of zeros around each column: +1 is where a run begins in it, -1 the pixel behind its end.
    steps = np.diff(columns, axis=1)
    starts, ends = (_along(np.nonzero(steps == step), offset, height) for step in (1, -1))
    # A run that goes on in the next column is one.
    apart = starts[1:] != ends[:-1]
    starts, ends = starts[np.append(True, apart)[: len(starts)]], ends[np.append(apart, True)[: len(ends)]]
    # Runs and the gaps between them alternate; the first count is the gap before the first run, often 0.
    boundaries = np.concatenate([[0], np.stack([starts, ends], axis=1).reshape(-1), [height * width]])
    counts = np.diff(boundaries).tolist()
    return {"size": [int(height), int(width)], "counts": counts if counts[-1] or len(counts) == 1 else counts[:-1]}


def _along(positions: tuple[npt.NDArray[np.intp], ...], offset: tuple[int, int], height: int) -> npt.NDArray[np.int64]:
    """Count positions (columns, rows) of a part along the columns of the whole picture."""
    columns, rows = positions
    return (columns.astype(np.int64) + offset[1]) * height + rows + offset[0]


def turned(segmentation: object, orientation: int, height: int, width: int) -> object:
    """Turn a segmentation of a stored picture as its EXIF note turns the picture.

    Args:
        segmentation: In pixels of the stored picture.
        orientation: The note, 2 to 8; 5 to 8 change height and width.
        height: Of the stored picture.
        width: Likewise.
    """
    shapes = polygons(segmentation)
    if shapes is not None:
        return [turned_points(points, orientation, height, width).reshape(-1).tolist() for points in shapes]
    mask = decoded(segmentation, height, width)
    return encoded(np.ascontiguousarray(turned_pixels(mask, orientation)))


def turned_pixels(pixels: npt.NDArray[Any], orientation: int) -> npt.NDArray[Any]:
    """Turn what was drawn on a stored picture, (H, W) or (H, W, channels), as its EXIF note, 2 to 8, turns it."""
    swapped = pixels.swapaxes(0, 1)
    return {
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: swapped,
        6: swapped[:, ::-1],
        7: swapped[::-1, ::-1],
        8: swapped[::-1],
    }[orientation]


def turned_points(points: Points, orientation: int, height: int, width: int) -> Points:
    """Turn points (n, 2) of x, y in a stored picture of this size as its EXIF note, 2 to 8, turns the picture."""
    x, y = points[:, 0], points[:, 1]
    right, below = width - x, height - y
    columns = {
        2: (right, y),
        3: (right, below),
        4: (x, below),
        5: (y, x),
        6: (below, x),
        7: (below, right),
        8: (y, right),
    }[orientation]
    return np.stack(columns, axis=1)


def pasted(probabilities: npt.NDArray[np.float32], box: npt.ArrayLike, height: int, width: int) -> Mask:
    """Lay the mask that a network predicts within a box onto the picture: (height, width) of 0 and 1.

    Args:
        probabilities: (m, m), 0 to 1; the square covers the box.
        box: x1, y1, x2, y2 in pixels of the picture.
        height: Of the picture.
        width: Likewise.
    """
    mask = np.zeros((height, width), dtype=np.uint8)
    part, (top, left) = in_box(probabilities, box, height, width)
    mask[top : top + part.shape[0], left : left + part.shape[1]] = part
    return mask


def in_box(
    probabilities: npt.NDArray[np.float32], box: npt.ArrayLike, height: int, width: int
) -> tuple[Mask, tuple[int, int]]:
    """Return the part of ``pasted`` that the box covers, and where it lies in the picture, (y, x)."""
    x1, y1, x2, y2 = np.asarray(box, dtype=np.float64).tolist()
    left, top = min(max(0, math.floor(x1)), width), min(max(0, math.floor(y1)), height)
    right, bottom = max(left, min(width, math.ceil(x2))), max(top, min(height, math.ceil(y2)))
    if right == left or bottom == top:
        return np.zeros((bottom - top, right - left), dtype=np.uint8), (top, left)
    step_x, step_y = probabilities.shape[1] / max(x2 - x1, 1e-6), probabilities.shape[0] / max(y2 - y1, 1e-6)
    # From the centre of a pixel to a position between the centres of the mask's cells.
    back = [[step_x, 0, (left + 0.5 - x1) * step_x - 0.5], [0, step_y, (top + 0.5 - y1) * step_y - 0.5]]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part = cv2.warpAffine(
        probabilities, np.array(back), (right - left, bottom - top), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    return (part >= 0.5).astype(np.uint8), (top, left)


def _counts(code: Mapping[str, Any]) -> npt.NDArray[np.int64]:
    counts = code.get("counts")
    if isinstance(counts, (str, bytes)):
        return _decompressed(counts.encode("ascii", "replace") if isinstance(counts, str) else counts)
    if isinstance(counts, list) and all(type(number) is int and 0 <= number <= _MOST for number in counts):
        return np.asarray(counts, dtype=np.int64)
    raise _wrong(dict(code))


def _decompressed(data: bytes) -> npt.NDArray[np.int64]:
    """Read COCO's compressed counts: five bits a letter, the sixth says that more follow; later ones differ.

    From the third count on it is the difference to the last but one: the format of pycocotools' ``rleFrString``.
    """
    counts: list[int] = []
    value = shift = 0
    for letter in data:
        bits = letter - 48
        if not 0 <= bits < 64:
            raise _wrong(data)
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:  # more bits of this number follow
            continue
        if bits & 0x10:  # the sign: differences may be negative
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    if shift or not all(0 <= count <= _MOST for count in counts):
        raise _wrong(data)
    return np.asarray(counts, dtype=np.int64)


def area_of(points: Points) -> float:
    """Return the area of a polygon in square pixels (the shoelace formula)."""
    closed = np.concatenate([points, points[:1]])
    return abs(sum(float(a[0] * b[1] - b[0] * a[1]) for a, b in pairwise(closed))) / 2


def _wrong(actual: object) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"a segmentation is {actual!r:.60}", f"segmentation 是 {actual!r:.60}"),
        hint=say(
            "Expected polygons [[x, y, x, y, …]] or a run-length code {size: [height, width], counts}.",
            "应为多边形 [[x, y, x, y, …]] 或 RLE 编码 {size: [高, 宽], counts}。",
        ),
    )
