"""MobileNet: torchvision's MobileNetV2."""

from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.recipe import Schedule
from MMEdu.models.registry import register

register(
    imagenet_entry(
        "MobileNet",
        torchvision="mobilenet_v2",
        reference="Sandler et al. 2018, MobileNetV2, width 1.0",
        explain_layer="features.18",
        schedule=Schedule("exponential", gamma=0.98),
        order=20,
    )
)
