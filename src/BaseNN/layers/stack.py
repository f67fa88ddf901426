"""``Stack``: the layers of a network as plain data, checked as they are laid. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from BaseNN.layers.kind import Shape, Surroundings


@dataclass(frozen=True)
class Layer:
    """One call of ``add``.

    Attributes:
        layer: Name of its kind; empty where only an activation was added.
        arguments: Complete, plain data.
        activation: Its name; empty for none.
        outgoing: Shape that comes out, after the activation; None where it is unknown.
        module: Description of a module of the user's own; empty for the kinds of the table.
    """

    layer: str
    arguments: Mapping[str, Any]
    activation: str = ""
    outgoing: Shape | None = None
    module: str = ""


@dataclass(frozen=True)
class Stack:
    """A network that is being laid.

    Attributes:
        surroundings: What the data tell.
        layers: In order.
    """

    surroundings: Surroundings = field(default_factory=Surroundings)
    layers: tuple[Layer, ...] = ()

    @property
    def outgoing(self) -> Shape | None:
        """What comes out of the last layer; what goes in where there is none."""
        return self.layers[-1].outgoing if self.layers else self.surroundings.inputs

    def add(self, layer: str | None, activation: str | None, arguments: Mapping[str, Any]) -> Stack:
        """Return the stack with one more layer.

        Raises:
            ParameterInvalid: There is no such layer, or it does not fit (-305); the message names the layer by number
                and kind, what comes in, what it wants, and the size that would fit.
            ParameterUnknown: The layer takes no such argument (-501).
        """
        raise NotImplementedError

    def fitted_to(self, surroundings: Surroundings) -> Stack:
        """Return the same layers over other data, checked anew: data that are loaded after layers were added."""
        return replace(self, surroundings=surroundings)

    def to_plain(self) -> list[dict[str, Any]]:
        """Return what a file says of the layers."""
        raise NotImplementedError

    @classmethod
    def from_plain(cls, values: object, surroundings: Surroundings) -> Stack:
        """Build a stack from what ``to_plain`` returned, checked: it comes out of a file.

        Raises:
            CheckpointInvalid: It cannot be meant (-202).
        """
        raise NotImplementedError
