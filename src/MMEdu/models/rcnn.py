"""FasterRCNN and Mask_RCNN on ResNet-50 with a feature pyramid (Ren et al. 2015, He et al. 2017, Lin et al. 2017).

The registry builds them. They follow the conventions of MMDetection 2.x's ``*_rcnn_r50_fpn_1x_coco``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from MMEdu.models import rcnn_boxes as boxes_of
from MMEdu.models.rcnn_masks import MaskHead, paste
from MMEdu.models.rcnn_parts import STRIDES, BoxHead, Proposals, Pyramid, RegionProposals, ResNet50
from MMEdu.models.rcnn_pool import pool
from MMEdu.models.torchvision_bridge import torchvision

__all__ = ["FasterRCNN", "Mask_RCNN", "paste"]

# The originals' 2000 and 1000 of a level, 1000 after NMS; fewer, where a CPU would notice and the answer would not.
TRAINING_PROPOSALS = Proposals(per_level=1000, total=1000)
PROPOSALS = Proposals(per_level=1000, total=300)
PUBLISHED_PROPOSALS = Proposals(per_level=1000, total=1000)
_REGIONS, _POSITIVE_SHARE = 512, 0.25
NMS_IOU = 0.5


class Objects(Protocol):
    """What is in a picture: boxes (n, 4), labels (n,), and for Mask_RCNN masks (n, H, W)."""

    @property
    def boxes(self) -> Tensor: ...
    @property
    def labels(self) -> Tensor: ...
    @property
    def masks(self) -> Tensor | None: ...


@dataclass(frozen=True)
class _Regions:
    """Sampled regions of a batch: rois (K, 5), labels (K,), goals (K, 4), numbers of their objects (K,)."""

    rois: Tensor
    labels: Tensor
    goals: Tensor
    objects: Tensor


class FasterRCNN(nn.Module):
    """Two-stage detector: regions that may hold something, then what they hold.

    Args:
        num_classes: Without background.
        norm_eval: Whether the backbone's batch normalisation keeps its statistics in training.
    """

    def __init__(self, num_classes: int, *, norm_eval: bool = True) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.backbone = ResNet50(norm_eval=norm_eval)
        self.neck = Pyramid()
        self.rpn = RegionProposals(TRAINING_PROPOSALS, PROPOSALS)
        self.bbox_head = BoxHead(num_classes)

    def freeze(self, stages: int) -> None:
        """Keep the backbone's stem and first ``stages`` (0–4) stages as they are; -1 frees all."""
        self.backbone.freeze(stages)

    def as_published(self) -> None:
        """Judge as many regions as the published configuration: its very answers, for half as much time again."""
        self.rpn.proposals = PUBLISHED_PROPOSALS

    def forward(self, images: Tensor) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """Map images (N, 3, H, W), sides multiples of 32, to features, objectness and deltas of five levels."""
        features: list[Tensor] = self.neck(self.backbone(images))
        logits, deltas = self.rpn(features)
        return features, logits, deltas

    def losses(self, images: Tensor, targets: Sequence[Objects]) -> dict[str, Tensor]:
        """Return the losses of a batch, and ``acc``: the percentage of regions whose class is right."""
        features, logits, deltas = self(images)
        anchors = self.rpn.anchors(features)
        losses: dict[str, Tensor] = self.rpn.losses(logits, deltas, anchors, [t.boxes for t in targets])
        found = self._proposals(images, logits, deltas, anchors)
        regions = self._sampled(found, targets)
        scores, changes = self.bbox_head(pool(features, regions.rois, BoxHead.bins))
        box = self.bbox_head.losses(scores, changes, regions.rois[:, 1:], regions.labels, regions.goals)
        return {**losses, **box, **self._further_losses(features, regions, targets)}

    def _further_losses(
        self, features: Sequence[Tensor], regions: _Regions, targets: Sequence[Objects]
    ) -> dict[str, Tensor]:
        del features, regions, targets
        return {}

    def _proposals(
        self,
        images: Tensor,
        logits: Sequence[Tensor],
        deltas: Sequence[Tensor],
        anchors: Sequence[Tensor],
        threshold: float = 0.0,
    ) -> list[Tensor]:
        """Choose regions in every picture of a batch."""
        size = (int(images.shape[2]), int(images.shape[3]))
        return [
            self.rpn.propose([x[i] for x in logits], [x[i] for x in deltas], anchors, size, threshold)
            for i in range(int(images.shape[0]))
        ]

    @torch.no_grad()
    def _sampled(self, found: Sequence[Tensor], targets: Sequence[Objects]) -> _Regions:
        """Give regions their objects and draw those to learn from; the objects' own boxes are among them."""
        rois, labels, goals, objects = [], [], [], []
        before = 0
        for i, (regions, target) in enumerate(zip(found, targets, strict=True)):
            there = target.boxes.to(regions)
            regions = torch.cat((there, regions))
            given = boxes_of.assign(boxes_of.iou(there, regions), 0.5, 0.5, rescue=None)
            positive, negative = boxes_of.sample(given, _REGIONS, _POSITIVE_SHARE)
            chosen = torch.cat((positive, negative))
            rois.append(torch.cat((regions.new_full((len(chosen), 1), i), regions[chosen]), 1))
            background = target.labels.new_full((len(negative),), self.num_classes)
            labels.append(torch.cat((target.labels[given[positive]], background)))
            goals.append(torch.cat((there[given[positive]], regions[negative])))
            objects.append(torch.where(given[chosen] >= 0, given[chosen] + before, -1))
            before += len(there)
        return _Regions(torch.cat(rois), torch.cat(labels), torch.cat(goals), torch.cat(objects))

    def _classified(
        self, features: Sequence[Tensor], regions: Tensor, size: tuple[int, int], score_threshold: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return boxes (k, 4), scores (k,), labels (k,) of one picture's objects, the surest first."""
        scores, changes = self.bbox_head(pool(features, _of_one(regions), BoxHead.bins))
        boxes = boxes_of.decode(regions[:, None], changes.float(), BoxHead.stds, size)
        likely = scores.float().softmax(1)[:, :-1]
        region, label = (likely > score_threshold).nonzero().unbind(1)
        boxes, likely = boxes[region, label], likely[region, label]
        apart = boxes + (label * (max(size) + 1)).to(boxes)[:, None]  # no two classes overlap
        kept = torchvision().ops.nms(apart, likely, NMS_IOU)
        return boxes[kept], likely[kept], label[kept]

    @torch.inference_mode()
    def detect(
        self,
        images: Tensor,
        *,
        score_threshold: float = 0.05,
        max_detections: int = 100,
        rpn_threshold: float = 0.0,
    ) -> list[Tensor]:
        """Find objects.

        Args:
            images: (N, 3, H, W).
            score_threshold: Objects below are left out.
            max_detections: At most so many in a picture.
            rpn_threshold: Regions below this objectness are not looked at.

        Returns:
            For each picture (k, 6): x1, y1, x2, y2 in pixels of the input, score, label; the surest first.
        """
        return self._detected(images, score_threshold, max_detections, rpn_threshold)[1]

    def _detected(
        self, images: Tensor, score_threshold: float, max_detections: int, rpn_threshold: float
    ) -> tuple[list[Tensor], list[Tensor]]:
        features, logits, deltas = self(images)
        size = (int(images.shape[2]), int(images.shape[3]))
        found = self._proposals(images, logits, deltas, self.rpn.anchors(features), rpn_threshold)
        rows = []
        for i, regions in enumerate(found):
            own = [feature[i : i + 1] for feature in features]
            boxes, scores, labels = self._classified(own, regions, size, score_threshold)
            rows.append(torch.cat((boxes, scores[:, None], labels[:, None].to(boxes)), 1)[:max_detections])
        return features, rows

    def export_head(self, *, score_threshold: float = 0.05, max_detections: int = 100) -> nn.Module:
        """Return what is exported: images (1, 3, H, W) to ``dets`` (1, K, 5) and ``labels`` (1, K).

        The surest object comes first; K may be 0, and is ``max_detections`` at most.
        """
        return _Exported(self, score_threshold, max_detections)


class Mask_RCNN(FasterRCNN):  # noqa: N801 - the documents' name
    """FasterRCNN that also tells which pixels belong to each object."""

    def __init__(self, num_classes: int, *, norm_eval: bool = True) -> None:
        super().__init__(num_classes, norm_eval=norm_eval)
        self.mask_head = MaskHead(num_classes)

    def _further_losses(
        self, features: Sequence[Tensor], regions: _Regions, targets: Sequence[Objects]
    ) -> dict[str, Tensor]:
        """Return ``loss_mask`` of the positive regions in pictures whose masks are known."""
        known = regions.labels.new_tensor([target.masks is not None for target in targets])
        of_known = known[regions.rois[:, 0].long()] > 0
        positive = ((regions.labels < self.num_classes) & of_known).nonzero()[:, 0]
        rois, labels, objects = regions.rois[positive], regions.labels[positive], regions.objects[positive]
        logits = self.mask_head(pool(features, rois, MaskHead.bins))
        size = [side * STRIDES[0] for side in features[0].shape[2:]]
        masks = [rois.new_zeros((len(t.boxes), *size)) if t.masks is None else t.masks.to(rois) for t in targets]
        return {"loss_mask": self.mask_head.loss(logits, rois[:, 1:], labels, torch.cat(masks), objects)}

    @torch.inference_mode()
    def segment(
        self,
        images: Tensor,
        *,
        score_threshold: float = 0.05,
        max_detections: int = 100,
        rpn_threshold: float = 0.0,
    ) -> list[tuple[Tensor, Tensor]]:
        """Find objects as ``detect`` does, with their masks.

        Returns:
            For each picture the rows (k, 6) and probabilities (k, 28, 28) inside the boxes; ``paste`` draws them.
        """
        features, rows = self._detected(images, score_threshold, max_detections, rpn_threshold)
        return [
            (found, self.masks([f[i : i + 1] for f in features], found[:, :4], found[:, 5].long()))
            for i, found in enumerate(rows)
        ]

    def masks(self, features: Sequence[Tensor], boxes: Tensor, labels: Tensor) -> Tensor:
        """Return probabilities (k, 28, 28) in the boxes (k, 4) of one picture, each for its own label."""
        logits = self.mask_head(pool(features, _of_one(boxes), MaskHead.bins))
        index = labels[:, None, None, None].expand(-1, 1, MaskHead.side, MaskHead.side)
        own: Tensor = logits.float().gather(1, index)[:, 0]
        return own.sigmoid()

    def export_head(
        self, *, score_threshold: float = 0.05, max_detections: int = 100, masks: bool = False
    ) -> nn.Module:
        """Return what is exported; with ``masks`` a third output (1, K, 28, 28) holds probabilities."""
        return _Exported(self, score_threshold, max_detections, masks=masks)


class _Exported(nn.Module):
    """A network with its post-processing, for one picture of a fixed size; traceable at opset 11."""

    def __init__(self, network: FasterRCNN, score_threshold: float, max_detections: int, *, masks: bool = False):
        super().__init__()
        self.network = network
        self.training = network.training  # the exporter puts everything back into the mode of the outermost module
        self.score_threshold, self.max_detections, self.masks = score_threshold, max_detections, masks

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Map images (1, 3, H, W) to ``dets``, ``labels`` and, where asked for, ``masks``."""
        network = self.network
        features, logits, deltas = network(images)
        size = (int(images.shape[2]), int(images.shape[3]))
        regions = network._proposals(images, logits, deltas, network.rpn.anchors(features))[0]
        boxes, scores, labels = network._classified(features, regions, size, self.score_threshold)
        best = scores.sort(descending=True).indices[: self.max_detections]
        dets, numbers = torch.cat((boxes, scores[:, None]), 1)[best], labels[best]
        if not self.masks:
            return dets[None], numbers[None]
        assert isinstance(network, Mask_RCNN)
        return dets[None], numbers[None], network.masks(features, dets[:, :4], numbers)[None]


def _of_one(boxes: Tensor) -> Tensor:
    """Put the number of the only picture before boxes (K, 4): (K, 5)."""
    return torch.cat((torch.zeros_like(boxes[:, :1]), boxes), 1)


def total(losses: Mapping[str, Tensor]) -> Tensor:
    """Add what is a loss (``acc`` is none)."""
    return torch.stack([value for name, value in losses.items() if "loss" in name]).sum()
