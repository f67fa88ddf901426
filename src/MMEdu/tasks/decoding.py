"""Decoding every picture of a dataset strictly, with progress: what the check of every task's sets needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from BaseDT import contents, image
from BaseDT.dataset import copies
from BaseDT.dataset.check import Damaged, check_images
from BaseDT.dataset.samples import Sample
from BaseDT.image import Pixels
from BaseDT.language import english, say
from MMEdu.engine.events import Listener, long_work

Sizes = list[tuple[int, int]]
Look = Callable[[int, Pixels], None]
"""Sees each picture of the set once, by its place there; called from several threads."""


@dataclass
class Decoded:
    """What there is to know of the pictures of a set once each was decoded.

    Attributes:
        damaged: Those that cannot be used.
        sizes: (height, width) of the others, in no order.
        marks: Of each picture, for ``BaseDT.dataset.copies``; None for a damaged one.
    """

    damaged: tuple[Damaged, ...] = ()
    sizes: Sizes = field(default_factory=list)
    marks: list[copies.Mark | None] = field(default_factory=list)


def decode_all(samples: Sequence[Sample], emit: Listener, look: Look | None = None, bits: int | None = None) -> Decoded:
    """Decode every picture strictly, and let ``look`` see it; ``bits`` are those of ``BaseDT.dataset.depth``."""
    decoded = Decoded(marks=[None] * len(samples))

    def visit(index: int, sample: Sample) -> None:
        data = contents.read_bytes(sample.path)
        pixels = image.decode(data, name=sample.path.name, strict=True, bits=bits or 16)
        decoded.sizes.append((pixels.shape[0], pixels.shape[1]))
        decoded.marks[index] = copies.mark(data, pixels)
        if look is not None:
            look(index, pixels)

    with long_work(emit, say("Checking pictures", "检查图片")) as progress:
        decoded.damaged = check_images(samples, visit, progress=progress)
    return decoded


def damaged_lines(damaged: Sequence[Damaged]) -> list[str]:
    """Name the damaged pictures, a line each."""
    return [
        say(f"Damaged: {item.path}: {english(item.reason)}", f"损坏：{item.path}：{item.reason}") for item in damaged
    ]


def fixed_notes(missing: Sequence[str], *, fix: bool) -> list[str]:
    """Say of the documented text files which are missing, or that none is.

    Args:
        missing: Those that were not there.
        fix: Whether they were to be written: the notes of the data set say which were.
    """
    if missing and not fix:
        listed = ", ".join(missing)
        return [
            say(
                f"Not there: {listed}. A training makes them; mmedu check --fix writes them now.",
                f"缺少 {listed}：训练时会自动生成，也可用 mmedu check --fix 立即补写。",
            )
        ]
    return [say("--fix: no text file is missing.", "--fix：没有缺少的文本文件。")] if fix and not missing else []


def total_line(pictures: int, damaged: int) -> str:
    """Say how many pictures there are, and how many are damaged."""
    return say(f"{pictures} pictures, {damaged} damaged.", f"共 {pictures} 张图片，{damaged} 张损坏。")
