"""Mask_RCNN: FasterRCNN with a third head for outlines (He et al. 2017), as MMDetection 2.x's configuration has it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from MMEdu.models.detection.faster_rcnn.network import ExportedTwoStage, FasterRCNN, Objects, SampledRegions
from MMEdu.models.detection.mask_rcnn.mask_head import MaskHead
from MMEdu.models.detection.parts.resnet_fpn import STRIDES
from MMEdu.models.detection.parts.roi_pool import pool, rois_of_one_picture


class Mask_RCNN(FasterRCNN):  # noqa: N801 - the documents' name
    """FasterRCNN that also predicts which pixels belong to each object."""

    def __init__(self, num_classes: int, *, norm_eval: bool = True) -> None:
        super().__init__(num_classes, norm_eval=norm_eval)
        self.mask_head = MaskHead(num_classes)

    def further_losses(
        self, features: Sequence[Tensor], regions: SampledRegions, targets: Sequence[Objects]
    ) -> dict[str, Tensor]:
        """Return ``loss_mask`` of the positive regions in pictures whose masks are annotated."""
        annotated = regions.labels.new_tensor([target.masks is not None for target in targets])
        has_mask = annotated[regions.rois[:, 0].long()] > 0
        positive = ((regions.labels < self.num_classes) & has_mask).nonzero()[:, 0]
        rois, labels, objects = regions.rois[positive], regions.labels[positive], regions.objects[positive]
        logits = self.mask_head(pool(features, rois, MaskHead.bins))
        # Pictures without masks keep their turn, so that numbers of objects count through the whole batch.
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
        features, rows = self.detected_with_features(images, score_threshold, max_detections, rpn_threshold)
        return [
            (row, self.masks([feature[i : i + 1] for feature in features], row[:, :4], row[:, 5].long()))
            for i, row in enumerate(rows)
        ]

    def masks(self, features: Sequence[Tensor], boxes: Tensor, labels: Tensor) -> Tensor:
        """Return probabilities (k, 28, 28) in the boxes (k, 4) of one picture, each for its own label."""
        logits = self.mask_head(pool(features, rois_of_one_picture(boxes), MaskHead.bins))
        index = labels[:, None, None, None].expand(-1, 1, MaskHead.side, MaskHead.side)
        of_label: Tensor = logits.float().gather(1, index)[:, 0]
        return of_label.sigmoid()

    def export_head(
        self, *, score_threshold: float = 0.05, max_detections: int = 100, masks: bool = False
    ) -> nn.Module:
        """Return what is exported; with ``masks`` a third output (1, K, 28, 28) holds probabilities."""
        return ExportedTwoStage(self, score_threshold, max_detections, self.masks if masks else None)
