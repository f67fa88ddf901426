"""The registry of models. Torch-free until ``ModelEntry.build`` is called, so that models can be listed anywhere."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from BaseDT.errors import BackboneUnknown, did_you_mean
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.models.recipe import Recipe

if TYPE_CHECKING:
    from torch import nn

CLASS_OF = {"classification": "MMClassification", "detection": "MMDetection"}
"""The documented class of each task, for hints."""


@dataclass(frozen=True)
class ModelEntry:
    """Everything the project knows of a model before it is built.

    Attributes:
        name: The user's name of it; letter case is ignored when it is looked up.
        task: The task it belongs to, e.g. ``"classification"``.
        factory: Where its builder lives, ``"module:function"``; called with the number of classes.
        preprocess: How pixels become its input.
        recipe: How it is trained by default.
        reference: The publication and the form of the architecture.
        explain_layer: The module whose output Grad-CAM reads, as a dotted name.
        aliases: Other names for it.
        fixed_size: Whether the architecture works at one input size only.
        two_stage: Whether it first proposes regions and then judges them.
        masks: Whether it also finds the outlines of objects.
    """

    name: str
    task: str
    factory: str
    preprocess: Preprocess
    recipe: Recipe
    reference: str
    explain_layer: str
    aliases: tuple[str, ...] = ()
    fixed_size: bool = False
    two_stage: bool = False
    masks: bool = False

    def build(self, num_classes: int) -> nn.Module:
        """Build the network with fresh weights for ``num_classes`` classes."""
        module, _, function = self.factory.partition(":")
        factory = cast("Callable[[int], nn.Module]", getattr(importlib.import_module(module), function))
        return factory(num_classes)


_ENTRIES: dict[str, ModelEntry] = {}


def register(entry: ModelEntry) -> ModelEntry:
    """Add a model under its name and aliases.

    Raises:
        ValueError: A name of it is taken by another model of the same task.
    """
    keys = [f"{entry.task}/{name.lower()}" for name in (entry.name, *entry.aliases)]
    taken = [key for key in keys if _ENTRIES.get(key, entry) != entry]
    if taken:
        raise ValueError(f"a model is registered already as {taken[0]}")
    _ENTRIES.update(dict.fromkeys(keys, entry))
    return entry


def _load_catalogue() -> None:
    """Import the file that registers the models of the house (late, because it imports this one)."""
    importlib.import_module("MMEdu.models.catalogue")


def names(task: str) -> list[str]:
    """List the names of a task's models in the order of the catalogue."""
    _load_catalogue()
    return list(dict.fromkeys(e.name for e in _ENTRIES.values() if e.task == task))


def all_names(task: str) -> list[str]:
    """List the names and aliases of a task's models."""
    _load_catalogue()
    return list(dict.fromkeys(name for e in _ENTRIES.values() if e.task == task for name in (e.name, *e.aliases)))


def find(name: str, task: str) -> ModelEntry:
    """Look a model up; letter case is ignored.

    A classifier of torchvision is found by its own name too (``"efficientnet_b0"``).

    Raises:
        BackboneUnknown: No model of this name for this task (-302).
    """
    _load_catalogue()
    entry = _ENTRIES.get(f"{task}/{str(name).lower()}")
    if entry is None and str(name).lower() in _others(task):
        entry = importlib.import_module("MMEdu.models.torchvision_classifiers").find(str(name))
    if entry is None:
        raise unknown_backbone(str(name), task)
    return entry


def unknown_backbone(name: str, task: str) -> BackboneUnknown:
    """Make the error that names the models there are."""
    known = names(task)
    listed = ", ".join(known)
    hint = say(f"Choose one of: {listed}.", f"可选的模型：{listed}。")
    offer = did_you_mean(name, [*known, *_others(task)])
    return BackboneUnknown(f"No such backbone: {name!r}.", hint=f"{offer} {hint}".strip())


def _others(task: str) -> Iterable[str]:
    """Names of torchvision's own, where they can be used and it is installed."""
    if task != "classification" or importlib.util.find_spec("torchvision") is None:
        return ()
    try:
        known: Iterable[str] = importlib.import_module("MMEdu.models.torchvision_classifiers").classifier_names()
    except (ImportError, OSError, RuntimeError):  # no torch, or a broken one: `mmedu doctor` says which
        return ()
    return known
