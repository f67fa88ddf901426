"""Adaptive average pooling that ONNX can say. Its own operator pools by whole factors only."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d


class MatrixPool2d(nn.Module):
    """Adaptive average pooling as two matrix products; by whole factors, the pooling itself.

    The window of output i of n over s inputs goes from floor(i s / n) to ceil((i + 1) s / n), as torch defines it.

    Args:
        size: Height and width of the output.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, images: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C, *size)."""
        height, width = (int(side) for side in images.shape[-2:])
        if height % self.size[0] == 0 and width % self.size[1] == 0:
            return adaptive_avg_pool2d(images, self.size)
        rows, columns = _windows(height, self.size[0]), _windows(width, self.size[1])
        return rows.to(images) @ images @ columns.T.to(images)


def _windows(inputs: int, outputs: int) -> Tensor:
    """Return the weights (outputs, inputs) of the averages."""
    weights = torch.zeros(outputs, inputs)
    for row in range(outputs):
        start, end = row * inputs // outputs, -(-(row + 1) * inputs // outputs)
        weights[row, start:end] = 1 / (end - start)
    return weights


def exportable(network: nn.Module) -> nn.Module:
    """Return the network with its adaptive pools said in matrices; the weights are shared, not copied."""
    shared: dict[int, object] = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    copied: nn.Module = copy.deepcopy(network, shared)
    for module in list(copied.modules()):
        for name, child in module.named_children():
            if type(child) is nn.AdaptiveAvgPool2d and _pair(child.output_size) != (1, 1):
                setattr(module, name, MatrixPool2d(_pair(child.output_size)))
    return copied


def _pair(size: object) -> tuple[int, int]:
    height, width = size if isinstance(size, tuple) else (size, size)
    return int(height), int(width)
