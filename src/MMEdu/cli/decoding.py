"""Decoding every picture of a dataset strictly, with progress: what ``mmedu check`` does for every kind of set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from BaseDT.language import say

if TYPE_CHECKING:
    from BaseDT.dataset.check import Damaged
    from BaseDT.dataset.samples import Sample

Sizes = list[tuple[int, int]]


def decode_all(samples: Sequence[Sample]) -> tuple[tuple[Damaged, ...], Sizes]:
    """Decode every picture strictly; returns the damaged ones and (height, width) of the others."""
    from BaseDT import image
    from BaseDT.dataset.check import check_images
    from MMEdu.engine.events import long_work
    from MMEdu.engine.listeners.console import console

    sizes: Sizes = []

    def visit(_: int, sample: Sample) -> None:
        height, width = image.decode(sample.path.read_bytes(), name=sample.path.name, strict=True).shape[:2]
        sizes.append((height, width))

    with long_work(console(), say("Checking pictures", "检查图片")) as told:
        damaged = check_images(samples, visit, progress=told)
    return damaged, sizes
