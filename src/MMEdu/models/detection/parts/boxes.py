"""Arithmetic of boxes on tensors: overlap and the two codings of a box against its anchor. No network, no picture.

Boxes are x1, y1, x2, y2 in pixels of the network's input, edges: the upper left corner of the picture is (0, 0).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_LEAST_SIDE = 1e-3
"""Pixels: a box without width has no logarithm."""
_LARGEST_RATIO = math.log(1000 / 16)
"""Boxes decoded from deltas are at most so many times as wide and as high as their anchor (Faster R-CNN's bound)."""
_LARGEST_EXPONENT = 10.0
"""Far above anything trained; keeps infinity out of what an untrained YOLO decodes."""
_EDGE = 1e-6


def iou(some: Tensor, others: Tensor) -> Tensor:
    """Return the intersection over union of each box of ``some`` (N, 4) with each of ``others`` (M, 4): (N, M).

    It is 0 where neither has an area.
    """
    # Whole rows and columns of coordinates, and in place: assignment and NMS spend most of their time here, and it is
    # the memory of (N, M) matrices that takes it.
    x1, y1, x2, y2 = some[:, :, None].unbind(1)
    left, top, right, bottom = others.t().contiguous().unbind(0)
    width = torch.minimum(x2, right).sub_(torch.maximum(x1, left)).clamp_(min=0)
    height = torch.minimum(y2, bottom).sub_(torch.maximum(y1, top)).clamp_(min=0)
    shared = width.mul_(height)
    union = ((x2 - x1) * (y2 - y1) + (right - left) * (bottom - top)).sub_(shared)
    # The least positive number, not a small one: boxes in shares of a picture have areas far below 1.
    return shared.div_(union.clamp_(min=torch.finfo(union.dtype).tiny))


def clip(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut boxes (..., 4) at the edges of a picture of (height, width)."""
    x, y = boxes[..., 0::2], boxes[..., 1::2]
    return torch.stack((x.clamp(0, size[1]), y.clamp(0, size[0])), -1).flatten(-2)


def _centers(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Return centres and sides, (..., 2) each."""
    low, high = boxes[..., :2], boxes[..., 2:]
    return (low + high) / 2, high - low


def encode_deltas(anchors: Tensor, boxes: Tensor, stds: tuple[float, float, float, float]) -> Tensor:
    """Return the deltas that make anchors into boxes (Girshick et al. 2014, appendix C), divided by ``stds``.

    Args:
        anchors: (n, 4).
        boxes: (n, 4).
        stds: Of dx, dy, dw, dh.

    Returns:
        (n, 4): dx, dy in sides of the anchor, dw, dh as logarithms.
    """
    center, side = _centers(anchors)
    target, target_side = _centers(boxes)
    shift = (target - center) / side
    stretch = (target_side.clamp(min=_LEAST_SIDE) / side).log()
    return torch.cat([shift, stretch], -1) / boxes.new_tensor(stds)


def decode_deltas(anchors: Tensor, deltas: Tensor, stds: tuple[float, float, float, float]) -> Tensor:
    """Return the boxes (..., 4) that ``deltas`` (..., 4) make of ``anchors`` (A, 4): the inverse of the above."""
    center, side = _centers(anchors)
    scaled = deltas * deltas.new_tensor(stds)
    middle = center + scaled[..., :2] * side
    half = scaled[..., 2:].clamp(-_LARGEST_RATIO, _LARGEST_RATIO).exp() * (side / 2)
    return torch.cat([middle - half, middle + half], -1)


def encode_cells(anchors: Tensor, boxes: Tensor, strides: Tensor) -> Tensor:
    """Return boxes as YOLO writes them (Redmon & Farhadi 2018, section 2.1).

    Args:
        anchors: (n, 4), centred on their cells.
        boxes: (n, 4).
        strides: (n, 1), sides of the cells in pixels.

    Returns:
        (n, 4): the centre's offset in its cell, from 0 to 1, and the logarithms of the sides relative to the anchor.
    """
    center, side = _centers(anchors)
    target, target_side = _centers(boxes)
    offset = ((target - center) / strides + 0.5).clamp(_EDGE, 1 - _EDGE)
    return torch.cat([offset, (target_side / side).clamp(min=_EDGE).log()], -1)


def decode_cells(anchors: Tensor, offsets: Tensor, stretches: Tensor, strides: Tensor) -> Tensor:
    """Return boxes (..., 4) of ``offsets`` (..., 2), from 0 to 1 in the cell, and ``stretches`` (..., 2)."""
    center, side = _centers(anchors)
    middle = center + (offsets - 0.5) * strides
    half = stretches.clamp(max=_LARGEST_EXPONENT).exp() * (side / 2)
    return torch.cat([middle - half, middle + half], -1)
