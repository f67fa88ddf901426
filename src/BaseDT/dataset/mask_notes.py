"""What the user is told about a segmentation set: one line for each thing worth knowing. Its readers call it.

Only sentences are made here; every decision was taken before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from BaseDT.dataset.dividing import TRAIN, VAL
from BaseDT.escaping import one_line
from BaseDT.language import say

_SHOWN = 5


def left_over(without_mask: Sequence[str], without_picture: Sequence[str]) -> Iterator[str]:
    """Count pictures without a mask, and masks without a picture."""
    if without_mask:
        yield say(
            f"{len(without_mask)} pictures have no mask (e.g. {one_line(without_mask[0])}): not used.",
            f"{len(without_mask)} 张图片没有掩码（如 {one_line(without_mask[0])}），不使用。",
        )
    if without_picture:
        yield say(
            f"{len(without_picture)} masks belong to no picture (e.g. {one_line(without_picture[0])}): not used.",
            f"{len(without_picture)} 张掩码没有对应的图片（如 {one_line(without_picture[0])}），不使用。",
        )


def content_notes(names: Sequence[str], parts: Sequence[Sequence[frozenset[int] | None]]) -> Iterator[str]:
    """Name the classes that cannot be learned.

    Args:
        names: Of the classes.
        parts: Of training, validation and test the labels of each picture; None of one that nobody has looked at:
            then there is nothing to say.
    """
    known = [[labels for labels in part if labels is not None] for part in parts]
    if not any(known) or any(len(part) < len(labels) for part, labels in zip(known, parts, strict=True)):
        return
    present = [frozenset().union(*part) for part in known]
    everywhere = frozenset().union(*present)
    nowhere = [name for label, name in enumerate(names) if label not in everywhere]
    only_validated = [name for label, name in enumerate(names) if label in present[VAL] and label not in present[TRAIN]]
    if nowhere:
        yield say(f"No picture shows: {_few(nowhere)}.", f"没有任何图片包含：{_few(nowhere)}。")
    if only_validated:
        yield say(
            f"Only validation pictures show: {_few(only_validated)}. There is nothing to learn it from.",
            f"只有验证图片包含：{_few(only_validated)}，训练时无法学到。",
        )


def _few(names: Sequence[str]) -> str:
    return ", ".join(map(one_line, names[:_SHOWN])) + (", …" if len(names) > _SHOWN else "")
