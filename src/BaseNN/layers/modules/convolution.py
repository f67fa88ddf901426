"""Convolutions and poolings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from BaseNN.layers.kind import Surroundings
    from BaseNN.layers.kinds.convolution import Convolution, Pooling

Modules = list[tuple[str, nn.Module]]


def conv2d(arguments: Convolution, _: Surroundings) -> Modules:
    """Make the module of ``conv2d``."""
    return [("conv2d", nn.Conv2d(*_channels(arguments), **_window(arguments)))]


def conv1d(arguments: Convolution, _: Surroundings) -> Modules:
    """Make the module of ``conv1d``."""
    return [("conv1d", nn.Conv1d(*_channels(arguments), **_window(arguments)))]


def maxpool(arguments: Pooling, _: Surroundings) -> Modules:
    """Make the module of ``maxpool``."""
    kind = nn.MaxPool2d if arguments.directions == 2 else nn.MaxPool1d
    return [("maxpooling", kind(**_window(arguments)))]


def avgpool(arguments: Pooling, _: Surroundings) -> Modules:
    """Make the module of ``avgpool``."""
    kind = nn.AvgPool2d if arguments.directions == 2 else nn.AvgPool1d
    return [("avgpooling", kind(**_window(arguments)))]


def _channels(arguments: Convolution) -> tuple[int, int]:
    assert arguments.size is not None
    assert arguments.size[0] is not None  # building has looked
    return arguments.size[0], arguments.size[1]


def _window(arguments: Convolution | Pooling) -> dict[str, Any]:
    """One number where all directions agree: so the module shows itself as pupils know it."""
    values = {name: getattr(arguments, name) for name in ("kernel_size", "stride", "padding")}
    return {name: value[0] if len(set(value)) == 1 else tuple(value) for name, value in values.items()}
