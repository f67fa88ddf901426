"""The models of the house, one entry each. Torch-free: the builders are named, not imported.

Inputs and recipes start from those of the original (see the documented table); the user's arguments win.
"""

from __future__ import annotations

from BaseDT.preprocess import Preprocess
from MMEdu.models.recipe import Augment, Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register

IMAGENET = Preprocess(
    size=(224, 224),
    color="rgb",
    mean=(123.675, 116.28, 103.53),
    std=(58.395, 57.12, 57.375),
    resize="short_side",
    resize_to=256,
)
IMAGENET_AUGMENT = Augment(crop_scale=(0.08, 1.0), flip=0.5)
_STEPS_30 = Schedule("step", milestones=(30, 60, 90))


def _imagenet(
    name: str, builder: str, reference: str, explain_layer: str, schedule: Schedule, *, bfloat16: bool = True
) -> ModelEntry:
    return ModelEntry(
        name=name,
        task="classification",
        factory=f"MMEdu.models.{builder}",
        preprocess=IMAGENET,
        recipe=Recipe(batch_size=32, schedule=schedule, augment=IMAGENET_AUGMENT, bfloat16=bfloat16),
        reference=reference,
        explain_layer=explain_layer,
    )


CLASSIFIERS = (
    ModelEntry(
        name="LeNet",
        task="classification",
        factory="MMEdu.models.lenet:LeNet",
        preprocess=Preprocess(size=(32, 32), color="gray", mean=(33.46,), std=(78.87,)),
        recipe=Recipe(batch_size=64, schedule=Schedule("step", milestones=(15,))),
        reference="LeCun et al. 1998, LeNet-5: tanh, average pooling, 120-84",
        explain_layer="features.3",
        aliases=("LeNet5", "LeNet-5"),
        fixed_size=True,
    ),
    _imagenet(
        "MobileNet",
        "torchvision_classifiers:mobilenet_v2",
        "Sandler et al. 2018, MobileNetV2, width 1.0",
        "features.18",
        Schedule("exponential", gamma=0.98),
    ),
    _imagenet(
        "ResNet18", "torchvision_classifiers:resnet18", "He et al. 2016, 18 layers (basic blocks)", "layer4", _STEPS_30
    ),
    _imagenet(
        "ResNet50", "torchvision_classifiers:resnet50", "He et al. 2016, 50 layers (bottlenecks)", "layer4", _STEPS_30
    ),
    _imagenet(
        "RegNet",
        "torchvision_classifiers:regnet_x_400mf",
        "Radosavovic et al. 2020, RegNetX-400MF",
        "trunk_output",
        _STEPS_30,
    ),
    _imagenet(
        "RepVGG",
        "repvgg:repvgg_a0",
        "Ding et al. 2021, RepVGG-A0, branches fused for inference",
        "stages.3",
        _STEPS_30,
    ),
    _imagenet(
        "ResNeXt", "torchvision_classifiers:resnext50_32x4d", "Xie et al. 2017, ResNeXt-50 32x4d", "layer4", _STEPS_30
    ),
    _imagenet(
        "ShuffleNet_v2",
        "torchvision_classifiers:shufflenet_v2_x1_0",
        "Ma et al. 2018, ShuffleNetV2 1.0x",
        "conv5",
        Schedule("linear"),
    ),
    _imagenet(
        "VGG", "torchvision_classifiers:vgg19", "Simonyan & Zisserman 2015, configuration E", "features.35", _STEPS_30
    ),
    _imagenet(
        "VGG_BN",
        "torchvision_classifiers:vgg19_bn",
        "Simonyan & Zisserman 2015, configuration E, with batch normalisation",
        "features.51",
        _STEPS_30,
    ),
)

for _entry in CLASSIFIERS:
    register(_entry)
