"""Non-maximum suppression among boxes of the same class, in numpy: it stops when enough boxes are kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = npt.NDArray[np.float32]


def class_aware_nms(boxes: Tensor, scores: Tensor, labels: Tensor, iou_threshold: float, most: int) -> Tensor:
    """Keep the best box of every heap of boxes of one class.

    Args:
        boxes: (n, 4), x1, y1, x2, y2.
        scores: (n,).
        labels: (n,); boxes of different classes never suppress each other.
        iou_threshold: A box is dropped when its IoU with a better one that was kept is larger.
        most: At most so many are kept.

    Returns:
        (k,) indices, the highest score first.
    """
    order = np.argsort(-scores.detach().float().cpu().numpy(), kind="stable")
    corners = boxes.detach().float().cpu().numpy()[order]
    classes = labels.detach().cpu().numpy()[order]
    areas = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    left = np.arange(len(order))
    kept: list[int] = []
    while len(left) and len(kept) < most:
        first, left = left[0], left[1:]
        kept.append(int(first))
        overlaps = _overlaps(corners[first], areas[first], corners[left], areas[left])
        left = left[(overlaps <= iou_threshold) | (classes[left] != classes[first])]
    return torch.from_numpy(order[kept].astype(np.int64)).to(boxes.device)


def _overlaps(box: Array, area: np.float32, others: Array, areas: Array) -> Array:
    """Return the IoU of one box with others (n,); 0 where both have no area."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared: Array = np.clip(sides, 0, None).prod(1)
    found: Array = shared / np.maximum(area + areas - shared, np.float32(1e-12))
    return found
