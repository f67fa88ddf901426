"""What ``load_…`` return: batches of tensors that one can go through, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from BaseNN.data.training_data import TrainingData
from BaseNN.learning.feeds import MemoryFeed, scaled
from BaseNN.learning.variations import variations


@dataclass
class Batches:
    """Batches ``(x, y)`` of a data set: pictures (N, C, H, W) from 0 to 1, everything else as it was read.

    Attributes:
        data: All of the data.
        held_out: Whether these are the samples that are held out.
    """

    data: TrainingData
    held_out: bool = False

    def __post_init__(self) -> None:
        """Make the feed; batches of another going through are in another order where they are shuffled."""
        data = self.data
        inputs = data.val_inputs if self.held_out else data.inputs
        targets = data.val_targets if self.held_out else data.targets
        assert inputs is not None
        self.inputs = torch.from_numpy(inputs)
        self.targets = torch.from_numpy(np.zeros(len(inputs), np.int64) if targets is None else targets)
        vary = None if self.held_out else variations(data, 0)
        shuffle = data.shuffle and not self.held_out
        self._feed = MemoryFeed(self.inputs, self.targets, data.batch_size or len(inputs), 0, shuffle, vary)
        self._times = 0

    def __len__(self) -> int:
        """How many batches there are."""
        return self._feed.steps

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Give the batches."""
        self._times += 1
        for batch in self._feed.epoch(self._times - 1):
            yield scaled(batch.inputs, self.data), batch.targets


def loaders(data: TrainingData) -> Batches | tuple[Batches, Batches]:
    """Return the batches of the data; where samples are held out, theirs too."""
    if data.val_inputs is None:
        return Batches(data)
    return Batches(data), Batches(data, held_out=True)
