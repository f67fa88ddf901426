"""``LayerKind``: what is known of a layer before torch: its arguments, what shape comes out. Torch-free.

A family's own file in ``BaseNN/layers/kinds`` lists its kinds.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from BaseNN.layers import kinds
from BaseNN.layers.sizes import Shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Surroundings:
    """What the data tell of a network that is made for them; zero and empty where there are none yet.

    Attributes:
        inputs: Shape of one sample; None where nothing is known.
        classes: Number of classes.
        vocabulary: Number of words.
        channels: Of the pictures.
    """

    inputs: Shape | None = None
    classes: int = 0
    vocabulary: int = 0
    channels: int = 0


@dataclass(frozen=True)
class Laid:
    """A layer that fits what comes before it.

    Attributes:
        arguments: Complete: what was left out is filled in from the incoming shape. Plain data.
        outgoing: What comes out; None where the incoming shape is unknown and nothing follows from the arguments.
    """

    arguments: Mapping[str, Any]
    outgoing: Shape | None


@dataclass(frozen=True)
class LayerKind:
    """A kind of layer.

    Attributes:
        name: As ``add`` takes it, in lower case.
        arguments: A frozen dataclass of ``BaseDT.argument_schema`` fields.
        lay: ``(arguments, incoming shape or None, surroundings) -> Laid``. Raises ``ParameterInvalid`` (-305) with what
            comes in, what the layer wants, and the size that would fit.
        build: ``"module:function"``: ``(complete arguments, surroundings) -> [(name, nn.Module)]``: modules that are
            appended under ``name`` + the layer's number. Imported when a network is built.
        shows: What it does, in a phrase for pupils, in English and Chinese.
        example: How it is added, for hints.
        completes: Arguments that are filled in from what comes in or from the data.
        whole: Whether it is a whole network, which takes the place of everything (``em_lstm``, ``diffusion_model``).
    """

    name: str
    arguments: type
    lay: Callable[[Any, Shape | None, Surroundings], Laid]
    build: str
    shows: tuple[str, str]
    example: str = ""
    completes: tuple[str, ...] = ()
    whole: bool = False

    def lacks(self, arguments: Mapping[str, Any]) -> str:
        """Return the argument that still waits for what comes in; empty for none."""
        return next((name for name in self.completes if _is_open(arguments[name])), "")

    def modules(self, arguments: Mapping[str, Any], surroundings: Surroundings) -> Sequence[tuple[str, nn.Module]]:
        """Make its modules, with fresh weights."""
        module, _, function = self.build.partition(":")
        made: Sequence[tuple[str, nn.Module]] = getattr(importlib.import_module(module), function)(
            self.arguments(**arguments), surroundings
        )
        return made


def _is_open(value: Any) -> bool:
    """Tell whether a value, or its incoming part, waits for the data."""
    return value is None or (isinstance(value, (tuple, list)) and bool(value) and value[0] is None)


def laid(arguments: Any, outgoing: Shape | None) -> Laid:
    """Return a layer that fits; its arguments become plain data."""
    return Laid({item.name: getattr(arguments, item.name) for item in fields(arguments)}, outgoing)


@lru_cache(maxsize=1)
def all_kinds() -> dict[str, LayerKind]:
    """Return the kinds of layers by name."""
    found: dict[str, LayerKind] = {}
    for module in pkgutil.iter_modules(kinds.__path__):
        for kind in importlib.import_module(f"{kinds.__name__}.{module.name}").KINDS:
            found[kind.name] = kind
    return found
