"""torchvision's segmenters by its own names; DeepLabV3_MobileNet is one of them. Torch-free at import."""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import TYPE_CHECKING

from BaseDT.preprocess import Preprocess
from MMEdu.models.recipe import Recipe, Schedule
from MMEdu.models.registry import LAST, ModelEntry, ModelSource, register, register_source
from MMEdu.models.segmentation.augment import PHOTOGRAPHS
from MMEdu.models.segmentation.pace import FROM_SCRATCH

if TYPE_CHECKING:
    from torch import nn

_LISTED = "deeplabv3_mobilenet_v3_large"


def _build(name: str, num_classes: int) -> nn.Module:
    from MMEdu.models.segmentation.parts.torchvision_network import network

    return network(name, num_classes)


def __getattr__(name: str) -> partial[nn.Module]:
    """Make the builder of a segmenter when it is asked for by name."""
    if name.startswith("__") or name not in segmenter_names():
        raise AttributeError(name)
    return partial(_build, name)


def segmenter_names() -> frozenset[str]:
    """Names of all of torchvision's segmenters."""
    from MMEdu.models.torchvision_bridge import torchvision

    models = torchvision().models
    return frozenset(models.list_models(module=models.segmentation))


def available_names() -> frozenset[str]:
    """The same where torchvision is installed and can be used; nothing elsewhere."""
    if importlib.util.find_spec("torchvision") is None:
        return frozenset()
    try:
        return segmenter_names()
    except (ImportError, OSError, RuntimeError):  # no torch, or a broken one: `mmedu doctor` says which
        return frozenset()


def _entry(name: str, torchvision: str, reference: str, order: int = LAST) -> ModelEntry:
    return ModelEntry(
        name=name,
        task="segmentation",
        factory=f"{__name__}:{torchvision}",
        preprocess=Preprocess(size=(256, 256)),
        recipe=Recipe(
            batch_size=8,
            schedule=Schedule("cosine", warmup_iters=15),
            augment=PHOTOGRAPHS,
            bfloat16=True,
            scratch=FROM_SCRATCH,
        ),
        reference=reference,
        multiple=32,
        order=order,
    )


def find(name: str) -> ModelEntry:
    """Make an entry for one of ``segmenter_names``."""
    return _entry(name.lower(), name.lower(), "torchvision's model of this name")


register(
    _entry(
        "DeepLabV3_MobileNet",
        _LISTED,
        "Chen et al. 2017, DeepLabV3, on MobileNetV3 (Howard et al. 2019), as torchvision has it, 256",
        order=30,
    )
)
register_source(ModelSource("segmentation", available_names, find))
