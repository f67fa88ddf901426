"""Layers that are slow in bfloat16 on a CPU: a training computes them in float32, within a step of bfloat16."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from MMEdu.engine.device import Precision


@contextmanager
def slow_layers_in_float32(model: nn.Module, precision: Precision) -> Iterator[None]:
    """Compute the depthwise convolutions with a stride in float32 while a model trains in bfloat16 on a CPU.

    oneDNN has no fast backward pass for them in bfloat16: four layers took a third of a step of MobileNet. Weights,
    names and everything outside of training steps stay as they are, and afterwards the modules are as they were.

    Args:
        model: Trained meanwhile.
        precision: Of its steps; nothing is done for another than bfloat16 on a CPU.
    """
    if (precision.name, precision.device_type) != ("bfloat16", "cpu"):
        yield
        return
    layers = [module for module in model.modules() if isinstance(module, nn.Conv2d) and _is_slow(module)]
    for layer in layers:
        layer.forward = partial(_in_float32, layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _is_slow(layer: nn.Conv2d) -> bool:
    return layer.groups == layer.in_channels > 1 and max(layer.stride) > 1


def _in_float32(layer: nn.Conv2d, images: Tensor) -> Tensor:
    if not layer.training:
        return type(layer).forward(layer, images)
    with torch.autocast("cpu", enabled=False):
        return type(layer).forward(layer, images.float())
