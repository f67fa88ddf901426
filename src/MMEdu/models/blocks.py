"""The blocks networks are made of: convolution, batch normalisation, activation; and how they are initialised."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

LEAK = 0.1

Norm = Callable[[int], nn.Module]
Activation = Callable[[], nn.Module]


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation that survives a batch of one picture where the map is one pixel.

    One value per channel has no variance: it is normalised with the running statistics, which stay as they are.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalise (N, C, H, W)."""
        if self.training and input.shape[0] * input.shape[2] * input.shape[3] == 1:
            return nn.functional.batch_norm(
                input, self.running_mean, self.running_var, self.weight, self.bias, training=False, eps=self.eps
            )
        return super().forward(input)


def slow_norm(channels: int) -> nn.Module:
    """Batch normalisation of SSD_Lite: its eps of 0.001. The original's momentum of 0.03 needs hundreds of steps
    before its statistics are right; a classroom's set has dozens, and weights do not depend on it.
    """
    return BatchNorm(channels, eps=1e-3, momentum=0.1)


def relu6() -> nn.Module:
    """The activation of MobileNetV2 and SSD_Lite."""
    return nn.ReLU6(inplace=True)


def leaky_relu() -> nn.Module:
    """The activation of Darknet."""
    return nn.LeakyReLU(LEAK, inplace=True)


def conv_block(
    inputs: int,
    outputs: int,
    kernel: int,
    *,
    stride: int = 1,
    groups: int = 1,
    norm: Norm = BatchNorm,
    activation: Activation = leaky_relu,
) -> nn.Sequential:
    """Make convolution (padded by half its kernel, without bias), normalisation and activation."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, norm(outputs), activation())


@torch.no_grad()
def draw_weights(module: nn.Module, std: float | None) -> None:
    """Draw the weights of all convolutions from a normal distribution; biases become 0.

    Args:
        module: Whose convolutions.
        std: Standard deviation; ``None``: He et al. 2015 for leaky rectifiers, by the number of outputs.
    """
    for part in module.modules():
        if not isinstance(part, nn.Conv2d):
            continue
        if std is None:
            nn.init.kaiming_normal_(part.weight, a=LEAK, mode="fan_out", nonlinearity="leaky_relu")
        else:
            nn.init.normal_(part.weight, std=std)
        if part.bias is not None:
            nn.init.zeros_(part.bias)
