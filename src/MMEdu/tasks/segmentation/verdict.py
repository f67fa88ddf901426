"""What a training came to, in a sentence: nothing learnt, or a class that is never found. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.metrics.segmentation import PixelCounts, pixel_reports

_NEVER = 0.02
"""Of a class, the share of its pixels below which it is not found."""
_NAMED = 3


def verdict(counts: Sequence[PixelCounts], classes: Sequence[str], *, starts_fresh: bool) -> str:
    """Judge a training by its best epoch's validation; empty where there is nothing to mend.

    Args:
        counts: Of each validation picture, (C, C + 1); see ``BaseDT.metrics.segmentation``.
        classes: Names by label.
        starts_fresh: Whether it began without weights, so that pretrained ones would help.
    """
    if not len(counts):
        return ""
    total = np.sum(counts, axis=0)
    answers = total[:, : len(classes)].sum(axis=0)
    present = np.flatnonzero(total.sum(axis=1))
    if len(present) < 2:
        return ""
    if np.count_nonzero(answers) == 1:
        return _all_one(classes[int(answers.argmax())], starts_fresh=starts_fresh)
    reports = pixel_reports(total)
    missed = [label for label in present.tolist() if (reports[label].recall or 0.0) < _NEVER]
    return _missed([classes[label] for label in missed], starts_fresh=starts_fresh) if missed else ""


def _all_one(name: str, *, starts_fresh: bool) -> str:
    english, chinese = _help(starts_fresh=starts_fresh)
    return say(
        f"Nothing was learnt: every pixel is said to be {one_line(name)}. {english}.",
        f"模型没有学会：所有像素都被判为 {one_line(name)}。{chinese}。",
    )


def _missed(names: Sequence[str], *, starts_fresh: bool) -> str:
    english, chinese = _help(starts_fresh=starts_fresh)
    listed = ", ".join(map(one_line, names[:_NAMED])) + (", …" if len(names) > _NAMED else "")
    return say(f"Never found: {listed}. {english}.", f"始终没有找到：{listed}。{chinese}。")


def _help(*, starts_fresh: bool) -> tuple[str, str]:
    """Return what helps most, in English and Chinese, without a full stop."""
    if starts_fresh:
        code = "MMSegmentation('FPN_MobileNet') and train(pretrained=True)"
        return f"Most help: {code}, or more epochs", (
            "最有效的办法：MMSegmentation('FPN_MobileNet') 和 train(pretrained=True)，或增加 epochs"
        )
    return "Most help: more pictures with it, more epochs, or a larger image_size", (
        "最有效的办法：增加含有它的图片、增加 epochs，或增大 image_size"
    )
