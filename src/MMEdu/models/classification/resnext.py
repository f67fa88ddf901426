"""ResNeXt: torchvision's ResNeXt-50."""

from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.registry import register

register(
    imagenet_entry(
        "ResNeXt",
        torchvision="resnext50_32x4d",
        reference="Xie et al. 2017, ResNeXt-50 32x4d",
        explain_layer="layer4",
        order=80,
    )
)
