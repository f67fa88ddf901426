"""Decoding every picture of a dataset strictly, with progress: what the check of every task's sets needs."""

from __future__ import annotations

from collections.abc import Sequence

from BaseDT import image
from BaseDT.dataset.check import Damaged, check_images
from BaseDT.dataset.samples import Sample
from BaseDT.language import english, say
from MMEdu.engine.events import Listener, long_work

Sizes = list[tuple[int, int]]


def decode_all(samples: Sequence[Sample], emit: Listener) -> tuple[tuple[Damaged, ...], Sizes]:
    """Decode every picture strictly; returns the damaged ones and (height, width) of the others."""
    sizes: Sizes = []

    def visit(_: int, sample: Sample) -> None:
        height, width = image.decode(sample.path.read_bytes(), name=sample.path.name, strict=True).shape[:2]
        sizes.append((height, width))

    with long_work(emit, say("Checking pictures", "检查图片")) as progress:
        damaged = check_images(samples, visit, progress=progress)
    return damaged, sizes


def damaged_lines(damaged: Sequence[Damaged]) -> list[str]:
    """Name the damaged pictures, a line each."""
    return [
        say(f"Damaged: {item.path}: {english(item.reason)}", f"损坏：{item.path}：{item.reason}") for item in damaged
    ]


def total_line(pictures: int, damaged: int) -> str:
    """Say how many pictures there are, and how many are damaged."""
    return say(f"{pictures} pictures, {damaged} damaged.", f"共 {pictures} 张图片，{damaged} 张损坏。")
