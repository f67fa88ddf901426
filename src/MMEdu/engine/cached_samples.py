"""Samples of a data set with their cache, and the check that fills it. Torch-free; no task is known here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from BaseDT.dataset.check import Damaged, check_images
from BaseDT.language import say
from MMEdu.engine.events import Listener, long_work
from MMEdu.engine.feed import fill
from MMEdu.engine.protocol import Samples
from MMEdu.engine.store import Budget, SampleStore

S = TypeVar("S", bound=Samples)


@dataclass(frozen=True)
class CachedSamples(Generic[S]):
    """A part of a data set with its cache."""

    samples: S
    store: SampleStore

    @classmethod
    def of(cls, samples: S, budget: Budget) -> CachedSamples[S]:
        """Give samples an empty cache."""
        return cls(samples, SampleStore(len(samples), budget, samples.shape))

    def hand_over(self, other: CachedSamples[S]) -> None:
        """Give what is cached to another part of the same samples, or some of them; they are known by their names."""
        index_of = {self.samples.name(index): index for index in range(len(self.samples))}
        for index in range(len(other.samples)):
            if (cached := self.store.get(index_of[other.samples.name(index)])) is not None:
                other.store.put(index, cached)

    def share(self, other: CachedSamples[S]) -> None:
        """Share what is cached with another part that holds the same samples and more, beside this one."""
        index_of = {other.samples.name(index): index for index in range(len(other.samples))}
        for index in range(len(self.samples)):
            if (cached := self.store.get(index)) is not None:
                other.store.share(index_of[self.samples.name(index)], cached)


def check_parts(
    parts: Sequence[tuple[Sequence[Any], CachedSamples[Any] | None]], emit: Listener
) -> tuple[Damaged, ...]:
    """Load every sample once, strictly, cache what training will need, and name the damaged files.

    Args:
        parts: The entries of each split, and the samples that cache them; None where they are only looked at.
        emit: Told of progress.
    """
    total = sum(len(entries) for entries, _ in parts)
    damaged: list[Damaged] = []
    done = 0
    with long_work(emit, say("Checking pictures", "检查图片")) as progress:
        for entries, cached in parts:
            visit = None if cached is None else fill(cached.samples, cached.store)
            damaged += check_images(entries, visit, progress=partial(_shifted, progress, done, total))
            done += len(entries)
    return tuple(damaged)


def _shifted(progress: Callable[[int, int], None], before: int, total: int, done: int, of: int) -> None:
    """Report the progress of one part as that of all."""
    del of
    progress(before + done, total)
