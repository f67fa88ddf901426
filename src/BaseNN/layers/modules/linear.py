"""``linear`` and ``reshape``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

if TYPE_CHECKING:
    from BaseNN.layers.kind import Surroundings
    from BaseNN.layers.kinds import linear as kinds


class Reshape(nn.Module):
    """Lays everything but the batch in a row."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, …) -> (N, numbers of one sample)."""
        return x.flatten(1)


def linear(arguments: kinds.Linear, _surroundings: Surroundings) -> list[tuple[str, nn.Module]]:
    """Make the modules of ``linear``."""
    assert arguments.size is not None
    assert arguments.size[0] is not None  # building has looked
    return [("reshape", Reshape()), ("linear", nn.Linear(arguments.size[0], arguments.size[1]))]


def reshape(_arguments: kinds.Reshape, _surroundings: Surroundings) -> list[tuple[str, nn.Module]]:
    """Make the module of ``reshape``."""
    return [("reshape", Reshape())]
