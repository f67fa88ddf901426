"""Batches out of memory: gathers from one tensor, in an order that depends on the seed and the epoch alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from BaseNN.data.training_data import TrainingData
from MMEdu.engine.feed import Indices, shuffled, split_batches
from MMEdu.engine.protocol import Batch

Vary = Callable[[Tensor, Indices, int], Tensor]
"""``(inputs of a batch, which samples they are, epoch) -> the same, varied``."""


@dataclass(frozen=True)
class MemoryFeed:
    """Batches of samples that lie in memory.

    Attributes:
        inputs: (N, …).
        targets: (N, …); None where nothing is to be met.
        batch_size: Samples of a batch; a last batch of one joins the one before it.
        seed: The run's.
        shuffle: Whether each epoch has an order of its own.
        vary: Varies the pictures of a training batch; None leaves them.
    """

    inputs: Tensor
    targets: Tensor | None
    batch_size: int
    seed: int = 0
    shuffle: bool = False
    vary: Vary | None = None

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""
        return len(split_batches(np.arange(len(self.inputs)), self.batch_size))

    def order(self, epoch: int) -> list[Indices]:
        """Return which samples each batch of an epoch, counted from 0, has."""
        count = len(self.inputs)
        order = shuffled(count, self.seed, epoch) if self.shuffle else np.arange(count, dtype=np.int64)
        return split_batches(order, self.batch_size)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, counted from 0."""
        for indices in self.order(epoch):
            rows = torch.from_numpy(indices)
            inputs = self.inputs[rows]
            if self.vary is not None:
                inputs = self.vary(inputs, indices, epoch)
            yield Batch(inputs, None if self.targets is None else self.targets[rows], indices)


@dataclass(frozen=True)
class Turn(Batch):
    """All samples, for some epochs in a row.

    Attributes:
        first: The first of them, counted from 0.
        passes: How many.
    """

    first: int
    passes: int


@dataclass(frozen=True)
class TurnFeed:
    """A small table for many epochs at a time: one ``Turn`` in place of their batches.

    Attributes:
        feed: The table.
        passes: Epochs of a turn.
        epochs: Of the run.
    """

    feed: MemoryFeed
    passes: int
    epochs: int

    @property
    def steps(self) -> int:
        """A turn is one step of the engine's loop."""
        return 1

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the turn that begins with an epoch, counted from 0."""
        indices = np.arange(len(self.feed.inputs), dtype=np.int64)
        passes = min(self.passes, self.epochs - epoch)
        yield Turn(self.feed.inputs, self.feed.targets, indices, epoch, passes)


_SHARE = float(np.float32(1) / np.float32(255))
"""``Preprocess`` multiplies by it, too: dividing would give another last bit."""


def scaled(inputs: Tensor, data: TrainingData) -> Tensor:
    """Return pictures as shares of 255, (N, C, H, W) float32; everything else as it is."""
    return inputs.to(torch.float32) * _SHARE if data.kind == "img" else inputs
