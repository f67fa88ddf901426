"""SimCC (Li et al. 2022) for boards: MobileNetV2, a light pyramid to stride 8, and two distributions for every point.

The publication's last layer sees all of a point's map at once and fits one size of input. Here every cell votes for the
fine bins of its own column and row, and votes are added up as probabilities are: any size of input will do.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from MMEdu.models.backbones import MobileNetV2
from MMEdu.models.blocks import BatchNorm
from MMEdu.models.pose.parts.neck import LightPyramid, separable
from MMEdu.models.pose.parts.targets import smoothed_labels

_TAPS, _CHANNELS, _WIDTH = (6, 13, 17), (32, 96, 320), 128  # strides 8, 16, 32
_STRIDE = 8
SPLIT = 2
"""Bins for a pixel of the input."""
SIGMA = 4.0
"""Of the smoothed labels, in bins."""


class SimCCNetwork(nn.Module):
    """Gives of every point how likely each half pixel is, along the width and along the height.

    Args:
        num_points: How many points there are.
    """

    def __init__(self, num_points: int) -> None:
        super().__init__()
        self.num_points = num_points
        self.backbone = MobileNetV2(_TAPS, BatchNorm)
        self.neck = LightPyramid(_CHANNELS, _WIDTH)
        self.mix = separable(_WIDTH)
        self.head = nn.ModuleDict({axis: nn.Conv2d(_WIDTH, num_points * _STRIDE * SPLIT, 1) for axis in ("x", "y")})

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map images (N, C, H, W) to logits (N, K, 2 · W) and (N, K, 2 · H); sides as multiples of 8."""
        maps: Tensor = self.mix(self.neck(self.backbone(images)))
        # In float32: sums of exponentials are no matter for half precision.
        across, down = self.head["x"](maps).float(), self.head["y"](maps).float()
        return self._bins(across.logsumexp(2)), self._bins(down.logsumexp(3))

    def _bins(self, votes: Tensor) -> Tensor:
        """Put the fine bins of (N, K · 16, cells) in a row: (N, K, cells · 16)."""
        apart = votes.reshape(-1, self.num_points, _STRIDE * SPLIT, votes.shape[-1])
        return apart.transpose(2, 3).flatten(2)

    def losses(self, outputs: tuple[Tensor, ...], points: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """Return how far the distributions are from those of the points that are known (Kullback & Leibler).

        Args:
            outputs: What ``forward`` gave.
            points: (N, K, 2) of x, y as shares of the input.
            weights: (N, K): 1 where a point is known, 0 where it is not.
        """
        known = weights.sum().clamp(min=1)
        losses: dict[str, Tensor] = {}
        for axis, logits in enumerate(outputs):
            with torch.no_grad():
                wanted = smoothed_labels(points[..., axis], logits.shape[-1], SIGMA)
                entropy = (wanted * wanted.clamp(min=1e-9).log()).sum(dim=-1)
            crossed = (wanted * log_softmax(logits.float(), dim=-1)).sum(dim=-1)
            losses[f"loss_{'xy'[axis]}"] = ((entropy - crossed) * weights).sum() / known
        return losses


def simcc_mobilenet(num_classes: int) -> SimCCNetwork:
    """Build it with fresh weights for so many points."""
    return SimCCNetwork(num_classes)
