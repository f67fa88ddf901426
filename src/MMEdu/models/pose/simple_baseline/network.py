"""SimpleBaseline (Xiao et al. 2018) for boards: MobileNetV2, and a light pyramid in place of three deconvolutions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from MMEdu.models.backbones import MobileNetV2
from MMEdu.models.blocks import BatchNorm
from MMEdu.models.pose.parts.neck import LightPyramid
from MMEdu.models.pose.parts.targets import heat_maps

_TAPS, _CHANNELS, _WIDTH = (3, 6, 13, 17), (24, 32, 96, 320), 64  # strides 4, 8, 16, 32
SIGMA = 2.0
"""Of the Gaussian that a map is to show, in cells: that of the publication."""
_LOSS_SCALE = 1000.0  # a map is nearly empty: its mean square is small, and would be a small number to look at
_FIRST_STD = 0.001  # of the last layer, as in the publication: fresh maps are empty


class HeatMapNetwork(nn.Module):
    """Gives a heat map of stride 4 for every point.

    Args:
        num_points: How many points there are.
    """

    def __init__(self, num_points: int) -> None:
        super().__init__()
        self.backbone = MobileNetV2(_TAPS, BatchNorm)
        self.neck = LightPyramid(_CHANNELS, _WIDTH)
        self.head = nn.Conv2d(_WIDTH, num_points, 1)
        nn.init.normal_(self.head.weight, std=_FIRST_STD)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """Map images (N, C, H, W), sides a multiple of 32, to heat maps (N, K, H / 4, W / 4)."""
        return (self.head(self.neck(self.backbone(images))),)

    def losses(self, outputs: tuple[Tensor, ...], points: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """Return the mean square error of the maps whose points are known.

        Args:
            outputs: What ``forward`` gave.
            points: (N, K, 2) of x, y as shares of the input.
            weights: (N, K): 1 where a point is known, 0 where it is not.
        """
        maps = outputs[0].float()
        with torch.no_grad():
            wanted = heat_maps(points, (maps.shape[2], maps.shape[3]), SIGMA)
        errors = (maps - wanted).square().mean(dim=(2, 3)) * weights
        return {"loss_heatmap": errors.sum() / weights.sum().clamp(min=1) * _LOSS_SCALE}


def simple_baseline_mobilenet(num_classes: int) -> HeatMapNetwork:
    """Build it with fresh weights for so many points."""
    return HeatMapNetwork(num_classes)
