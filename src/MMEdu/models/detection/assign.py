"""Which anchor learns which box. Tensors in, indices out; called by the losses, without gradients.

The boxes of a batch lie behind each other in one tensor; ``counts`` says how many belong to each picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from MMEdu.models.detection.boxes import iou

BACKGROUND = -1
IGNORED = -2
"""An anchor that learns nothing: it lies well on an object that another anchor answers for."""


class Annotated(Protocol):
    """What a picture of a batch must say of itself."""

    @property
    def boxes(self) -> Tensor:
        """(n, 4), x1, y1, x2, y2 in pixels of the input."""

    @property
    def labels(self) -> Tensor:
        """(n,), classes from 0."""


def gathered(targets: Sequence[Annotated]) -> tuple[Tensor, Tensor, list[int]]:
    """Return the boxes (T, 4) and labels (T,) of all pictures, and how many each has."""
    boxes = torch.cat([target.boxes.reshape(-1, 4) for target in targets]).float()
    labels = torch.cat([target.labels.reshape(-1) for target in targets]).long()
    return boxes, labels, [len(target.labels) for target in targets]


@torch.no_grad()
def by_overlap(anchors: Tensor, boxes: Tensor, counts: Sequence[int], threshold: float) -> Tensor:
    """Give each anchor the box it overlaps most, and each box its best anchor (Liu et al. 2016, section 2.2).

    Args:
        anchors: (A, 4).
        boxes: (T, 4), of all pictures.
        counts: How many boxes each picture has.
        threshold: IoU from which an anchor learns a box.

    Returns:
        (N, A) indices into ``boxes``, or ``BACKGROUND``. Where two boxes have the same best anchor the later one
        gets it.
    """
    assigned = torch.full((len(counts), len(anchors)), BACKGROUND, device=anchors.device)
    if not len(boxes):
        return assigned
    overlaps = iou(boxes, anchors)
    best_anchor = overlaps.argmax(1)
    start = 0
    for row, count in zip(assigned, counts, strict=True):
        if count:
            best, which = overlaps[start : start + count].max(0)
            row.copy_(torch.where(best >= threshold, which.add_(start), BACKGROUND))
            start += count
    picture = torch.repeat_interleave(torch.tensor(counts, device=anchors.device))
    forced = torch.full_like(assigned, BACKGROUND).view(-1)
    numbers = torch.arange(len(boxes), device=anchors.device)
    forced.scatter_reduce_(0, picture * len(anchors) + best_anchor, numbers, "amax")
    return torch.where(forced.view_as(assigned) >= 0, forced.view_as(assigned), assigned)


@torch.no_grad()
def by_cell(
    anchors: Tensor, cells: Tensor, boxes: Tensor, counts: Sequence[int], *, above: float, ignored_above: float
) -> Tensor:
    """Give each box the best anchors of the cells in which objects have their centres (YOLOv3, section 2.1).

    Args:
        anchors: (A, 4).
        cells: (T, k) indices of the anchors of the cells in which each box has its centre.
        boxes: (T, 4), of all pictures.
        counts: How many boxes each picture has.
        above: IoU above which an anchor of such a cell learns a box though another is better.
        ignored_above: IoU above which an anchor that learns no box is not background either.

    Returns:
        (N, A) indices into ``boxes``, ``BACKGROUND`` or ``IGNORED``.
    """
    assigned = torch.full((len(counts), len(anchors)), BACKGROUND, device=anchors.device)
    if not len(boxes):
        return assigned
    overlaps = iou(boxes, anchors)
    start = 0
    for row, count in zip(assigned, counts, strict=True):
        if not count:
            continue
        own = overlaps[start : start + count]
        row[own.amax(0) > ignored_above] = IGNORED
        responsible = torch.unique(cells[start : start + count])
        learned = _answering(own[:, responsible], above)
        row[responsible[learned >= 0]] = learned[learned >= 0] + start
        start += count
    return assigned


def _answering(overlaps: Tensor, above: float) -> Tensor:
    """Return for each responsible anchor the box it learns, or -1; ``overlaps`` is (boxes, anchors)."""
    best, which = overlaps.max(0)
    learned = torch.where(best > above, which, BACKGROUND)
    most = overlaps.amax(1, keepdim=True)
    numbers = torch.arange(len(overlaps), device=overlaps.device)[:, None]
    forced = torch.where((overlaps == most) & (most > 0), numbers, BACKGROUND).amax(0)
    return torch.where(forced >= 0, forced, learned)
