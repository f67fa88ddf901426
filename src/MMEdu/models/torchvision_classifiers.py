"""Classifiers whose architecture is torchvision's. One small builder per registered model, weights always fresh."""

from __future__ import annotations

from functools import partial
from typing import cast

from torch import nn

from MMEdu.models.catalogue import IMAGENET, IMAGENET_AUGMENT
from MMEdu.models.recipe import Recipe, Schedule
from MMEdu.models.registry import ModelEntry
from MMEdu.models.torchvision_bridge import torchvision

# Their training forward returns several outputs.
_WITH_AUXILIARY_HEADS = frozenset({"googlenet", "inception_v3"})


def _build(name: str, num_classes: int) -> nn.Module:
    return cast("nn.Module", torchvision().models.get_model(name, weights=None, num_classes=num_classes))


mobilenet_v2 = partial(_build, "mobilenet_v2")
resnet18 = partial(_build, "resnet18")
resnet50 = partial(_build, "resnet50")
regnet_x_400mf = partial(_build, "regnet_x_400mf")
resnext50_32x4d = partial(_build, "resnext50_32x4d")
shufflenet_v2_x1_0 = partial(_build, "shufflenet_v2_x1_0")
vgg19 = partial(_build, "vgg19")
vgg19_bn = partial(_build, "vgg19_bn")


def regnet_x_400mf_384(num_classes: int) -> nn.Module:
    """Build RegNetX-400MF as published: torchvision's last stage has 400 channels, the publication's has 384."""
    regnet = torchvision().models.regnet
    stages = {"group_widths": [16] * 4, "bottleneck_multipliers": [1.0] * 4, "strides": [2] * 4}
    blocks = regnet.BlockParams(depths=[1, 2, 7, 12], widths=[32, 64, 160, 384], **stages)
    return cast("nn.Module", regnet.RegNet(blocks, num_classes=num_classes))


def __getattr__(name: str) -> partial[nn.Module]:
    """Builders of the classifiers that have no entry of their own are made when asked for."""
    if name.startswith("__") or name not in classifier_names():
        raise AttributeError(name)
    return partial(_build, name)


def classifier_names() -> frozenset[str]:
    """Names of all of torchvision's classifiers that can be trained here."""
    models = torchvision().models
    return frozenset(models.list_models(module=models)) - _WITH_AUXILIARY_HEADS


def find(name: str) -> ModelEntry:
    """Make an entry for one of ``classifier_names``."""
    known = name.lower()
    return ModelEntry(
        name=known,
        task="classification",
        factory=f"{__name__}:{known}",
        preprocess=IMAGENET,
        recipe=Recipe(schedule=Schedule("cosine"), augment=IMAGENET_AUGMENT),
        reference="torchvision's model of this name",
        explain_layer="",
    )
