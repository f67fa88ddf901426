"""Which anchor or region learns which box, and which of them are drawn to learn from. Without gradients.

The boxes of a batch lie behind each other in one tensor; ``counts`` says how many belong to each picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from MMEdu.models.detection.parts.boxes import iou

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


def concatenated(targets: Sequence[Annotated]) -> tuple[Tensor, Tensor, list[int]]:
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
        of_picture = overlaps[start : start + count]
        row[of_picture.amax(0) > ignored_above] = IGNORED
        responsible = torch.unique(cells[start : start + count])
        learned = _answering(of_picture[:, responsible], above)
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


def by_thresholds(overlap: Tensor, positive: float, negative: float, rescue: float | None) -> Tensor:
    """Give every anchor or region of a picture an object, ``BACKGROUND`` or ``IGNORED`` (Ren et al. 2015, 3.1.2).

    Args:
        overlap: (objects, regions) IoU.
        positive: From this IoU on a region belongs to its best object.
        negative: Below this IoU it is background.
        rescue: An object that no region reaches takes those nearest to it, from this IoU on; ``None``: it does not.

    Returns:
        (regions,) int64 indices of objects.
    """
    if len(overlap) == 0:
        return torch.full(overlap.shape[1:], BACKGROUND, device=overlap.device)
    best, which = overlap.max(0)
    assigned = torch.where(best >= positive, which, torch.where(best < negative, BACKGROUND, IGNORED))
    if rescue is None:
        return assigned
    nearest = overlap.max(1, keepdim=True).values
    claimed = (overlap == nearest) & (nearest >= rescue)
    numbers = torch.arange(len(overlap), device=overlap.device)[:, None]
    last = torch.where(claimed, numbers, -1).max(0).values  # of several claims the last object's holds
    return torch.where(last >= 0, last, assigned)


def sample(assigned: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    """Draw regions at random (torch's generator): indices of at most ``share · count`` positives, and of negatives."""
    positives, negatives = (assigned >= 0).nonzero()[:, 0], (assigned == BACKGROUND).nonzero()[:, 0]
    positives = _drawn(positives, int(count * share))
    return positives, _drawn(negatives, count - len(positives))


def _drawn(indices: Tensor, count: int) -> Tensor:
    if len(indices) <= count:
        return indices
    return indices[torch.randperm(len(indices), device=indices.device)[:count]]
