"""SSD_Lite: SSD (Liu et al. 2016) with depthwise separable heads (Sandler et al. 2018, section 6.2).

On MobileNetV2, as published, or on EfficientNet-Lite0.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from MMEdu.models.backbones import EfficientNetLite0, Freezable, MobileNetV2
from MMEdu.models.blocks import conv_block, draw_weights, relu6, slow_norm
from MMEdu.models.detection.parts.anchors import SSD_RATIOS, ssd_anchors
from MMEdu.models.detection.parts.assign import Annotated, by_overlap, concatenated
from MMEdu.models.detection.parts.boxes import decode_deltas, encode_deltas
from MMEdu.models.detection.parts.one_stage import OneStage, per_anchor, size, sizes

_MOBILENET_TAPS, _MOBILENET_TAPPED = (13, 18), (96, 1280)
_EFFICIENTNET_TAPS, _EFFICIENTNET_TAPPED = (5, 8), (112, 1280)
"""Layers of the backbones whose maps of strides 16 and 32 are looked at, and how many channels these have."""
_EXTRA = (512, 256, 256, 128)
_ANCHORS = 2 + 2 * len(SSD_RATIOS)
_STDS = (0.1, 0.1, 0.2, 0.2)
_POSITIVE_IOU = 0.5
_NEGATIVES = 3
"""Negatives that are learned for each positive."""


def _separable(inputs: int, outputs: int, *, stride: int = 1) -> nn.Sequential:
    depthwise = conv_block(inputs, inputs, 3, stride=stride, groups=inputs, norm=slow_norm, activation=relu6)
    return nn.Sequential(depthwise, conv_block(inputs, outputs, 1, norm=slow_norm, activation=relu6))


def _extra_level(inputs: int, outputs: int) -> nn.Sequential:
    """Halve the map."""
    narrow = conv_block(inputs, outputs // 2, 1, norm=slow_norm, activation=relu6)
    return nn.Sequential(narrow, _separable(outputs // 2, outputs, stride=2))


def _predictor(inputs: int, outputs: int) -> nn.Sequential:
    depthwise = conv_block(inputs, inputs, 3, groups=inputs, norm=slow_norm, activation=relu6)
    return nn.Sequential(depthwise, nn.Conv2d(inputs, outputs, 1))


class SSDLite(OneStage):
    """SSD_Lite in the form ssdlite_mobilenetv2_scratch_600e_coco, for inputs of 320 × 320; others work too.

    Background is the last class of its softmax.

    Args:
        num_classes: Without background.
        backbone: Gives maps of strides 16 and 32.
        tapped: Their channels.
    """

    score_threshold = 0.02
    max_detections = 200

    def __init__(self, num_classes: int, backbone: Freezable, tapped: Sequence[int]) -> None:
        super().__init__(backbone, num_classes)
        channels = (*tapped, *_EXTRA)
        pairs = pairwise(channels[1:])
        self.extra = nn.ModuleList(_extra_level(inputs, outputs) for inputs, outputs in pairs)
        self.cls_convs = nn.ModuleList(_predictor(width, _ANCHORS * (num_classes + 1)) for width in channels)
        self.reg_convs = nn.ModuleList(_predictor(width, _ANCHORS * 4) for width in channels)
        for part, std in ((self.backbone, 0.03), (self.extra, 0.03), (self.cls_convs, 1e-3), (self.reg_convs, 1e-3)):
            draw_weights(part, std)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map images (N, 3, H, W) to logits (N, A, classes + 1), deltas (N, A, 4) and the anchors (A, 4)."""
        large = self.backbone(images)
        # In float32 whatever the precision: they cost next to nothing, and convolutions of some pixels in bfloat16 gave
        # gradients that are no numbers now and then (torch 2.13 on a CPU).
        with torch.autocast(images.device.type, enabled=False):
            small = self._small_maps(large[-1].float())
            predicted = [self._predicted(x, len(large) + i) for i, x in enumerate(small)]
        maps = [*large, *small]
        predicted = [*(self._predicted(x, i) for i, x in enumerate(large)), *predicted]
        logits = per_anchor([scores for scores, _ in predicted], self.num_classes + 1)
        deltas = per_anchor([boxes for _, boxes in predicted], 4)
        anchors = torch.from_numpy(ssd_anchors(size(images), sizes(maps))).to(images.device)
        return logits, deltas, anchors

    def _small_maps(self, last: Tensor) -> list[Tensor]:
        maps = []
        for level in self.extra:
            last = level(last)
            maps.append(last)
        return maps

    def _predicted(self, features: Tensor, level: int) -> tuple[Tensor, Tensor]:
        """Map the features of a level to its logits and deltas."""
        return self.cls_convs[level](features), self.reg_convs[level](features)

    def losses(self, images: Tensor, targets: Sequence[Annotated]) -> dict[str, Tensor]:
        """Return ``loss_cls`` and ``loss_bbox`` (Liu et al. 2016, equations 1 to 3).

        Args:
            images: (N, 3, H, W), normalised.
            targets: Of each picture; one without boxes counts for nothing.
        """
        logits, deltas, anchors = self(images)
        with torch.autocast(images.device.type, enabled=False):
            return self._losses(logits, deltas, anchors, targets)

    def _losses(
        self, logits: Tensor, deltas: Tensor, anchors: Tensor, targets: Sequence[Annotated]
    ) -> dict[str, Tensor]:
        boxes, labels, counts = concatenated(targets)
        assigned = by_overlap(anchors, boxes, counts, _POSITIVE_IOU)
        positive = assigned >= 0
        picture, anchor = positive.nonzero().unbind(1)
        box = assigned[picture, anchor]
        target = torch.full_like(assigned, self.num_classes)
        target[picture, anchor] = labels[box]
        cross = functional.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none").view_as(target)
        learned = positive | hardest(cross.detach(), positive, _NEGATIVES)
        smooth = functional.smooth_l1_loss(
            deltas[picture, anchor], encode_deltas(anchors[anchor], boxes[box], _STDS), reduction="sum"
        )
        # A picture without any positive still counts as one, as in the original.
        share = positive.sum(1).clamp(min=1).sum()
        return {"loss_cls": (cross * learned).sum() / share, "loss_bbox": smooth / share}

    def decoded(self, images: Tensor, *, thresholds: bool) -> tuple[Tensor, Tensor]:  # noqa: ARG002 — none here
        """Map images (N, 3, H, W) to boxes (N, A, 4), cut at the picture's edges, and scores (N, A, classes)."""
        logits, deltas, anchors = self(images)
        boxes = decode_deltas(anchors, deltas, _STDS)
        height, width = size(images)
        boxes = boxes.clamp(min=0)
        if height == width:
            boxes = boxes.clamp(max=width)
        else:
            boxes = torch.minimum(boxes, boxes.new_tensor([width, height, width, height]))
        return boxes, logits.softmax(-1)[..., : self.num_classes]


@torch.no_grad()
def hardest(losses: Tensor, positive: Tensor, ratio: int) -> Tensor:
    """Choose the negatives with the largest losses, so many per positive (hard negative mining, section 2.2).

    Args:
        losses: (N, A).
        positive: (N, A) bool.
        ratio: Negatives for each positive of the same picture; so many for a picture without any.

    Returns:
        (N, A) bool.
    """
    # A picture without any object teaches what is none: it counts as if it had one.
    count = (positive.sum(1, keepdim=True).clamp(min=1) * ratio).clamp(max=losses.shape[1])
    most = int(count.max())
    # One sort for the batch: of each picture's hardest, the first `count` are taken.
    order = losses.masked_fill(positive, -1).topk(most, 1).indices
    chosen = torch.zeros_like(positive)
    chosen.scatter_(1, order, torch.arange(most, device=losses.device) < count)
    return chosen & ~positive


def ssd_lite(num_classes: int) -> SSDLite:
    """Build SSD_Lite with fresh weights."""
    return SSDLite(num_classes, MobileNetV2(_MOBILENET_TAPS, slow_norm), _MOBILENET_TAPPED)


def ssd_efficientnet_lite0(num_classes: int) -> SSDLite:
    """Build SSD_Lite's heads on EfficientNet-Lite0 with fresh weights."""
    return SSDLite(num_classes, EfficientNetLite0(_EFFICIENTNET_TAPS), _EFFICIENTNET_TAPPED)
