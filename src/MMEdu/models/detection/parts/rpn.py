"""The first stage of two-stage detectors: anchors, and which of them may hold something (Ren et al. 2015).

The conventions are those of MMDetection 2.x: corners as edges in pixels, anchors neither rounded nor shifted to the
centres of their cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from MMEdu.models.detection.parts.assign import by_thresholds, sample
from MMEdu.models.detection.parts.boxes import clip, decode_deltas, encode_deltas, iou
from MMEdu.models.detection.parts.resnet_fpn import CHANNELS, STRIDES
from MMEdu.models.torchvision_bridge import torchvision

RATIOS = (0.5, 1.0, 2.0)
SCALE = 8
_STDS = (1.0, 1.0, 1.0, 1.0)
_SAMPLES, _POSITIVE_SHARE = 256, 0.5
_NMS_IOU = 0.7


def anchors_of_level(height: int, width: int, stride: int, device: torch.device | None = None) -> Tensor:
    """Return the anchors of one level: (height · width · 3, 4), row by row, the ratios of a cell together."""
    root = torch.tensor(RATIOS).sqrt()  # ratio is height / width
    half = SCALE * stride / 2
    base = torch.stack((-half / root, -half * root, half / root, half * root), 1)
    y, x = torch.meshgrid(torch.arange(height) * stride, torch.arange(width) * stride, indexing="ij")
    corners = torch.stack((x, y, x, y), -1).reshape(-1, 1, 4)
    return (corners + base).reshape(-1, 4).to(device)


@dataclass(frozen=True)
class Proposals:
    """How many regions the first stage passes on.

    Attributes:
        per_level: The best of each level, before NMS.
        total: The best of all levels, after it.
    """

    per_level: int
    total: int


class RegionProposals(nn.Module):
    """Region proposal network: where something is, whatever it is (Ren et al. 2015; sigmoid objectness)."""

    def __init__(self, training_proposals: Proposals, proposals: Proposals) -> None:
        super().__init__()
        self.head = torchvision().models.detection.rpn.RPNHead(CHANNELS, len(RATIOS))
        self.training_proposals, self.proposals = training_proposals, proposals

    def forward(self, features: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return per level objectness logits (N, A) and deltas (N, A, 4) of all anchors."""
        logits, deltas = self.head(list(features))
        flat = [x.permute(0, 2, 3, 1).flatten(1) for x in logits]
        return flat, [x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, 4) for x in deltas]

    @staticmethod
    def anchors(features: Sequence[Tensor]) -> list[Tensor]:
        """Return per level the anchors (A, 4)."""
        shapes = [(int(f.shape[-2]), int(f.shape[-1]), f.device) for f in features]
        return [anchors_of_level(h, w, s, device) for (h, w, device), s in zip(shapes, STRIDES, strict=True)]

    def losses(
        self, logits: Sequence[Tensor], deltas: Sequence[Tensor], anchors: Sequence[Tensor], objects: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """Return ``loss_rpn_cls`` and ``loss_rpn_bbox`` for objects, per picture (n, 4)."""
        all_scores, all_deltas, all_anchors = (
            torch.cat(list(logits), 1),
            torch.cat(list(deltas), 1),
            torch.cat(list(anchors)),
        )
        # Tied to the network even where nothing is sampled: several processes wait for every gradient.
        cls, box, total = all_scores.sum() * 0, all_deltas.sum() * 0, 0
        for scores, changes, boxes in zip(all_scores, all_deltas, objects, strict=True):
            assigned = by_thresholds(iou(boxes, all_anchors), 0.7, 0.3, rescue=0.3)
            positive, negative = sample(assigned, _SAMPLES, _POSITIVE_SHARE)
            # softplus(-x) and softplus(x) are the cross entropies of sigmoid(x) with 1 and with 0.
            cls = cls + functional.softplus(-scores[positive]).sum() + functional.softplus(scores[negative]).sum()
            target = encode_deltas(all_anchors[positive], boxes[assigned[positive]], _STDS)
            box = box + (changes[positive] - target).abs().sum()
            total += len(positive) + len(negative)
        return {"loss_rpn_cls": cls / max(total, 1), "loss_rpn_bbox": box / max(total, 1)}

    @torch.no_grad()
    def propose(
        self,
        logits: Sequence[Tensor],
        deltas: Sequence[Tensor],
        anchors: Sequence[Tensor],
        size: tuple[int, int],
        threshold: float = 0.0,
    ) -> Tensor:
        """Choose the regions of one picture: (K, 4), the most promising first.

        Args:
            logits: Per level (A,).
            deltas: Per level (A, 4).
            anchors: Per level (A, 4).
            size: (height, width) of the picture.
            threshold: Regions below this objectness are left out.
        """
        # Levels are suppressed apart: what is small and what is large at one spot are different things.
        limits = self.training_proposals if self.training else self.proposals
        levels = [
            self._of_level(*level, size, threshold, limits.per_level)
            for level in zip(logits, deltas, anchors, strict=True)
        ]
        regions, scores = torch.cat([r for r, _ in levels]), torch.cat([s for _, s in levels])
        return regions[scores.sort(descending=True).indices[: limits.total]]

    @staticmethod
    def _of_level(
        logits: Tensor, deltas: Tensor, anchors: Tensor, size: tuple[int, int], threshold: float, limit: int
    ) -> tuple[Tensor, Tensor]:
        best = logits.float().sigmoid().topk(min(limit, len(anchors)))
        regions = clip(decode_deltas(anchors[best.indices], deltas[best.indices].float(), _STDS), size)
        valid = ((regions[:, 2:] - regions[:, :2]) > 0).all(1)  # some lay wholly outside
        if threshold > 0:
            valid = valid & (best.values >= threshold)
        regions, scores = regions[valid], best.values[valid]
        chosen = torchvision().ops.nms(regions, scores, _NMS_IOU)
        return regions[chosen], scores[chosen]
