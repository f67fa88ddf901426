"""FasterRCNN on ResNet-50 with a feature pyramid (Ren et al. 2015, Lin et al. 2017).

It follows the conventions of MMDetection 2.x's ``faster_rcnn_r50_fpn_1x_coco``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from MMEdu.models.detection.parts.assign import by_thresholds, sample
from MMEdu.models.detection.parts.box_head import BoxHead
from MMEdu.models.detection.parts.boxes import clip, decode_deltas, iou
from MMEdu.models.detection.parts.resnet_fpn import Pyramid, ResNet50
from MMEdu.models.detection.parts.roi_pool import pool, rois_of_one_picture
from MMEdu.models.detection.parts.rpn import Proposals, RegionProposals
from MMEdu.models.torchvision_bridge import torchvision

# The originals' 2000 and 1000 of a level, 1000 after NMS; fewer, where a CPU would notice and the answer would not.
TRAINING_PROPOSALS = Proposals(per_level=1000, total=1000)
PROPOSALS = Proposals(per_level=1000, total=300)
PUBLISHED_PROPOSALS = Proposals(per_level=1000, total=1000)
_REGIONS, _POSITIVE_SHARE, _POSITIVE_IOU = 512, 0.25, 0.5
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
class SampledRegions:
    """Sampled regions of a batch: rois (K, 5), labels (K,), goals (K, 4), numbers of their objects (K,)."""

    rois: Tensor
    labels: Tensor
    goals: Tensor
    objects: Tensor


class FasterRCNN(nn.Module):
    """Two-stage detector: regions that may hold an object, then their classes and boxes.

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
        """Classify as many regions as the published configuration: its very results, for half as much time again."""
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
        regions = self._sampled(self._proposals(images, logits, deltas, anchors), targets)
        scores, changes = self.bbox_head(pool(features, regions.rois, BoxHead.bins))
        box = self.bbox_head.losses(scores, changes, regions.rois[:, 1:], regions.labels, regions.goals)
        return {**losses, **box, **self.further_losses(features, regions, targets)}

    def further_losses(
        self, features: Sequence[Tensor], regions: SampledRegions, targets: Sequence[Objects]
    ) -> dict[str, Tensor]:
        """Return the losses of further heads; there are none here."""
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
    def _sampled(self, proposals: Sequence[Tensor], targets: Sequence[Objects]) -> SampledRegions:
        """Assign regions to objects and draw those to learn from; the objects' own boxes are among them."""
        rois, labels, goals, objects = [], [], [], []
        before = 0  # objects of the pictures before: the masks of a batch lie behind each other
        for i, (regions, target) in enumerate(zip(proposals, targets, strict=True)):
            boxes = target.boxes.to(regions)
            # At first no proposal hits anything; with the true boxes the second stage learns from the first step on.
            regions = torch.cat((boxes, regions))
            assigned = by_thresholds(iou(boxes, regions), _POSITIVE_IOU, _POSITIVE_IOU, rescue=None)
            positive, negative = sample(assigned, _REGIONS, _POSITIVE_SHARE)
            chosen = torch.cat((positive, negative))
            rois.append(torch.cat((regions.new_full((len(chosen), 1), i), regions[chosen]), 1))
            background = target.labels.new_full((len(negative),), self.num_classes)
            labels.append(torch.cat((target.labels[assigned[positive]], background)))
            goals.append(torch.cat((boxes[assigned[positive]], regions[negative])))
            objects.append(torch.where(assigned[chosen] >= 0, assigned[chosen] + before, -1))
            before += len(boxes)
        return SampledRegions(torch.cat(rois), torch.cat(labels), torch.cat(goals), torch.cat(objects))

    def _classified(
        self, features: Sequence[Tensor], regions: Tensor, size: tuple[int, int], score_threshold: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return boxes (k, 4), scores (k,), labels (k,) of one picture's objects, the highest score first."""
        logits, deltas = self.bbox_head(pool(features, rois_of_one_picture(regions), BoxHead.bins))
        boxes = clip(decode_deltas(regions[:, None], deltas.float(), BoxHead.stds), size)
        scores = logits.float().softmax(1)[:, :-1]  # background is the last
        region, label = (scores > score_threshold).nonzero().unbind(1)
        boxes, scores = boxes[region, label], scores[region, label]
        apart = boxes + (label * (max(size) + 1)).to(boxes)[:, None]  # no two classes overlap
        chosen = torchvision().ops.nms(apart, scores, NMS_IOU)
        return boxes[chosen], scores[chosen], label[chosen]

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
            For each picture (k, 6): x1, y1, x2, y2 in pixels of the input, score, label; the highest score first.
        """
        return self.detected_with_features(images, score_threshold, max_detections, rpn_threshold)[1]

    def detected_with_features(
        self, images: Tensor, score_threshold: float, max_detections: int, rpn_threshold: float
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Return the features of five levels and, for each picture, the rows (k, 6) of ``detect``."""
        features, logits, deltas = self(images)
        size = (int(images.shape[2]), int(images.shape[3]))
        proposals = self._proposals(images, logits, deltas, self.rpn.anchors(features), rpn_threshold)
        rows = []
        for i, regions in enumerate(proposals):
            of_picture = [feature[i : i + 1] for feature in features]
            boxes, scores, labels = self._classified(of_picture, regions, size, score_threshold)
            rows.append(torch.cat((boxes, scores[:, None], labels[:, None].to(boxes)), 1)[:max_detections])
        return features, rows

    def export_head(self, *, score_threshold: float = 0.05, max_detections: int = 100) -> nn.Module:
        """Return what is exported: images (1, 3, H, W) to ``dets`` (1, K, 5) and ``labels`` (1, K).

        The highest score comes first; K may be 0, and is ``max_detections`` at most.
        """
        return ExportedTwoStage(self, score_threshold, max_detections)


class ExportedTwoStage(nn.Module):
    """A network with its post-processing, for one picture of a fixed size; traceable at opset 11.

    Args:
        network: The detector.
        score_threshold: Objects below are left out.
        max_detections: At most so many in a picture.
        masks: Maps features, boxes (k, 4) and labels (k,) to a third output; None for two outputs.
    """

    def __init__(
        self,
        network: FasterRCNN,
        score_threshold: float,
        max_detections: int,
        masks: Callable[[Sequence[Tensor], Tensor, Tensor], Tensor] | None = None,
    ) -> None:
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
        # ONNX's NonMaxSuppression promises no order, so what is exported sorts once more.
        best = scores.sort(descending=True).indices[: self.max_detections]
        dets, numbers = torch.cat((boxes, scores[:, None]), 1)[best], labels[best]
        if self.masks is None:
            return dets[None], numbers[None]
        return dets[None], numbers[None], self.masks(features, dets[:, :4], numbers)[None]


def total(losses: Mapping[str, Tensor]) -> Tensor:
    """Add what is a loss (``acc`` is none)."""
    return torch.stack([value for name, value in losses.items() if "loss" in name]).sum()
