"""From layers to a ``torch.nn.Sequential``."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from BaseNN.layers.stack import Stack


def build(stack: Stack, own: Mapping[int, nn.Module]) -> nn.Module:
    """Make the network of a stack, with fresh weights.

    Args:
        stack: Its layers.
        own: Modules of the user's own, by number of the layer.
    """
    raise NotImplementedError
