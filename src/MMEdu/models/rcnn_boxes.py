"""Boxes of two-stage detectors: anchors, coding, assignment, sampling. Pure functions of tensors.

The conventions are those of Ren et al. 2015 as the family of MMDetection 2.x has them: corners as edges in pixels,
anchors neither rounded nor shifted to cell centres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

RATIOS = (0.5, 1.0, 2.0)
SCALE = 8
# No box grows or shrinks by more than this factor in one step.
_LARGEST_CHANGE = math.log(1000 / 16)
NEGATIVE, IGNORED = -1, -2


def anchors(height: int, width: int, stride: int, device: torch.device | None = None) -> Tensor:
    """Return the anchors of one level: (height · width · 3, 4), row by row, the ratios of a place together."""
    root = torch.tensor(RATIOS).sqrt()  # ratio is height / width
    half = SCALE * stride / 2
    base = torch.stack((-half / root, -half * root, half / root, half * root), 1)
    y, x = torch.meshgrid(torch.arange(height) * stride, torch.arange(width) * stride, indexing="ij")
    places = torch.stack((x, y, x, y), -1).reshape(-1, 1, 4)
    return (places + base).reshape(-1, 4).to(device)


def _centres(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Split boxes (..., 4) into centres and sizes, both (..., 2)."""
    low, high = boxes[..., :2], boxes[..., 2:]
    return (low + high) / 2, high - low


def encode(boxes: Tensor, targets: Tensor, stds: Sequence[float]) -> Tensor:
    """Say how boxes (N, 4) must change to become targets (N, 4): (N, 4) dx, dy, dw, dh over ``stds``."""
    (centre, size), (goal, goal_size) = _centres(boxes), _centres(targets)
    deltas = torch.cat(((goal - centre) / size, (goal_size / size).log()), -1)
    return deltas / deltas.new_tensor(stds)


def decode(boxes: Tensor, deltas: Tensor, stds: Sequence[float], size: tuple[int, int]) -> Tensor:
    """Change boxes (..., 4) by deltas (..., 4) and clip them to a picture of (height, width)."""
    deltas = deltas * deltas.new_tensor(stds)
    centre, extent = _centres(boxes)
    centre = centre + deltas[..., :2] * extent
    extent = extent * deltas[..., 2:].clamp(-_LARGEST_CHANGE, _LARGEST_CHANGE).exp()
    x, y = torch.stack((centre - extent / 2, centre + extent / 2), -1).unbind(-2)
    return torch.stack((x.clamp(0, size[1]), y.clamp(0, size[0])), -1).flatten(-2)


def iou(some: Tensor, others: Tensor) -> Tensor:
    """Return the IoU of boxes (N, 4) and (M, 4): (N, M); 0 where neither has an area."""
    low = torch.maximum(some[:, None, :2], others[None, :, :2])
    high = torch.minimum(some[:, None, 2:], others[None, :, 2:])
    common = (high - low).clamp(min=0).prod(-1)
    area, other_area = ((b[:, 2:] - b[:, :2]).prod(-1) for b in (some, others))
    return common / (area[:, None] + other_area - common).clamp(min=1e-6)


def assign(overlap: Tensor, positive: float, negative: float, rescue: float | None) -> Tensor:
    """Give every box an object, ``NEGATIVE`` or ``IGNORED``.

    Args:
        overlap: (objects, boxes) IoU.
        positive: From this IoU on a box belongs to its best object.
        negative: Below this IoU it is background.
        rescue: An object that no box reaches takes the boxes nearest to it, from this IoU on; ``None``: it does not.

    Returns:
        (boxes,) int64 numbers of objects.
    """
    if len(overlap) == 0:
        return torch.full(overlap.shape[1:], NEGATIVE, device=overlap.device)
    best, chosen = overlap.max(0)
    given = torch.where(best >= positive, chosen, torch.where(best < negative, NEGATIVE, IGNORED))
    if rescue is None:
        return given
    nearest = overlap.max(1, keepdim=True).values
    claimed = (overlap == nearest) & (nearest >= rescue)
    numbers = torch.arange(len(overlap), device=overlap.device)[:, None]
    last = torch.where(claimed, numbers, -1).max(0).values  # of several claims the last object's holds
    return torch.where(last >= 0, last, given)


def sample(given: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    """Draw boxes at random (torch's generator): indices of at most ``share · count`` positives, and of negatives."""
    positives, negatives = (given >= 0).nonzero()[:, 0], (given == NEGATIVE).nonzero()[:, 0]
    positives = _drawn(positives, int(count * share))
    return positives, _drawn(negatives, count - len(positives))


def _drawn(indices: Tensor, count: int) -> Tensor:
    if len(indices) <= count:
        return indices
    return indices[torch.randperm(len(indices), device=indices.device)[:count]]
