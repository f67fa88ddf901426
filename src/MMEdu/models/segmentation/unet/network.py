"""UNet: encoder, decoder, and bridges between their maps of the same size (Ronneberger et al. 2015), made small.

Padded convolutions with batch normalisation, a first convolution of stride 2, and two convolutions where the original
has two: for small pictures and for learning from scratch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from MMEdu.models.blocks import conv_block, draw_weights

_WIDTHS = (24, 48, 96, 128)
"""Channels of the maps of strides 2, 4, 8 and 16."""


def _relu() -> nn.Module:
    return nn.ReLU(inplace=True)


def _double(inputs: int, outputs: int, *, stride: int = 1) -> nn.Sequential:
    first = conv_block(inputs, outputs, 3, stride=stride, activation=_relu)
    return nn.Sequential(first, conv_block(outputs, outputs, 3, activation=_relu))


class UNet(nn.Module):
    """A segmenter for inputs whose sides are multiples of 16.

    Args:
        num_classes: With background, where the data have such a class.
        channels: Of its input.
    """

    def __init__(self, num_classes: int, channels: int = 3) -> None:
        super().__init__()
        inputs = (channels, *_WIDTHS[:-1])
        self.down = nn.ModuleList(_double(a, b, stride=2) for a, b in zip(inputs, _WIDTHS, strict=True))
        pairs = list(zip(_WIDTHS[:0:-1], _WIDTHS[-2::-1], strict=True))
        self.up = nn.ModuleList(_double(below + beside, beside) for below, beside in pairs)
        self.head = nn.Conv2d(_WIDTHS[0], num_classes, 1)
        draw_weights(self, None)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, C, H, W) to logits (N, classes, H / 2, W / 2)."""
        maps = []
        for level in self.down:
            images = level(images)
            maps.append(images)
        merged = maps.pop()
        for level in self.up:
            larger = functional.interpolate(merged, scale_factor=2.0, mode="bilinear", align_corners=False)
            merged = level(torch.cat([larger, maps.pop()], 1))
        logits: Tensor = self.head(merged)
        return logits


def unet(num_classes: int) -> UNet:
    """Build UNet with fresh weights."""
    return UNet(num_classes)
