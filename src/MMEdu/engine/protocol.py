"""The protocol between the engine and a task. The engine's loop is the same for every task.

Two sides: ``Samples`` is torch-free and runs in the feed's threads (read, decode, augment, collate); a ``Task`` is the
torch side (tensors, losses, predictions, metrics). Classes, pictures and networks are the task's affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # torch must not be loaded to check a dataset
    from torch import Tensor, nn
    from torch.optim.swa_utils import AveragedModel

    from MMEdu.engine.loop import Trainer

Metrics = Mapping[str, float]
Cached: TypeAlias = "npt.NDArray[Any] | tuple[npt.NDArray[Any], ...]"
"""The form in which a sample is cached: one array, or several (a picture and its mask)."""


@dataclass(frozen=True)
class Batch:
    """What a feed hands to a task.

    Attributes:
        inputs: (N, H, W, C) uint8 of pictures, or what else the task's ``collate`` makes of its samples: an array or
            list of N, a tuple or dictionary of such, or None.
        targets: What belongs to them, likewise; for classification labels (N,) int64.
        indices: Which samples of the set they are, (N,) int64.
    """

    inputs: Any
    targets: Any
    indices: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.indices)

    def split(self, size: int, least: int = 1) -> list[Batch]:
        """Cut into parts of at most ``size`` samples, as equal as can be.

        Args:
            size: The most.
            least: No part is smaller, as far as ``size`` is not smaller itself; parts may then be larger than ``size``.
        """
        if len(self) <= size:
            return [self]
        parts = min(-(-len(self) // size), len(self) // min(size, least))
        cuts = np.linspace(0, len(self), parts + 1).astype(int)
        return [
            Batch(_part(self.inputs, start, stop), _part(self.targets, start, stop), self.indices[start:stop])
            for start, stop in pairwise(cuts)
        ]


def _part(values: Any, start: int, stop: int) -> Any:
    """Cut samples out of what a batch holds."""
    if values is None:
        return None
    if isinstance(values, tuple):
        return tuple(_part(value, start, stop) for value in values)
    if isinstance(values, Mapping):
        return {name: _part(value, start, stop) for name, value in values.items()}
    return values[start:stop]


class Samples(Protocol):
    """A set of samples: how each is read, cached, varied and put into a batch. Called from several threads.

    A sample may be one file, several (a picture and its mask), or none (made numbers, a row of a table).
    """

    def __len__(self) -> int:
        """How many there are."""

    def name(self, index: int) -> str:
        """What messages call a sample: the path of its file, for instance."""

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of what ``load`` returns where it is one uint8 array of the same shape for all, else None."""

    @property
    def varies(self) -> bool:
        """Whether ``sample`` depends on its random numbers."""

    def load(self, index: int, *, strict: bool) -> Cached:
        """Read and decode a sample to the form that is cached. ``strict`` checks the whole structure of its files.

        Raises:
            BaseDT.errors.XEduError, OSError: It cannot be read (``BaseDT.readable.is_of_the_file``).
        """

    def sample(self, index: int, cached: Any, random: np.random.Generator) -> Any:
        """Make one sample of a batch from the cached form."""

    def collate(self, indices: npt.NDArray[np.int64], samples: Sequence[Any]) -> Batch:
        """Put samples into a batch."""

    def gather(self, indices: npt.NDArray[np.int64], table: npt.NDArray[Any]) -> Batch:
        """The same as sampling and collating where nothing varies and all cached forms are one array."""


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
        """Made-up training inputs of ``size`` samples, to measure memory with."""

    def predict(self, model: nn.Module, batch: Batch, device: Any) -> npt.NDArray[Any]:
        """Predict a validation batch: one row per sample."""

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """Score predictions of validation samples, in the documented names and units."""

    def better(self, new: Metrics, old: Metrics, key: str) -> bool:
        """Whether ``new`` is better than ``old`` by the metric ``key``, ties broken sensibly."""


@runtime_checkable
class OwnsStep(Protocol):
    """A task that learns from a batch in its own way: adversarial networks, for instance, in two steps.

    Memory is then its own affair, too: ``losses``, ``weight`` and ``dummy_inputs`` are not called.
    """

    def step(self, trainer: Trainer, batch: Batch) -> dict[str, Tensor]:
        """Learn from a batch with ``trainer.model`` and ``trainer.optimizers``; return losses, ``loss`` among them."""


@runtime_checkable
class DescribesScores(Protocol):
    """A task that learns something of its answers from the validation: how sure they may be, for instance."""

    def description(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Mapping[str, Any]:
        """What the checkpoint of that epoch says beyond the run's ``meta``: plain data. Pure: asked more than once."""

    def closing_words(
        self, log: Sequence[Mapping[str, Any]], predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]
    ) -> Sequence[str]:
        """Lines for the user at the end of the run, about it and about the best epoch's predictions."""


@runtime_checkable
class KeepsAverage(Protocol):
    """A task whose average of weights is what is validated, saved and exported (diffusion models)."""

    def average(self, model: nn.Module) -> AveragedModel:
        """Make the average of a fresh network; the engine updates it after every step."""


@runtime_checkable
class FollowsSteps(Protocol):
    """A task that keeps what every single step gave; the log has means over several."""

    def after_step(self, losses: Mapping[str, Tensor]) -> None:
        """Take note of the losses of a step, still on the device."""
