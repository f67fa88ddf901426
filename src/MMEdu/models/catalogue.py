"""The models of the house, one entry each. Torch-free: the builders are named, not imported.

Inputs and recipes start from those of the original (see the documented table); the user's arguments win.
"""

from __future__ import annotations

from dataclasses import replace

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
    # OpenMMLab's checkpoints, and those of the original's RegNet, have this width; torchvision's have the other.
    _imagenet(
        "RegNet_384",
        "torchvision_classifiers:regnet_x_400mf_384",
        "Radosavovic et al. 2020, RegNetX-400MF, 384 channels in the last stage as published",
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

# SSD's augmentation (Liu et al. 2016), as the original's recipes have it.
_SSD_AUGMENT = Augment(flip=0.5, photometric=0.5, expand=4.0, iou_crop=(0.1, 0.3, 0.5, 0.7, 0.9))
_MEAN_GRAY = 114  # about the mean colour: what is beside a picture says nothing


def _detector(
    name: str,
    builder: str,
    reference: str,
    preprocess: Preprocess,
    recipe: Recipe,
    *,
    aliases: tuple[str, ...] = (),
    two_stage: bool = False,
    masks: bool = False,
) -> ModelEntry:
    return ModelEntry(
        name=name,
        task="detection",
        factory=f"MMEdu.models.{builder}",
        preprocess=preprocess,
        recipe=recipe,
        reference=reference,
        explain_layer="",
        aliases=aliases,
        two_stage=two_stage,
        masks=masks,
    )


_YOLO_AUGMENT = replace(_SSD_AUGMENT, multi_scale=(0.75, 1.0), mosaic=0.5)
_YOLO = Recipe(
    batch_size=8, schedule=Schedule("cosine", warmup_iters=100), augment=_YOLO_AUGMENT, bfloat16=True, clip_norm=35.0
)
# 1333×800 takes a school PC a minute a picture: 512 is the default here, image_size changes it.
_RCNN_INPUT = Preprocess(size=(512, 512), resize="letterbox", pad_value=_MEAN_GRAY)
_RCNN = Recipe(
    batch_size=2,
    schedule=Schedule("step", milestones=(8, 11), warmup_iters=100),
    augment=Augment(flip=0.5),
    bfloat16=True,
)

DETECTORS = (
    _detector(
        "SSD_Lite",
        "detection.ssd_lite:ssd_lite",
        "Sandler et al. 2018, section 6.2: SSDLite on MobileNetV2, 320",
        Preprocess(size=(320, 320)),
        Recipe(batch_size=16, schedule=Schedule("cosine", warmup_iters=100), augment=_SSD_AUGMENT, bfloat16=True),
    ),
    _detector(
        "FasterRCNN",
        "rcnn:FasterRCNN",
        "Ren et al. 2015, with the feature pyramid of Lin et al. 2017 on ResNet-50",
        _RCNN_INPUT,
        _RCNN,
        two_stage=True,
    ),
    _detector(
        "Yolov3",
        "detection.yolo:yolov3",
        "Redmon & Farhadi 2018, YOLOv3 on Darknet-53, 416",
        Preprocess(size=(416, 416), resize="letterbox", mean=(0.0, 0.0, 0.0), std=(255.0, 255.0, 255.0)),
        _YOLO,
        aliases=("YOLO",),
    ),
    _detector(
        "Yolov3_MobileNet",
        "detection.yolo:yolov3_mobilenet",
        "Redmon & Farhadi 2018, YOLOv3 on MobileNetV2, 416",
        Preprocess(size=(416, 416), resize="letterbox", pad_value=_MEAN_GRAY),
        _YOLO,
        aliases=("Yolov3_Lite",),
    ),
    _detector(
        "Mask_RCNN",
        "rcnn:Mask_RCNN",
        "He et al. 2017, on ResNet-50 with a feature pyramid",
        _RCNN_INPUT,
        _RCNN,
        two_stage=True,
        masks=True,
    ),
)

for _entry in (*CLASSIFIERS, *DETECTORS):
    register(_entry)
