"""The protocol between the engine and a task. The engine's loop is the same for every task.

Two sides: a ``Pictures`` is torch-free and runs in the feed's threads (decode, augment, put together); a ``Task`` is
the torch side (tensors, loss, predictions, metrics).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from BaseDT.image import Pixels

if TYPE_CHECKING:  # torch must not be loaded to check a dataset
    from torch import Tensor, nn

Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Batch:
    """What a feed hands to a task.

    Attributes:
        pixels: (N, H, W, C) uint8, or what the task's ``collate`` makes of its samples.
        targets: What belongs to them; for classification labels (N,) int64.
        indices: Which samples of the set they are, (N,) int64.
    """

    pixels: Any
    targets: Any
    indices: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.indices)

    def split(self, size: int) -> list[Batch]:
        """Cut into parts of at most ``size`` samples, as equal as can be."""
        if len(self) <= size:
            return [self]
        cuts = np.linspace(0, len(self), -(-len(self) // size) + 1).astype(int)
        return [Batch(self.pixels[a:b], self.targets[a:b], self.indices[a:b]) for a, b in pairwise(cuts)]


class Pictures(Protocol):
    """A set of samples: how each is decoded, kept, varied and put into a batch. Called from several threads."""

    @property
    def paths(self) -> Sequence[Path]:
        """The files, in the order of the indices."""

    @property
    def shape(self) -> tuple[int, int, int] | None:
        """(H, W, C) of what ``decode`` returns where it is the same for all, else None."""

    @property
    def varies(self) -> bool:
        """Whether ``sample`` depends on its random numbers."""

    def decode(self, data: bytes, name: str, *, strict: bool) -> Pixels:
        """Decode a file to the form that is kept. ``strict`` checks the file's whole structure.

        Raises:
            BaseDT.errors.XEduError: It is no image, or not a whole one.
        """

    def sample(self, index: int, kept: Pixels, random: np.random.Generator) -> Any:
        """Make one sample of a batch from the kept form."""

    def collate(self, indices: npt.NDArray[np.int64], samples: Sequence[Any]) -> Batch:
        """Put samples into a batch."""

    def gather(self, indices: npt.NDArray[np.int64], table: Pixels) -> Batch:
        """The same as sampling and collating where nothing varies and all kept forms are one array."""


class Task(Protocol):
    """The torch side of a task."""

    name: str

    def inputs(self, batch: Batch, device: Any) -> Any:
        """Move a training batch to the device, normalised as the model expects."""

    def trained(self, model: nn.Module) -> nn.Module:
        """The module whose ``forward`` takes training inputs: what several processes keep in step."""

    def losses(self, model: nn.Module, inputs: Any) -> dict[str, Tensor]:
        """Run the model, or what ``trained`` made of it; ``loss`` is optimised, the others are logged too."""

    def weight(self, batch: Batch) -> float:
        """How much a part of a batch counts in the loss of the whole, relative to the other parts."""

    def dummy_inputs(self, size: int, device: Any) -> Any:
        """Made-up training inputs of ``size`` pictures, to measure memory with."""

    def predict(self, model: nn.Module, batch: Batch, device: Any) -> npt.NDArray[Any]:
        """Predict a validation batch: one row per picture."""

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """Score predictions of validation samples, in the documented names and units."""

    def better(self, new: Metrics, old: Metrics, key: str) -> bool:
        """Whether ``new`` is better than ``old`` by the metric ``key``, ties broken sensibly."""
