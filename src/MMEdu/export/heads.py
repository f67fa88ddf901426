"""What a task's network gives when it has left training: its outputs, how they are read, how two runs are compared.

A task joins by an entry here; the formats know nothing of tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from BaseDT.model_info import Decode

Arrays = Sequence[npt.NDArray[Any]]


@dataclass(frozen=True)
class Head:
    """How a task's network is exported.

    Attributes:
        outputs: Names of the outputs, as the documents have them.
        decode: How the runtime reads them.
        wrap: Puts behind a trained network what turns its answers into these outputs.
        difference: The largest disagreement of two runs over the same pictures.
        batches: Whether the first axis of inputs and outputs may be any number of pictures.
    """

    outputs: tuple[str, ...]
    decode: Decode
    wrap: Callable[[nn.Module], nn.Module]
    difference: Callable[[Arrays, Arrays], float]
    batches: bool


class Probabilities(nn.Module):
    """A classifier that gives probabilities (N, C): the clients take the largest as the confidence."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, C, H, W) to probabilities (N, classes)."""
        scores: Tensor = self.network(images)
        return scores.softmax(1)


def largest_difference(ours: Arrays, theirs: Arrays) -> float:
    """Return the largest absolute difference of any number; infinite where shapes differ or a number is none."""
    worst = 0.0
    for one, other in zip(ours, theirs, strict=True):
        if one.shape != other.shape or not np.isfinite(other).all():
            return float("inf")
        worst = max(worst, float(np.abs(one.astype(np.float64) - other).max(initial=0.0)))
    return worst


HEADS = {
    "classification": Head(
        outputs=("probs",),
        decode="probabilities",
        wrap=Probabilities,
        difference=largest_difference,
        batches=True,
    ),
}
"""By task."""
