"""The shapes of our own networks' weights, without their memory: what a file's weights are held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from MMEdu.models import registry

_MANY = 1_000_003  # prime, and beyond any layer's width: only what is counted by classes reaches it
_DRAWS = frozenset({"normal_", "uniform_", "fill_", "zero_", "kaiming_normal_", "kaiming_uniform_", "trunc_normal_"})


@dataclass(frozen=True)
class Shapes:
    """The weights of a network for any number of classes.

    Attributes:
        fixed: Shapes that do not depend on the classes, by name.
        rows: Of the head: (rows that belong to no class, rows of a class, the other dimensions), by name.
    """

    fixed: dict[str, tuple[int, ...]]
    rows: dict[str, tuple[int, int, tuple[int, ...]]]

    def classes(self, name: str, shape: tuple[int, ...]) -> int | None:
        """Return for how many classes a weight of the head is; None if it cannot be one of this network's."""
        rest, each, others = self.rows[name]
        if not shape or shape[1:] != others:
            return None
        count, odd = divmod(shape[0] - rest, each)
        return count if count >= 1 and not odd else None

    def __len__(self) -> int:
        """Number of weights."""
        return len(self.fixed) + len(self.rows)


class _WithoutMemory(TorchFunctionMode):
    """Weights get no elements; what a network computes while it is built, such as RegNet's widths, is computed."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is torch.empty:
            return func(*args, **{**(kwargs or {}), "device": "meta"})
        if getattr(func, "__name__", "") in _DRAWS and args and args[0].is_meta:
            return args[0]  # it takes longer than all else
        return func(*args, **(kwargs or {}))


def empty(backbone: str, task: str, num_classes: int) -> dict[str, Tensor]:
    """Return a network's weights by name with their shapes and types, without elements; seeds stay as they are."""
    entry = registry.find(backbone, task)
    with torch.random.fork_rng(devices=()), _WithoutMemory():
        state = entry.build(num_classes).state_dict()
    return {name: value.to("meta") for name, value in state.items()}


@lru_cache(maxsize=128)
def shapes(backbone: str, task: str) -> Shapes:
    """Return the shapes of a network: with more classes than anything else has rows, those of the head stand out."""
    # On the meta device a head for a million classes costs nothing, and one build tells rows per class and the rest.
    network_shapes = {name: tuple(value.shape) for name, value in empty(backbone, task, _MANY).items()}
    rows = {}
    for name, shape in network_shapes.items():
        if shape and shape[0] >= _MANY:
            each, rest = divmod(shape[0], _MANY)
            rows[name] = (rest, each, shape[1:])
    return Shapes({name: shape for name, shape in network_shapes.items() if name not in rows}, rows)
