"""What one-stage detectors share: finding boxes, heads for export, frozen stages. Networks derive from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from MMEdu.models.backbones import Freezable
from MMEdu.models.detection.parts.assign import Annotated
from MMEdu.models.detection.parts.export_nms import RawHead, SuppressedHead
from MMEdu.models.detection.parts.nms import class_aware_nms


class OneStage(nn.Module, ABC):
    """A detector that predicts a box and scores for every anchor.

    Attributes:
        backbone: Its first part, whose stages can be frozen.
        num_classes: Classes, without background.
        score_threshold: Boxes score more, unless another threshold is asked for.
        nms_iou: Boxes of one class overlap less than that.
        max_detections: Boxes a picture has at most.
    """

    score_threshold: float
    nms_iou = 0.45
    max_detections: int

    def __init__(self, backbone: Freezable, num_classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.num_classes = num_classes

    @abstractmethod
    def losses(self, images: Tensor, targets: Sequence[Annotated]) -> dict[str, Tensor]:
        """Return the losses of a batch, images (N, C, H, W); training's loss is their sum."""

    @abstractmethod
    def decoded(self, images: Tensor, *, thresholds: bool) -> tuple[Tensor, Tensor]:
        """Map images (N, C, H, W) to boxes (N, A, 4) in pixels of the input and scores (N, A, classes).

        Args:
            images: Normalised.
            thresholds: Whether scores below the recipe's thresholds become 0.
        """

    @torch.no_grad()
    def detect(
        self, images: Tensor, *, score_threshold: float | None = None, max_detections: int | None = None
    ) -> list[Tensor]:
        """Find objects.

        Args:
            images: (N, C, H, W), normalised.
            score_threshold: Boxes score more; ``None``: the recipe's.
            max_detections: Per picture; ``None``: the recipe's.

        Returns:
            For each picture (k, 6) float32: x1, y1, x2, y2 in pixels of the input, score, label; the best first.
        """
        least = self.score_threshold if score_threshold is None else score_threshold
        most = self.max_detections if max_detections is None else max_detections
        boxes, scores = self.decoded(images, thresholds=True)
        return [self._detections(*picture, least, most) for picture in zip(boxes, scores, strict=True)]

    def _detections(self, boxes: Tensor, scores: Tensor, least: float, most: int) -> Tensor:
        box, label = (scores > least).nonzero().unbind(1)
        confidence = scores[box, label]
        rows = torch.cat([boxes[box], confidence[:, None], label[:, None].to(boxes)], 1)
        return rows[class_aware_nms(rows[:, :4], confidence, label, self.nms_iou, most)]

    def export_head(self) -> SuppressedHead:
        """Return a module that maps images (1, C, H, W) to dets (1, K, 5) and labels (1, K)."""
        return SuppressedHead(self, self.score_threshold)

    def raw_head(self) -> RawHead:
        """Return a module that maps images (1, C, H, W) to boxes (1, A, 4) and scores (1, A, classes)."""
        return RawHead(self)

    def freeze(self, stages: int) -> None:
        """Keep the backbone's stem and its first ``stages`` stages as they are; -1 for none."""
        self.backbone.freeze(stages)


def per_anchor(maps: Sequence[Tensor], values: int) -> Tensor:
    """Return what heads predict, maps (N, anchors · values, H, W), as (N, A, values) float32."""
    rows = [level.permute(0, 2, 3, 1).reshape(level.shape[0], -1, values) for level in maps]
    return torch.cat(rows, 1).float()


def sizes(maps: Sequence[Tensor]) -> tuple[tuple[int, int], ...]:
    """Return rows and columns of maps as numbers, while the network is traced too."""
    return tuple(size(level) for level in maps)


def size(images: Tensor) -> tuple[int, int]:
    """Return height and width as numbers, while the network is traced too."""
    shape: Any = images.shape
    return int(shape[-2]), int(shape[-1])
