"""YOLOv3 (Redmon & Farhadi 2018) on Darknet-53, and its light form on MobileNetV2."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from MMEdu.models.backbones import Darknet53, Freezable, MobileNetV2
from MMEdu.models.blocks import BatchNorm, conv_block, draw_weights
from MMEdu.models.detection.parts.anchors import YOLO_ANCHORS, YOLO_STRIDES, Size, yolo_anchors
from MMEdu.models.detection.parts.assign import IGNORED, Annotated, by_cell, concatenated
from MMEdu.models.detection.parts.boxes import decode_cells, encode_cells
from MMEdu.models.detection.parts.one_stage import OneStage, per_anchor, sizes

_PER_CELL = 3
_IOU = 0.5
_BOX_WEIGHT = 2.0
_BATCH = 8
"""The original adds the losses of all pictures up, eight in a batch: so is the mean per picture here, times eight."""
_LIGHT_TAPS = (6, 13, 17)
_CLASS_THRESHOLD = 0.05
_CONFIDENCE_THRESHOLD = 0.005


@dataclass(frozen=True)
class Widths:
    """Channels of each level, the coarsest (stride 32) first.

    Attributes:
        backbone: Of the backbone's maps.
        neck: Of the neck's maps.
        head: Of the convolution before the prediction.
    """

    backbone: tuple[int, int, int]
    neck: tuple[int, int, int]
    head: tuple[int, int, int]


_FULL = Widths((1024, 512, 256), (512, 256, 128), (1024, 512, 256))
_LIGHT = Widths((320, 96, 32), (96, 96, 96), (96, 96, 96))


def _five(inputs: int, outputs: int) -> nn.Sequential:
    """Make the five convolutions of a level."""
    wide = outputs * 2
    layers = ((inputs, outputs, 1), (outputs, wide, 3), (wide, outputs, 1), (outputs, wide, 3), (wide, outputs, 1))
    return nn.Sequential(*(conv_block(*layer) for layer in layers))


class Neck(nn.Module):
    """YOLOv3's neck: coarse maps are enlarged and laid beside finer ones (section 2.3 of the paper)."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.ups = nn.ModuleList(conv_block(inputs, outputs, 1) for inputs, outputs in pairwise(widths.neck))
        before = (0, *widths.neck[1:])
        inputs = [width + extra for width, extra in zip(widths.backbone, before, strict=True)]
        self.levels = nn.ModuleList(_five(*pair) for pair in zip(inputs, widths.neck, strict=True))

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Map the backbone's maps, the finest first, to as many, the coarsest first."""
        coarse, *finer = reversed(maps)
        outputs = [self.levels[0](coarse)]
        for up, level, fine in zip(self.ups, list(self.levels)[1:], finer, strict=True):
            larger = functional.interpolate(up(outputs[-1]), scale_factor=2.0, mode="nearest")
            larger = _cut(larger, fine)
            outputs.append(level(torch.cat([larger, fine], 1)))
        return outputs


def _cut(larger: Tensor, fine: Tensor) -> Tensor:
    """Cut a doubled map where the finer one has an odd number of rows or columns."""
    (size,) = sizes([fine])
    return larger if sizes([larger]) == (size,) else larger[..., : size[0], : size[1]]


class YOLOv3(OneStage):
    """YOLOv3 for inputs of 416 × 416; others work too, the anchors stay the same numbers of pixels.

    Args:
        backbone: Gives maps of strides 8, 16 and 32.
        widths: Channels of the levels.
        num_classes: Classes.
        anchors: Width and height of the anchors of each level, the coarsest first.
    """

    score_threshold = 0.0
    max_detections = 100

    def __init__(
        self,
        backbone: Freezable,
        widths: Widths,
        num_classes: int,
        anchors: tuple[tuple[tuple[int, int], ...], ...] = YOLO_ANCHORS,
    ) -> None:
        super().__init__(backbone, num_classes)
        self.anchors = anchors
        self.neck = Neck(widths)
        pairs = list(zip(widths.neck, widths.head, strict=True))
        self.bridges = nn.ModuleList(conv_block(inputs, outputs, 3) for inputs, outputs in pairs)
        values = _PER_CELL * (5 + num_classes)
        self.predictors = nn.ModuleList(nn.Conv2d(width, values, 1) for width in widths.head)
        for part, std in ((backbone, None), (self.neck, None), (self.bridges, 0.01), (self.predictors, 0.01)):
            draw_weights(part, std)
        self._expect_little()

    @torch.no_grad()
    def _expect_little(self) -> None:
        """Start with few objects: eight on a map of a 608 × 608 picture, and each class in one of a hundred."""
        for predictor, stride in zip(self.predictors, YOLO_STRIDES, strict=True):
            assert isinstance(predictor.bias, Tensor)
            bias = predictor.bias.view(_PER_CELL, -1)
            bias[:, 4] = _logit(8 / (608 / stride) ** 2)
            bias[:, 5:] = _logit(0.01)

    def forward(self, images: Tensor) -> tuple[Tensor, tuple[Size, ...]]:
        """Map images (N, 3, H, W) to (N, A, 5 + classes), offset, stretch, confidence, classes, and the maps' sizes."""
        maps = self.neck(self.backbone(images))
        levels = zip(self.bridges, self.predictors, maps, strict=True)
        predicted = [predictor(bridge(level)) for bridge, predictor, level in levels]
        return per_anchor(predicted, 5 + self.num_classes), sizes(predicted)

    def _anchors(self, maps: tuple[Size, ...], device: torch.device) -> tuple[Tensor, Tensor]:
        anchors, strides = yolo_anchors(maps, self.anchors)
        return torch.from_numpy(anchors).to(device), torch.from_numpy(strides).to(device)

    def losses(self, images: Tensor, targets: Sequence[Annotated]) -> dict[str, Tensor]:
        """Return ``loss_cls``, ``loss_conf`` and ``loss_bbox``, the sum of the centre's and the sides' losses.

        Args:
            images: (N, 3, H, W), normalised.
            targets: Of each picture; one without boxes is all background.
        """
        parts = self.loss_parts(images, targets)
        return {
            "loss_cls": parts["loss_cls"],
            "loss_bbox": parts["loss_xy"] + parts["loss_wh"],
            "loss_conf": parts["loss_conf"],
        }

    def loss_parts(self, images: Tensor, targets: Sequence[Annotated]) -> dict[str, Tensor]:
        """Return ``loss_cls``, ``loss_conf``, ``loss_xy`` and ``loss_wh``, each with its weight."""
        rows, maps = self(images)
        with torch.autocast(images.device.type, enabled=False):
            return self._parts(rows, maps, targets)

    def _parts(self, rows: Tensor, maps: tuple[Size, ...], targets: Sequence[Annotated]) -> dict[str, Tensor]:
        anchors, strides = self._anchors(maps, rows.device)
        boxes, labels, counts = concatenated(targets)
        cells = cells_of(boxes, maps)
        assigned = by_cell(anchors, cells, boxes, counts, above=_IOU, ignored_above=_IOU)
        picture, anchor = (assigned >= 0).nonzero().unbind(1)
        box = assigned[picture, anchor]
        positives = rows[picture, anchor]
        coded = encode_cells(anchors[anchor], boxes[box], strides[anchor])
        classes = functional.one_hot(labels[box], self.num_classes).to(positives)
        confidence = functional.binary_cross_entropy_with_logits(
            rows[..., 4], (assigned >= 0).to(rows), weight=(assigned != IGNORED).to(rows), reduction="sum"
        )
        # Only anchors that answer for a box learn a box and a class; all but the ignored ones learn the confidence.
        share = _BATCH / len(rows)
        return {
            "loss_cls": _binary(positives[:, 5:], classes) * share,
            "loss_conf": confidence * share,
            "loss_xy": _binary(positives[:, :2], coded[:, :2]) * (share * _BOX_WEIGHT),
            "loss_wh": (positives[:, 2:4] - coded[:, 2:]).square().sum() * (share * _BOX_WEIGHT),
        }

    def decoded(self, images: Tensor, *, thresholds: bool) -> tuple[Tensor, Tensor]:
        """Map images (N, 3, H, W) to boxes (N, A, 4) and scores (N, A, classes), confidence times class.

        With ``thresholds``, scores of anchors with a confidence below 0.005 and of classes not above 0.05 are 0.
        """
        rows, maps = self(images)
        anchors, strides = self._anchors(maps, rows.device)
        boxes = decode_cells(anchors, rows[..., :2].sigmoid(), rows[..., 2:4], strides)
        confidence, classes = rows[..., 4:5].sigmoid(), rows[..., 5:].sigmoid()
        scores = confidence * classes
        if thresholds:
            enough = (classes > _CLASS_THRESHOLD) & (confidence >= _CONFIDENCE_THRESHOLD)
            scores = scores * enough.to(scores)
        return boxes, scores


def _binary(logits: Tensor, target: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, target, reduction="sum")


def _logit(probability: float) -> float:
    return -math.log((1 - probability) / probability)


@torch.no_grad()
def cells_of(boxes: Tensor, maps: tuple[Size, ...]) -> Tensor:
    """Return the indices of the anchors of the cells in which boxes (T, 4) have their centres: (T, 3 · levels)."""
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    cells, start = [], 0
    for (height, width), stride in zip(maps, YOLO_STRIDES, strict=True):
        column = (centers[:, 0] / stride).floor().long().clamp(0, width - 1)
        row = (centers[:, 1] / stride).floor().long().clamp(0, height - 1)
        first = start + (row * width + column) * _PER_CELL
        cells.append(first[:, None] + torch.arange(_PER_CELL, device=boxes.device))
        start += height * width * _PER_CELL
    return torch.cat(cells, 1)


def yolov3(num_classes: int) -> YOLOv3:
    """Build YOLOv3 on Darknet-53 (yolov3_d53_mstrain-416_273e_coco) with fresh weights."""
    return YOLOv3(Darknet53(), _FULL, num_classes)


def yolov3_mobilenet(num_classes: int) -> YOLOv3:
    """Build the light form on MobileNetV2 (yolov3_mobilenetv2_mstrain-416_300e_coco) with fresh weights."""
    return YOLOv3(MobileNetV2(_LIGHT_TAPS, BatchNorm, leaky=True), _LIGHT, num_classes)
