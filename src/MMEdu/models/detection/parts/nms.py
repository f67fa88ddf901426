"""Non-maximum suppression on the processor: of all boxes, or within each class until enough are left.

``operators`` gives the first torchvision's name, where its compiled one does not load.
"""

from __future__ import annotations

import torch
from torch import Tensor

from MMEdu.models.detection.parts.boxes import iou

# Boxes that are settled at once: the largest matrix of overlaps has this many rows and columns.
_BLOCK = 256


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Keep the best of overlapping boxes, as ``torchvision.ops.nms`` does.

    Boxes are taken by falling score (equal scores in their order); one that overlaps a kept one by an IoU above the
    threshold goes. An IoU that is no number (two boxes without area) is no overlap.

    Args:
        boxes: (N, 4) x1, y1, x2, y2.
        scores: (N,).
        iou_threshold: Between 0 and 1.

    Returns:
        Indices of the kept boxes by falling score, int64.

    Raises:
        ValueError: The shapes do not fit.
    """
    if boxes.ndim != 2 or boxes.shape[1] != 4 or scores.shape != boxes.shape[:1]:
        raise ValueError(f"boxes (N, 4) and scores (N,) expected, got {tuple(boxes.shape)} and {tuple(scores.shape)}")
    return _suppressed(boxes, scores, None, iou_threshold, len(boxes))


def class_aware_nms(boxes: Tensor, scores: Tensor, labels: Tensor, iou_threshold: float, most: int) -> Tensor:
    """Do the same among the boxes of each class, until enough are kept.

    Args:
        boxes: (N, 4), x1, y1, x2, y2.
        scores: (N,).
        labels: (N,); boxes of different classes never suppress each other.
        iou_threshold: A box is dropped when its IoU with a better one that was kept is larger.
        most: At most so many are kept.

    Returns:
        (K,) indices, the highest score first.
    """
    return _suppressed(boxes, scores, labels, iou_threshold, most)


@torch.no_grad()
def _suppressed(boxes: Tensor, scores: Tensor, labels: Tensor | None, iou_threshold: float, most: int) -> Tensor:
    """Go through the boxes block by block, the best first, and return the indices of at most ``most`` kept ones."""
    order = torch.sort(scores.detach(), stable=True, descending=True).indices
    # On the processor whatever the device: each round below needs the answer of the one before.
    ranked = boxes.detach()[order].cpu()
    ranked = ranked if ranked.dtype == torch.float64 else ranked.float()
    classes = None if labels is None else labels.detach()[order].cpu()
    candidates = torch.arange(len(ranked))
    survivors: list[Tensor] = []
    count = 0
    while len(candidates) and count < most:
        head, tail = candidates[:_BLOCK], candidates[_BLOCK:]
        head = head[_survivors(_overlapping(ranked, classes, head, head, iou_threshold).triu_(1))]
        survivors.append(head)
        count += len(head)
        if count < most:
            candidates = tail[~_suppressed_by(ranked, classes, head, tail, iou_threshold)]
    indices = torch.cat(survivors)[:most] if survivors else candidates
    return order[indices.to(order.device)]


def _survivors(suppresses: Tensor) -> Tensor:
    """Find which boxes (N,) stay where row i says whom box i suppresses (columns after i only).

    Starting from "all stay", each round recomputes everybody from the round before; after round n the first n are
    right, and two equal rounds are the answer. Rounds are as many as the longest chain of suppressions.
    """
    stay = torch.ones(len(suppresses), dtype=torch.bool)
    while True:
        after = ~suppresses[stay].any(0)
        if torch.equal(after, stay):
            return stay
        stay = after


def _suppressed_by(
    ranked: Tensor, classes: Tensor | None, some: Tensor, others: Tensor, iou_threshold: float
) -> Tensor:
    """Which of the others (M,) overlap any of some boxes; in pieces that stay in the processor's cache."""
    pieces = others.split(_BLOCK)  # type: ignore[no-untyped-call]
    return torch.cat([_overlapping(ranked, classes, some, piece, iou_threshold).any(0) for piece in pieces])


def _overlapping(ranked: Tensor, classes: Tensor | None, some: Tensor, others: Tensor, iou_threshold: float) -> Tensor:
    """Tell for every pair of indices (N,) and (M,) whether their boxes' IoU is above the threshold: (N, M) bool."""
    # In float64, so that the threshold is not rounded: an IoU of exactly 0.3 in float32 is above 0.3, as torchvision
    # has it.
    above = iou(ranked[some], ranked[others]).double() > iou_threshold
    return above if classes is None else above.logical_and_(classes[some, None] == classes[others])
