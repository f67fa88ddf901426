"""A light pyramid: coarse maps are enlarged and joined by finer ones, until the finest holds all."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import interpolate

from MMEdu.models.blocks import BatchNorm, conv_block, relu6


class LightPyramid(nn.Module):
    """The pyramid of Lin et al. 2017 with separable convolutions (Howard et al. 2017), as boards like them.

    Args:
        inputs: Channels of the maps, the finest first; each is half as large as the one before.
        width: Channels within.
    """

    def __init__(self, inputs: Sequence[int], width: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList([nn.Conv2d(channels, width, 1) for channels in inputs])
        self.smooth = nn.ModuleList([separable(width) for _ in inputs])

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Join the maps; returns (N, width, H, W) of the finest one's size."""
        joined: Tensor | None = None
        for lateral, smooth, finer in zip(reversed(self.lateral), reversed(self.smooth), reversed(maps), strict=True):
            fine: Tensor = lateral(finer)
            if joined is not None:
                fine = fine + _enlarged(joined, fine)
            joined = smooth(fine)
        assert joined is not None
        return joined


def _enlarged(coarse: Tensor, fine: Tensor) -> Tensor:
    """Enlarge a map twofold; of an odd side of the finer one a row or column is left over."""
    height, width = int(fine.shape[-2]), int(fine.shape[-1])  # as numbers, while the network is traced too
    larger = interpolate(coarse, scale_factor=2.0, mode="nearest")
    return larger if larger.shape[-2:] == (height, width) else larger[..., :height, :width]


def separable(width: int) -> nn.Sequential:
    """Make a 3 × 3 convolution of each channel by itself, and a 1 × 1 convolution of all, normalised each."""
    return nn.Sequential(
        conv_block(width, width, 3, groups=width, norm=BatchNorm, activation=relu6),
        conv_block(width, width, 1, norm=BatchNorm, activation=relu6),
    )
