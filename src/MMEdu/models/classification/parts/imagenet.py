"""The input and the recipe of networks that were published for ImageNet, and an entry with both. Torch-free.

They start from those of the original (see the documented table); the user's arguments win.
"""

from __future__ import annotations

from BaseDT.preprocess import Preprocess
from MMEdu.models.classification.augment import Augment
from MMEdu.models.classification.parts.options import ClassifierOptions
from MMEdu.models.recipe import Recipe, Schedule
from MMEdu.models.registry import LAST, ModelEntry

TORCHVISION_BUILDERS = "MMEdu.models.classification.torchvision_classifiers"
IMAGENET = Preprocess(
    size=(224, 224),
    color="rgb",
    mean=(123.675, 116.28, 103.53),
    std=(58.395, 57.12, 57.375),
    resize="short_side",
    resize_to=256,
)
STEPS_OF_30 = Schedule("step", milestones=(30, 60, 90))


def imagenet_entry(
    name: str,
    *,
    reference: str,
    factory: str | None = None,
    torchvision: str = "",
    explain_layer: str = "",
    schedule: Schedule = STEPS_OF_30,
    bfloat16: bool = True,
    order: int = LAST,
    preprocess: Preprocess = IMAGENET,
    usually_pretrained: bool = False,
) -> ModelEntry:
    """Make the entry of a network for photographs.

    Args:
        name: The user's name of it.
        reference: The publication and the form of the architecture.
        factory: Its builder, ``"module:function"``; None for torchvision's network.
        torchvision: torchvision's name of it.
        explain_layer: The module whose output Grad-CAM reads; empty for the last convolution.
        schedule: How the learning rate moves.
        bfloat16: Whether bfloat16 wins on a CPU with native instructions.
        order: Its position in lists of models.
        preprocess: How pixels become its input.
        usually_pretrained: Whether it starts from pretrained weights where these are here.
    """
    augment = Augment(crop_scale=(0.08, 1.0), flip=0.5)
    return ModelEntry(
        name=name,
        task="classification",
        factory=factory or f"{TORCHVISION_BUILDERS}:{torchvision}",
        preprocess=preprocess,
        recipe=Recipe(batch_size=32, schedule=schedule, augment=augment, bfloat16=bfloat16),
        reference=reference,
        order=order,
        torchvision=torchvision,
        usually_pretrained=usually_pretrained,
        options=ClassifierOptions(explain_layer),
    )
