"""EfficientNet-Lite: EfficientNet (Tan & Le 2019, table 1) without squeeze-and-excitation and with ReLU6.

Stem and last convolution keep their width, the first and the last stage their depth, whatever the scale. Padding is
that of TensorFlow ("same"), for which the published weights were trained: where a stride halves an even side, the
one pixel more lies below and to the right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import pad

_STEM = 32
_LAST = 1280
_EPS = 1e-3
_MOMENTUM = 0.01
_DIVISOR = 8


@dataclass(frozen=True)
class _Stage:
    """A row of table 1: blocks of one kind."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    width: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


class SamePadConv2d(nn.Conv2d):
    """A convolution that gives ceil(side / stride) pixels a side, padded as TensorFlow pads."""

    def forward(self, input: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, D, ceil(H / stride), ceil(W / stride))."""
        height, width = (
            _missing(side, kernel, stride)
            for side, kernel, stride in zip(input.shape[2:], self.kernel_size, self.stride, strict=True)
        )
        edges = (width // 2, width - width // 2, height // 2, height - height // 2)
        return super().forward(pad(input, edges) if any(edges) else input)


def _missing(side: int, kernel: int, stride: int) -> int:
    """Count the pixels that a side lacks for all of its windows."""
    return max(0, (-(-int(side) // stride) - 1) * stride + kernel - int(side))


def _conv_norm(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    if stride == 1:
        conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)
    else:
        conv = SamePadConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs, _EPS, _MOMENTUM))


def _conv_norm_relu(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(*_conv_norm(inputs, outputs, kernel, stride, groups), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    """Expand by 1 × 1, filter each channel, project by 1 × 1; the input is added where the shape stays."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = _conv_norm_relu(inputs, hidden, 1) if expansion != 1 else nn.Identity()
        self.depthwise = _conv_norm_relu(hidden, hidden, kernel, stride, groups=hidden)
        self.project = _conv_norm(hidden, outputs, 1)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, images: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, ceil(H / stride), ceil(W / stride))."""
        out: Tensor = self.project(self.depthwise(self.expand(images)))
        return images + out if self.is_residual else out


class EfficientNetLite(nn.Module):
    """The network. ``features`` holds the stem, the seven stages and the last convolution.

    Args:
        num_classes: Number of outputs.
        width: Factor on the channels of the stages, rounded to multiples of 8.
        depth: Factor on the number of blocks of the stages, rounded up.
        dropout: Probability, before the head.
    """

    def __init__(self, num_classes: int, width: float = 1.0, depth: float = 1.0, dropout: float = 0.2) -> None:
        super().__init__()
        self.features = nn.Sequential(_conv_norm_relu(3, _STEM, 3, stride=2))
        channels = _STEM
        counts = blocks_of_stages(depth)
        for stage, count in zip(_STAGES, counts, strict=True):
            outputs = _rounded(stage.width * width)
            strides = (stage.stride, *(1,) * (count - 1))
            blocks = nn.Sequential()
            for stride in strides:
                blocks.append(InvertedResidual(channels, outputs, stage.kernel, stride, stage.expansion))
                channels = outputs
            self.features.append(blocks)
        self.features.append(_conv_norm_relu(channels, _LAST, 1))
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(_LAST, num_classes))
        self.apply(_draw)

    def forward(self, images: Tensor) -> Tensor:
        """Map pictures (N, 3, H, W) to logits (N, num_classes)."""
        logits: Tensor = self.classifier(self.features(images).mean((2, 3)))
        return logits


def blocks_of_stages(depth: float) -> list[int]:
    """Return how many blocks each of the seven stages has; the first and the last stay as they are."""
    inner = [math.ceil(stage.blocks * depth) for stage in _STAGES[1:-1]]
    return [_STAGES[0].blocks, *inner, _STAGES[-1].blocks]


def _rounded(channels: float) -> int:
    """Round to a multiple of 8, not down by more than a tenth."""
    rounded = max(_DIVISOR, int(channels + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return rounded if rounded >= 0.9 * channels else rounded + _DIVISOR


def _draw(module: nn.Module) -> None:
    """Draw fresh weights: He et al. 2015 for convolutions by their fan-out, small ones for the head."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


def efficientnet_lite0(num_classes: int) -> EfficientNetLite:
    """Build EfficientNet-Lite0."""
    return EfficientNetLite(num_classes)


def efficientnet_lite1(num_classes: int) -> EfficientNetLite:
    """Build EfficientNet-Lite1."""
    return EfficientNetLite(num_classes, depth=1.1)


def efficientnet_lite2(num_classes: int) -> EfficientNetLite:
    """Build EfficientNet-Lite2."""
    return EfficientNetLite(num_classes, width=1.1, depth=1.2, dropout=0.3)
