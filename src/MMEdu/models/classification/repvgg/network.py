"""RepVGG (Ding et al. 2021, "RepVGG: Making VGG-style ConvNets Great Again"), form A0.

In training a block is the sum of a 3×3, a 1×1 and (where shapes allow) an identity branch, each with batch
normalisation; for inference the three are one 3×3 convolution (section 3.3 of the paper).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

# Table 2 and section 3.4: A0 multiplies the widths 64, 128, 256 by 0.75 and 512 by 2.5; stages have 2, 4, 14, 1 blocks.
_A0_WIDTHS = (48, 48, 96, 192, 1280)
_A0_BLOCKS = (2, 4, 14, 1)


def _conv_bn(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class RepVGGBlock(nn.Module):
    """One block: three branches in training, one convolution after ``fuse``."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.branch_3x3 = _conv_bn(inputs, outputs, 3, stride)
        self.branch_1x1 = _conv_bn(inputs, outputs, 1, stride)
        self.branch_norm = nn.BatchNorm2d(inputs) if inputs == outputs and stride == 1 else None
        self.fused: nn.Conv2d | None = None

    def forward(self, images: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H/stride, W/stride)."""
        if self.fused is not None:
            return self.fused(images).relu_()  # type: ignore[no-any-return]
        total: Tensor = self.branch_3x3(images) + self.branch_1x1(images)
        if self.branch_norm is not None:
            total = total + self.branch_norm(images)
        return total.relu_()

    @torch.no_grad()
    def fuse(self) -> None:
        """Replace the branches by the one convolution that equals their sum in evaluation."""
        if self.fused is not None:
            return
        conv = self.branch_3x3[0]
        assert isinstance(conv, nn.Conv2d)
        kernel, bias = _folded(conv, self.branch_3x3[1])
        point, point_bias = _folded(self.branch_1x1[0], self.branch_1x1[1])
        kernel, bias = kernel + pad(point, [1, 1, 1, 1]), bias + point_bias
        if self.branch_norm is not None:
            identity = torch.eye(conv.in_channels).to(kernel)[:, :, None, None]
            straight, straight_bias = _scaled(pad(identity, [1, 1, 1, 1]), self.branch_norm)
            kernel, bias = kernel + straight, bias + straight_bias
        fused = nn.Conv2d(conv.in_channels, conv.out_channels, 3, self.stride, padding=1).to(kernel)
        fused.weight.copy_(kernel)
        fused.bias.copy_(bias)  # type: ignore[union-attr]
        self.fused = fused
        del self.branch_3x3, self.branch_1x1
        self.branch_norm = None


def _folded(conv: nn.Module, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Fold a batch normalisation into the convolution before it: its kernel and bias."""
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    return _scaled(conv.weight, norm)


def _scaled(kernel: Tensor, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return kernel * scale[:, None, None, None], norm.bias - norm.running_mean * scale


class RepVGG(nn.Module):
    """The network of section 3.4: a stem, four stages of blocks, global average pooling and a linear head.

    Args:
        num_classes: Number of outputs.
        widths: Channels of the stem and of the four stages.
        blocks: Blocks in each of the four stages.
    """

    def __init__(
        self, num_classes: int, widths: tuple[int, ...] = _A0_WIDTHS, blocks: tuple[int, ...] = _A0_BLOCKS
    ) -> None:
        super().__init__()
        self.stem = RepVGGBlock(3, widths[0], stride=2)
        self.stages = nn.Sequential()
        for inputs, outputs, count in zip(widths[:-1], widths[1:], blocks, strict=True):
            first = RepVGGBlock(inputs, outputs, stride=2)
            self.stages.append(nn.Sequential(first, *(RepVGGBlock(outputs, outputs, 1) for _ in range(count - 1))))
        self.head = nn.Linear(widths[-1], num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map pictures (N, 3, H, W) to logits (N, num_classes)."""
        logits: Tensor = self.head(self.stages(self.stem(images)).mean((2, 3)))
        return logits

    def fuse(self) -> None:
        """Fuse every block, for inference and export."""
        for module in self.modules():
            if isinstance(module, RepVGGBlock):
                module.fuse()


def repvgg_a0(num_classes: int) -> RepVGG:
    """Build RepVGG-A0."""
    return RepVGG(num_classes)
