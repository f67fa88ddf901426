"""``diffusion_model``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from BaseNN.diffusion.model import Diffusion

if TYPE_CHECKING:
    from BaseNN.layers.kind import Surroundings
    from BaseNN.layers.kinds import diffusion as kinds


def diffusion_model(arguments: kinds.DiffusionModel, _surroundings: Surroundings) -> list[tuple[str, nn.Module]]:
    """Make the network of ``diffusion_model``, all of it."""
    channels, side = arguments.channels or 0, arguments.img_size or 0  # building has looked
    return [
        (
            "diffusion",
            Diffusion(channels, side, arguments.timestep, arguments.dim, arguments.patch, arguments.classes or 0),
        )
    ]
