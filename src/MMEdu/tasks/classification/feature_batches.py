"""Features in place of pixels: the views of a picture that they are computed of, and the feed that gives them.

Torch-free, as all feeds are; ``frozen_backbone`` computes what is fed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from BaseDT.image import Pixels
from MMEdu.engine.feed import Indices, random_of, shuffled, split_batches
from MMEdu.engine.protocol import Batch
from MMEdu.tasks.classification.answers import Targets
from MMEdu.tasks.classification.samples import LabelledPictures

if TYPE_CHECKING:
    from MMEdu.engine.distributed import Group

Rows = npt.NDArray[np.float32]


class Views:
    """The training pictures in one of several views: number 0 as prediction sees them, the others varied.

    ``Samples`` whose samples do not depend on the epoch.

    Args:
        samples: The training set.
        seed: The run's.
    """

    varies = False

    def __init__(self, samples: LabelledPictures, seed: int) -> None:
        self._samples, self._seed = samples, seed
        self.number = 0
        self.shape = samples.shape
        self.name = samples.name
        self.load = samples.load

    def __len__(self) -> int:
        return len(self._samples)

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Pixels:
        """Return a picture in the present view."""
        if self.number == 0:
            return self._samples.unvaried(cached)
        del random  # the same in every epoch
        return self._samples.sample(index, cached, random_of(self._seed, self.number, index))

    def collate(self, indices: Indices, samples: Sequence[Pixels]) -> Batch:
        """Stack pictures to (N, H, W, C)."""
        return self._samples.collate(indices, samples)

    def gather(self, indices: Indices, table: Pixels) -> Batch:
        """Take a batch out of the array of all pictures."""
        unused = random_of(0, 0, 0)
        return self.collate(indices, [self.sample(int(i), table[i], unused) for i in indices])


@dataclass
class FeatureFeed:
    """Batches of features; a ``Feed``. Which view of a picture an epoch sees depends on (seed, epoch) alone.

    Attributes:
        labels: Of all samples, as ``LabelledPictures`` has them.
        batch_size: Samples of a batch, for this process.
        group: The processes that share an epoch.
        seed: The run's; None gives all in order, as validation wants them.
        views: (N, …) float32 for each view; filled before the first epoch.
        indices: The samples that could be read.
    """

    labels: Targets
    batch_size: int
    group: Group
    seed: int | None = None
    views: list[Rows] = field(default_factory=list, init=False)
    indices: Indices = field(init=False)

    def __post_init__(self) -> None:
        self.indices = np.arange(len(self.labels), dtype=np.int64)

    def take(self, views: Sequence[tuple[Rows, Indices]]) -> None:
        """Keep the rows of every view, of the samples that all of them have."""
        common = views[0][1]
        for _, indices in views[1:]:
            common = np.intersect1d(common, indices)
        self.views = [
            rows if len(indices) == len(common) else rows[np.searchsorted(indices, common)] for rows, indices in views
        ]
        self.indices = common

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""
        return len(self._batches(0))

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, counted from 0."""
        chosen = np.zeros(len(self.indices), dtype=np.int64)
        if self.seed is not None and len(self.views) > 1:
            chosen = np.random.Generator(np.random.PCG64((self.seed, epoch, 1))).integers(
                len(self.views), size=len(chosen)
            )
        for positions in self._batches(epoch):
            rows = self.views[0][positions]
            for number, view in enumerate(self.views[1:], start=1):
                in_view = chosen[positions] == number
                rows[in_view] = view[positions[in_view]]
            samples = self.indices[positions]
            yield Batch(rows, self.labels[samples], samples)

    def _batches(self, epoch: int) -> list[Indices]:
        """Positions in ``indices``, a batch each, of this process."""
        count, rank, world = len(self.indices), self.group.rank, self.group.world
        if self.seed is None:
            return split_batches(np.arange(count, dtype=np.int64), self.batch_size)[rank::world]
        return split_batches(shuffled(count, self.seed, epoch, rank, world), self.batch_size)
