"""Layers that only lay numbers out in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

if TYPE_CHECKING:
    from BaseNN.layers.kind import Surroundings
    from BaseNN.layers.kinds.shaping import Nothing

Modules = list[tuple[str, nn.Module]]


class Part0(nn.Module):
    """The first of several results; a single one stays as it is."""

    def forward(self, x: Tensor | tuple[Tensor, ...]) -> Tensor:
        """(outputs, state) -> outputs."""
        return x if isinstance(x, Tensor) else x[0]


class LastStep(nn.Module):
    """What comes out at the last step."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, steps, features) -> (N, features)."""
        return x[:, -1, :]


class Unsqueeze(nn.Module):
    """The last step as a sequence of one."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, steps, features) -> (N, 1, features)."""
        return x[:, -1:, :]


class Squeeze(nn.Module):
    """Takes away a first length of one, the batch not counted."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, …) -> (N, …)."""
        return x.squeeze(1)


def squeeze(_arguments: Nothing, _: Surroundings) -> Modules:
    """Make the module of ``squeeze``."""
    return [("squeeze", Squeeze())]


def unsqueeze(_arguments: Nothing, _: Surroundings) -> Modules:
    """Make the module of ``unsqueeze``."""
    return [("unsqueeze", Unsqueeze())]


def part0(_arguments: Nothing, _: Surroundings) -> Modules:
    """Make the module of ``part0``."""
    return [("part0", Part0())]
