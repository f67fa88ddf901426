"""The registry of models. Torch-free until ``ModelEntry.build`` is called, so that models can be listed anywhere.

A model's own file in ``MMEdu/models/<task>/`` registers it: every module and package directly below that folder is
imported when the task's models are first asked for. There is no list of models, and none of tasks.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import MMEdu.models as architectures
from BaseDT.errors import BackboneUnknown, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.models.recipe import Recipe

if TYPE_CHECKING:
    from torch import nn

LAST = 1000
"""The order of a model that says nothing of its position: behind those that do."""


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
        aliases: Other names for it.
        fixed_size: Whether the architecture works at one input size only.
        multiple: The sides of its input are a multiple of so many pixels.
        has_classes: Whether its output counts through named classes; others are built for 0 of them.
        order: Its position in lists of models, smallest first; equal numbers go by name.
        torchvision: torchvision's name of this very network; empty where it has none.
        usually_pretrained: Whether a training that says nothing of it starts from pretrained weights where these are on
            the machine.
        backbone: The classifier (its name here) whose weights, without the head, fit its backbone; empty for none.
        options: What only models of this task have: a frozen dataclass of ``MMEdu/models/<task>``. ``Any``, because
            every task has a class of its own and only that task reads it.
    """

    name: str
    task: str
    factory: str
    preprocess: Preprocess
    recipe: Recipe
    reference: str
    aliases: tuple[str, ...] = ()
    fixed_size: bool = False
    multiple: int = 1
    has_classes: bool = True
    order: int = LAST
    torchvision: str = ""
    backbone: str = ""
    usually_pretrained: bool = False
    options: Any = None

    def build(self, num_classes: int) -> nn.Module:
        """Build the network with fresh weights for ``num_classes`` classes."""
        module, _, function = self.factory.partition(":")
        factory = cast("Callable[[int], nn.Module]", getattr(importlib.import_module(module), function))
        return factory(num_classes)

    def with_bits(self, bits: int | None) -> ModelEntry:
        """The same model for pictures of 16 bits that use so many of them; itself where ``bits`` is None."""
        return self if bits is None else replace(self, preprocess=replace(self.preprocess, bits=bits))


@dataclass(frozen=True)
class ModelSource:
    """Further models of a task, which have no file each: a library's, by its own names.

    Attributes:
        task: The task they belong to.
        names: Lists their names in small letters; none where the library cannot be used.
        entry: Makes the entry of one of these names.
    """

    task: str
    names: Callable[[], Collection[str]]
    entry: Callable[[str], ModelEntry]


_ENTRIES: dict[str, ModelEntry] = {}
_SOURCES: dict[ModelSource, None] = {}


def register(entry: ModelEntry) -> ModelEntry:
    """Add a model under its name and aliases; anybody's, at any time.

    Raises:
        ValueError: A name of it is taken by another model of the same task.
    """
    keys = [f"{entry.task}/{name.lower()}" for name in (entry.name, *entry.aliases)]
    taken = [key for key in keys if _ENTRIES.get(key, entry) != entry]
    if taken:
        raise ValueError(f"a model is registered already as {taken[0]}")
    _ENTRIES.update(dict.fromkeys(keys, entry))
    return entry


def unregister(entry: ModelEntry) -> None:
    """Take a model out again, e.g. one that a test has registered."""
    for key in [key for key, registered in _ENTRIES.items() if registered == entry]:
        del _ENTRIES[key]


def register_source(source: ModelSource) -> ModelSource:
    """Add a library's models: they are found by their names, but not listed among the task's models."""
    _SOURCES[source] = None
    return source


@lru_cache(maxsize=64)
def _load(task: str) -> None:
    """Import what lies directly below the task's folder; a task from elsewhere has none and registers by itself."""
    folder = f"{architectures.__name__}.{task}"
    if task not in _folders():
        return
    package = importlib.import_module(folder)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{folder}.{module.name}")


@lru_cache(maxsize=1)
def _folders() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(architectures.__path__) if module.ispkg))


def tasks() -> list[str]:
    """List the tasks that have models, by name."""
    for folder in _folders():
        _load(folder)
    return sorted({entry.task for entry in _ENTRIES.values()})


def entries(task: str) -> list[ModelEntry]:
    """List a task's models by their order."""
    _load(task)
    of_task = {entry.name: entry for entry in _ENTRIES.values() if entry.task == task}
    return sorted(of_task.values(), key=lambda entry: (entry.order, entry.name.lower()))


def names(task: str) -> list[str]:
    """List the names of a task's models by their order."""
    return [entry.name for entry in entries(task)]


def all_names(task: str) -> list[str]:
    """List the names and aliases of a task's models."""
    return list(dict.fromkeys(name for entry in entries(task) for name in (entry.name, *entry.aliases)))


def find(name: str, task: str) -> ModelEntry:
    """Look a model up; letter case is ignored.

    The models of a source are found by their own names too (torchvision's ``"efficientnet_b0"``).

    Raises:
        BackboneUnknown: No model of this name for this task (-302).
    """
    _load(task)
    key = (name if isinstance(name, str) else quoted(name)).lower()
    entry = _ENTRIES.get(f"{task}/{key}")
    if entry is not None:
        return entry
    for source in _sources(task):
        if key in source.names():
            return source.entry(key)
    raise unknown_backbone(name if isinstance(name, str) else quoted(name), task)


def constructor_call(backbone: str, task: str) -> str:
    """Return how a user chooses a model, for hints: ``MMClassification('…')``.

    The name of the class stands in the package of the task's models; a task from elsewhere may have none.
    """
    name = ""
    if task in _folders():
        name = getattr(importlib.import_module(f"{architectures.__name__}.{task}"), "DOCUMENTED_CLASS", "")
    return f"{name}({backbone!r})" if name else f"backbone={backbone!r}"


def _sources(task: str) -> list[ModelSource]:
    return [source for source in _SOURCES if source.task == task]


def unknown_backbone(name: str, task: str) -> BackboneUnknown:
    """Make the error that names the models there are."""
    registered = names(task)
    listed = ", ".join(registered)
    hint = say(f"Choose one of: {listed}.", f"可选的模型：{listed}。")
    offer = did_you_mean(name, [*registered, *(other for source in _sources(task) for other in source.names())])
    return BackboneUnknown(
        say(f"No such backbone: {name!r}.", f"没有名为 {name!r} 的模型（backbone）。"), hint=f"{offer} {hint}".strip()
    )
