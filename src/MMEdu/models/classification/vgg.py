"""VGG and VGG_BN: torchvision's VGG-19, without and with batch normalisation."""

from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.registry import register

register(
    imagenet_entry(
        "VGG",
        torchvision="vgg19",
        reference="Simonyan & Zisserman 2015, configuration E",
        explain_layer="features.35",
        order=100,
    )
)
register(
    imagenet_entry(
        "VGG_BN",
        torchvision="vgg19_bn",
        reference="Simonyan & Zisserman 2015, configuration E, with batch normalisation",
        explain_layer="features.51",
        order=110,
    )
)
