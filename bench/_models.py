"""The reference side's models, written apart from the library's: what a reader of the papers would build.

Only the child processes import this. Importing it imports torch; ``torchvision()`` is the only way to torchvision.
"""

from __future__ import annotations

import functools
import importlib
from types import ModuleType

import torch
from torch import nn

SIZES = {"LeNet": (1, 32, 32)}
PHOTO_SIZE = (3, 224, 224)


@functools.cache
def torchvision() -> ModuleType:
    """torchvision, also where its compiled operators do not fit the installed torch (a CPU torch on Linux)."""
    try:
        bridge = importlib.import_module("MMEdu.models.torchvision_bridge")
    except ModuleNotFoundError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        torchvision.library = library  # type: ignore[attr-defined]  # the schemas live as long as this object
        return importlib.import_module("torchvision")
    return bridge.torchvision()


class LeNet(nn.Sequential):
    """LeNet-5 with tanh and average pooling, 120-84-classes, for (N, 1, 32, 32)."""

    def __init__(self, classes: int) -> None:
        super().__init__(
            *(nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)),
            *(nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten()),
            *(nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, classes)),
        )


def build(backbone: str, classes: int) -> nn.Module:
    """The named model with fresh weights."""
    if backbone == "LeNet":
        return LeNet(classes)
    name = {"MobileNet": "mobilenet_v2", "ResNet18": "resnet18", "ResNet50": "resnet50"}[backbone]
    torchvision()
    models = importlib.import_module("torchvision.models")
    return models.get_model(name, weights=None, num_classes=classes)


def state_size(state: dict[str, torch.Tensor]) -> int:
    """Numbers in a state dictionary: two equal models agree in it, whatever their layers are called."""
    return sum(tensor.numel() for tensor in state.values())
