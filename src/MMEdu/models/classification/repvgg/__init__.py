"""RepVGG: branches in training, plain convolutions when it runs. Registers it; ``network`` holds the layers."""

from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.registry import register

register(
    imagenet_entry(
        "RepVGG",
        factory=f"{__name__}.network:repvgg_a0",
        reference="Ding et al. 2021, RepVGG-A0, branches fused for inference",
        explain_layer="stages.3",
        order=70,
    )
)
