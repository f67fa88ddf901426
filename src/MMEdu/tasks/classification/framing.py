"""What a classifier's fit cuts away of the pictures of a set, measured on their sizes. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from BaseDT.dataset.dividing import spread
from BaseDT.language import say
from BaseDT.preprocess import Preprocess

Sizes = Sequence[tuple[int, int]]

_LOOKED_AT = 256
_MOST = 0.5
"""Of the area of a picture: the usual middle of a photograph of 4:3 or 3:2 leaves out a little less."""
_MANY = 0.2  # of the pictures


def sizes_of(paths: Sequence[Path]) -> list[tuple[int, int]]:
    """Read (height, width), upright, of a few hundred pictures of a set; of their heads alone."""
    from BaseDT.dataset.upright import heads_of  # a check knows the sizes already

    return [head.upright for head in heads_of(spread(paths, _LOOKED_AT)) if head is not None]


def cut_away(preprocess: Preprocess, sizes: Sizes) -> float:
    """Return the share of the pictures' area that the network does not see, as a mean over the pictures."""
    return float(np.mean(_shares(preprocess, sizes))) if sizes else 0.0


def cut_text(name: str, preprocess: Preprocess, sizes: Sizes) -> str | None:
    """Say what is cut away where it is much, and what shows it; None where it is not.

    Args:
        name: The model's.
        preprocess: What it does to the pictures.
        sizes: Theirs, (height, width).
    """
    shares = np.array(_shares(preprocess, sizes))
    many = int((shares >= _MOST).sum())
    if not len(shares) or many < _MANY * len(shares):
        return None
    percent = f"{100 * shares.mean():.0f} %"
    return say(
        f"{name} looks at the middle of each picture: {percent} of the pictures' area is cut away (more than half of "
        f"it in {many} of {len(shares)} pictures). train(fit='letterbox') or train(fit='stretch') shows all of it.",
        f"{name} 只看图片的中间部分：图片面积的 {percent} 被裁掉（{len(shares)} 张中有 {many} 张被裁掉一半以上）。"
        "用 train(fit='letterbox') 或 train(fit='stretch') 可以看到完整图片。",
    )


def _shares(preprocess: Preprocess, sizes: Sizes) -> list[float]:
    if preprocess.fit != "crop" and preprocess.resize_to is None:
        return [0.0] * len(sizes)
    shapes = [round(height / width, 2) for height, width in sizes]
    # What is seen depends on the shape alone, and there are few: photographs of the web come in a thousand sizes.
    seen = {shape: preprocess.visible(size) for shape, size in dict(zip(shapes, sizes, strict=True)).items()}
    return [1 - seen[shape] for shape in shapes]
