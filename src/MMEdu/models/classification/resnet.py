"""ResNet18 and ResNet50: torchvision's."""

from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.registry import register

register(
    imagenet_entry(
        "ResNet18",
        torchvision="resnet18",
        reference="He et al. 2016, 18 layers (basic blocks)",
        explain_layer="layer4",
        order=30,
    )
)
register(
    imagenet_entry(
        "ResNet50",
        torchvision="resnet50",
        reference="He et al. 2016, 50 layers (bottlenecks)",
        explain_layer="layer4",
        order=40,
    )
)
