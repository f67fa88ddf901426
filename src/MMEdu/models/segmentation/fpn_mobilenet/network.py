"""FPN_MobileNet: MobileNetV2 under a light feature pyramid whose levels are summed at stride 4.

The pyramid is that of Lin et al. 2017, the sum that of the semantic branch of Kirillov et al. 2019 (Panoptic feature
pyramid networks, section 3.1, figure 3), with depthwise separable convolutions and one of them for each level.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from MMEdu.models.backbones import Freezable, MobileNetV2
from MMEdu.models.blocks import BatchNorm, conv_block, draw_weights, relu6

_TAPS, _TAPPED = (3, 6, 13, 17), (24, 32, 96, 320)
"""Layers of MobileNetV2 whose maps of strides 4, 8, 16 and 32 are looked at, and how many channels these have."""
_WIDTH = 96
_DROPOUT = 0.1


def _separable(width: int) -> nn.Sequential:
    depthwise = conv_block(width, width, 3, groups=width, activation=relu6)
    return nn.Sequential(depthwise, conv_block(width, width, 1, activation=relu6))


def _doubled(maps: Tensor) -> Tensor:
    # By a factor and not to a size: exported files then hold two numbers where they would compute a shape.
    return functional.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)


class FPNMobileNet(nn.Module):
    """A segmenter for inputs whose sides are multiples of 32.

    Args:
        num_classes: With background, where the data have such a class.
        backbone: Gives maps of strides 4, 8, 16 and 32.
        tapped: Their channels.
    """

    def __init__(self, num_classes: int, backbone: Freezable, tapped: Sequence[int]) -> None:
        super().__init__()
        self.backbone = backbone
        self.laterals = nn.ModuleList(conv_block(channels, _WIDTH, 1, activation=relu6) for channels in tapped)
        self.levels = nn.ModuleList(_separable(_WIDTH) for _ in tapped)
        self.head = nn.Sequential(_separable(_WIDTH), nn.Dropout2d(_DROPOUT))
        self.classifier = nn.Conv2d(_WIDTH, num_classes, 1)
        for part in (self.laterals, self.levels, self.head):
            draw_weights(part, None)
        draw_weights(self.classifier, 0.01)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, classes, H / 4, W / 4)."""
        laterals = [lateral(maps) for lateral, maps in zip(self.laterals, self.backbone(images), strict=True)]
        merged = laterals[-1]
        summed = self.levels[-1](merged)
        for lateral, level in zip(reversed(laterals[:-1]), reversed(self.levels[:-1]), strict=True):
            merged = lateral + _doubled(merged)
            # What is doubled here step by step would be the same doubled at once, but for a little smoothing.
            summed = level(merged) + _doubled(summed)
        logits: Tensor = self.classifier(self.head(summed))
        return logits

    def freeze(self, stages: int) -> None:
        """Keep the backbone's stem and its first ``stages`` stages as they are; -1 for none."""
        self.backbone.freeze(stages)


def fpn_mobilenet(num_classes: int) -> FPNMobileNet:
    """Build FPN_MobileNet with fresh weights."""
    return FPNMobileNet(num_classes, MobileNetV2(_TAPS, BatchNorm), _TAPPED)
