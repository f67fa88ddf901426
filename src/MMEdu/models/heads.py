"""Where a classifier's backbone ends and its head begins. Found in the network itself, so that any architecture works.

A frozen backbone, the view of the features and class folders that change ask here; nothing here trains.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

_DROPS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d)


@dataclass(frozen=True, eq=False)
class Head:
    """The end of a classifier: its layer of classes, with the dropout before it and what follows it.

    Attributes:
        name: Of the layer of classes, dotted; its weights are ``<name>.weight`` and, mostly, ``<name>.bias``.
        layer: The layer of classes, a ``Linear``, or a 1×1 convolution in a network without any.
        module: Maps features, as ``features`` gives them, to logits; shares its parts with the network.
    """

    name: str
    layer: nn.Linear | nn.Conv2d
    module: nn.Sequential


def head_of(network: nn.Module) -> Head:
    """Find the head of a classifier: its last ``Linear``; without any, its last convolution.

    Raises:
        ValueError: The network has neither.
    """
    for kind in (nn.Linear, nn.Conv2d):
        layers = [(name, module) for name, module in network.named_modules() if isinstance(module, kind)]
        if layers:
            name, layer = layers[-1]
            flatten = () if kind is nn.Linear else (nn.Flatten(),)
            return Head(name, layer, nn.Sequential(*_around(network, name, layer), *flatten))
    raise ValueError(f"{type(network).__name__} has no layer that could give classes")


def _around(network: nn.Module, name: str, layer: nn.Module) -> list[nn.Module]:
    """The layer of classes with its neighbours: dropout before it, all that follows it in its sequence."""
    parent = network.get_submodule(name.rpartition(".")[0])
    if not isinstance(parent, nn.Sequential):
        return [layer]
    parts = list(parent)
    start = parts.index(layer)
    while start and isinstance(parts[start - 1], _DROPS):
        start -= 1
    return parts[start:]


def features(network: nn.Module, images: Tensor, head: Head | None = None) -> Tensor:
    """Compute what the head gets to see.

    Args:
        network: A classifier; in evaluation mode for the features of ``inference``.
        images: Its input, (N, C, H, W).
        head: Its head, where the caller has it at hand.

    Returns:
        (N, D); in a network whose layer of classes is a convolution (N, D, H, W).
    """
    return features_and_logits(network, images, head or head_of(network))[0]


def features_and_logits(network: nn.Module, images: Tensor, head: Head) -> tuple[Tensor, Tensor]:
    """Compute what the head gets to see, as ``features`` does, and its logits (N, num_classes), in one pass."""
    inputs_of_head: list[Tensor] = []
    handle = head.module[0].register_forward_pre_hook(lambda _, inputs: inputs_of_head.append(inputs[0]))
    try:
        logits: Tensor = network(images)
    finally:
        handle.remove()
    return inputs_of_head[-1], logits


def divide_logits(network: nn.Module, divisor: float) -> None:
    """Make a classifier give its logits divided by a positive number, from now on.

    Its layer of classes is scaled, so that every reader and every exported file gets the same without another step.
    What follows that layer (activation by ReLU, pooling, flattening) passes a positive factor on unchanged.
    """
    layer = head_of(network).layer
    with torch.no_grad():  # not in place: a loaded network may share its weights with the content of its file
        layer.weight = nn.Parameter(layer.weight / divisor)
        if layer.bias is not None:
            layer.bias = nn.Parameter(layer.bias / divisor)
