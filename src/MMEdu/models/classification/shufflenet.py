"""ShuffleNet_v2: torchvision's ShuffleNetV2."""

from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.recipe import Schedule
from MMEdu.models.registry import register

register(
    imagenet_entry(
        "ShuffleNet_v2",
        torchvision="shufflenet_v2_x1_0",
        reference="Ma et al. 2018, ShuffleNetV2 1.0x",
        explain_layer="conv5",
        schedule=Schedule("linear"),
        order=90,
    )
)
