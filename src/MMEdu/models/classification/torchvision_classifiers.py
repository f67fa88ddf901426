"""torchvision's classifiers by its own names: builders, and entries of those that have no file here.

Torch-free at import; weights are always fresh.
"""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import TYPE_CHECKING, cast

from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.recipe import Schedule
from MMEdu.models.registry import ModelEntry, ModelSource, register_source

if TYPE_CHECKING:
    from torch import nn

# Their training forward returns several outputs.
_WITH_AUXILIARY_HEADS = frozenset({"googlenet", "inception_v3"})


def _build(name: str, num_classes: int) -> nn.Module:
    from MMEdu.models.torchvision_bridge import torchvision

    return cast("nn.Module", torchvision().models.get_model(name, weights=None, num_classes=num_classes))


def __getattr__(name: str) -> partial[nn.Module]:
    """Make the builder of a classifier when it is asked for by name."""
    if name.startswith("__") or name not in classifier_names():
        raise AttributeError(name)
    return partial(_build, name)


def classifier_names() -> frozenset[str]:
    """Names of all of torchvision's classifiers that can be trained here."""
    from MMEdu.models.torchvision_bridge import torchvision

    models = torchvision().models
    return frozenset(models.list_models(module=models)) - _WITH_AUXILIARY_HEADS


def available_names() -> frozenset[str]:
    """The same where torchvision is installed and can be used; nothing elsewhere."""
    if importlib.util.find_spec("torchvision") is None:
        return frozenset()
    try:
        return classifier_names()
    except (ImportError, OSError, RuntimeError):  # no torch, or a broken one: `mmedu doctor` says which
        return frozenset()


def find(name: str) -> ModelEntry:
    """Make an entry for one of ``classifier_names``."""
    return imagenet_entry(
        name.lower(),
        torchvision=name.lower(),
        reference="torchvision's model of this name",
        schedule=Schedule("cosine"),
        bfloat16=False,
    )


register_source(ModelSource("classification", available_names, find))
