"""Masks as text: a row of whole numbers for each row of pixels, -1 where it is not known. Readers of masks call it.

So the Stanford Background Dataset has them (Gould, Fulton and Koller, ICCV 2009): ``labels/1.regions.txt``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.mask_codes import IGNORE
from BaseDT.dataset.scan import folders_in, is_system
from BaseDT.errors import ImageDamaged
from BaseDT.image import MAX_PIXELS
from BaseDT.language import say

SUFFIX = ".regions.txt"
NAMES = ("sky", "tree", "road", "grass", "water", "building", "mountain", "foreground")
"""What the numbers of that data set mean."""


def is_regions(name: str) -> bool:
    """Tell by its name whether a file is one."""
    return name.lower().endswith(SUFFIX) and not is_system(name)


def keys_in(folder: Path) -> tuple[str, ...]:
    """Return the posix paths of the files below a folder and its sub-folders."""
    found = []
    for name in ("", *folders_in(folder)):
        try:
            paths = sorted((folder / name).iterdir())
        except OSError:
            continue
        found += [path.relative_to(folder).as_posix() for path in paths if is_regions(path.name) and path.is_file()]
    return tuple(found)


def values_of(data: bytes, name: str) -> npt.NDArray[np.int32]:
    """Return the numbers of a file: (H, W), 255 where it has none.

    Raises:
        ImageDamaged: It holds something else, or its rows are not equally long.
    """
    lines = [line for line in data.splitlines() if line.strip()]
    try:
        rows = [np.array(line.split(), dtype=np.int64) for line in lines]
    except (ValueError, OverflowError):
        rows = []
    width = len(rows[0]) if rows else 0
    if not width or any(len(row) != width for row in rows) or width * len(rows) > MAX_PIXELS:
        raise ImageDamaged(
            say(
                f"{name} is no mask as text: rows of whole numbers, all equally long",
                f"{name} 不是文本形式的掩码（每行若干整数，各行一样长）",
            ),
            hint=say("Take it from the original archive again.", "请从原始压缩包中重新取出。"),
        )
    values = np.stack(rows)
    return np.where(values == -1, IGNORE, values.clip(-1, 1 << 20)).astype(np.int32)
