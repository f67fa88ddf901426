"""Pictures of a data set with their cache, and the check that fills it. Torch-free; no task is known here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from BaseDT.dataset.check import Damaged, check_images
from BaseDT.language import say
from MMEdu.engine.events import Listener, long_work
from MMEdu.engine.feed import fill
from MMEdu.engine.protocol import Pictures
from MMEdu.engine.store import PixelStore

P = TypeVar("P", bound=Pictures)


@dataclass(frozen=True)
class PictureSet(Generic[P]):
    """A part of the dataset with its cache."""

    pictures: P
    store: PixelStore

    def hand_over(self, other: PictureSet[P]) -> None:
        """Give what is cached to another set of the same pictures, or some of them."""
        place = {path: index for index, path in enumerate(self.pictures.paths)}
        for index, path in enumerate(other.pictures.paths):
            if (pixels := self.store.get(place[path])) is not None:
                other.store.put(index, pixels)


def checked(parts: Sequence[tuple[Sequence[Any], PictureSet[Any] | None]], emit: Listener) -> tuple[Damaged, ...]:
    """Decode every picture once, strictly, keep what training will need, and name the damaged ones.

    Args:
        parts: The samples of each split, and the set that keeps them; None where they are only looked at.
        emit: Told of progress.
    """
    total = sum(len(samples) for samples, _ in parts)
    damaged: list[Damaged] = []
    done = 0
    with long_work(emit, say("Checking pictures", "检查图片")) as told:
        for samples, kept in parts:
            visit = None if kept is None else fill(kept.pictures, kept.store)
            damaged += check_images(samples, visit, progress=partial(_shifted, told, done, total))
            done += len(samples)
    return tuple(damaged)


def _shifted(told: Callable[[int, int], None], before: int, total: int, done: int, of: int) -> None:
    """Tell the progress of one part as that of all."""
    del of
    told(before + done, total)
