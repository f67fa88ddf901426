"""The mask head of Mask_RCNN, and pasting its output into pictures."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from MMEdu.models.detection.parts.resnet_fpn import CHANNELS
from MMEdu.models.torchvision_bridge import torchvision


class MaskHead(nn.Module):
    """Which pixels of a region belong to the object, for each class (He et al. 2017): 28×28 logits.

    Args:
        num_classes: Without background.
    """

    bins = 14
    side = 28

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1) for _ in range(4))
        self.upsample = nn.ConvTranspose2d(CHANNELS, CHANNELS, 2, stride=2)
        self.conv_logits = nn.Conv2d(CHANNELS, num_classes, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, pooled: Tensor) -> Tensor:
        """Map regions (K, 256, 14, 14) to logits (K, classes, 28, 28)."""
        x = pooled
        for layer in self.convs:
            x = layer(x).relu()
        logits: Tensor = self.conv_logits(self.upsample(x).relu())
        return logits

    def loss(self, logits: Tensor, rois: Tensor, labels: Tensor, masks: Tensor, objects: Tensor) -> Tensor:
        """Compare with the objects' masks inside their regions; 0 without any region.

        Args:
            logits: (P, classes, 28, 28) of positives.
            rois: (P, 4).
            labels: (P,).
            masks: (objects, H, W) of 0 and 1.
            objects: (P,) which mask is whose.
        """
        if len(rois) == 0:
            return logits.sum() * 0
        picked = torch.cat((objects[:, None].to(rois), rois), 1)
        # The annotated mask is cut out and scaled as the features were, so both lie on the same grid.
        target = torchvision().ops.roi_align(
            masks[:, None].to(rois), picked, self.side, 1.0, sampling_ratio=2, aligned=True
        )
        of_label = logits[torch.arange(len(labels), device=labels.device), labels]
        return functional.binary_cross_entropy_with_logits(of_label.float(), (target[:, 0] >= 0.5).float())


def paste(probabilities: Tensor, boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Draw masks (K, 28, 28) into their boxes (K, 4) of a picture (height, width): (K, height, width) uint8.

    A pixel belongs to the object from a probability of 0.5 at its centre on.
    """
    height, width = size
    masks = torch.zeros((len(boxes), height, width), dtype=torch.uint8)
    for mask, probability, box in zip(masks, probabilities.float().cpu(), boxes.float().cpu(), strict=True):
        # Whole pixels that the box touches; each is sampled at its centre.
        x1, y1, x2, y2 = (math.floor(v) if i < 2 else math.ceil(v) for i, v in enumerate(box.tolist()))
        left, top, right, bottom = max(x1, 0), max(y1, 0), min(x2, width), min(y2, height)
        if right <= left or bottom <= top:
            continue
        extent = (box[2:] - box[:2]).clamp(min=1e-6)
        x = ((torch.arange(left, right) + 0.5) - box[0]) / extent[0] * 2 - 1
        y = ((torch.arange(top, bottom) + 0.5) - box[1]) / extent[1] * 2 - 1
        grid = torch.stack((x.expand(len(y), -1), y[:, None].expand(-1, len(x))), -1)
        drawn = functional.grid_sample(probability[None, None], grid[None], align_corners=False)
        mask[top:bottom, left:right] = (drawn[0, 0] >= 0.5).to(torch.uint8)
    return masks
