"""``LayerKind``: what is known of a layer before torch: its arguments, what shape comes out. Torch-free.

A family's own file in ``BaseNN/layers/kinds`` lists its kinds.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from BaseNN.layers import kinds

if TYPE_CHECKING:
    from torch import nn

Shape: TypeAlias = "tuple[int | None, ...]"
"""What comes out of a layer for one sample, without the batch: (C, H, W), (features,) …; None is an unknown length."""


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
        whole: Whether it is a whole network, which takes the place of everything (``em_lstm``, ``diffusion_model``).
    """

    name: str
    arguments: type
    lay: Callable[[Any, Shape | None, Surroundings], Laid]
    build: str
    shows: tuple[str, str]
    whole: bool = False

    def modules(self, arguments: Mapping[str, Any], surroundings: Surroundings) -> Sequence[tuple[str, nn.Module]]:
        """Make its modules, with fresh weights."""
        module, _, function = self.build.partition(":")
        made: Sequence[tuple[str, nn.Module]] = getattr(importlib.import_module(module), function)(
            self.arguments(**arguments), surroundings
        )
        return made


@lru_cache(maxsize=1)
def all_kinds() -> dict[str, LayerKind]:
    """Return the kinds of layers by name."""
    found: dict[str, LayerKind] = {}
    for module in pkgutil.iter_modules(kinds.__path__):
        for kind in importlib.import_module(f"{kinds.__name__}.{module.name}").KINDS:
            found[kind.name] = kind
    return found
