"""Pictures of 16 bits whose values fill a small part of the range: read by their high byte they are nearly black.

A few pictures of a set are looked at, so that a check costs no more than it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from BaseDT.dataset.dividing import spread
from BaseDT.language import say

_LOOKED_AT = 8
_SUFFIXES = frozenset({".png", ".tif", ".tiff"})
# Cameras of 12 bits end here; a set of 16 bits in which no picture is brighter is not one.
_DARK = 4096


def dim_notes(paths: Sequence[Path]) -> Iterator[str]:
    """Say that the 16-bit pictures of a set are nearly black, and what makes them bright.

    Args:
        paths: All pictures of the set.
    """
    candidates = spread([path for path in paths if path.suffix.lower() in _SUFFIXES], _LOOKED_AT)
    brightest = [found for path in candidates if (found := _brightest(path)) is not None]
    if not brightest or max(brightest) >= _DARK:
        return
    highest = max(brightest)
    yield say(
        f"The 16-bit pictures are nearly black: of {len(brightest)} that were looked at none has a value above "
        f"{highest} of 65535, and the high byte is what is read. Stretch all of them by the same factor before "
        f"training, and those that are predicted, too: pixels * {65535 // max(1, highest)}.",
        f"16 位图片几乎是全黑的：查看的 {len(brightest)} 张中最大值只有 {highest}（上限 65535），而读取时只用高 8 位。"
        f"请在训练前把所有图片乘以同一个倍数（预测时也一样）：pixels * {65535 // max(1, highest)}。",
    )


def _brightest(path: Path) -> int | None:
    """The largest value of a 16-bit picture; None where it has fewer bits, or cannot be read: the check says why."""
    try:
        data = path.read_bytes()
        # The depth of a PNG stands in its first bytes; what has 8 bits is not decoded.
        if data.startswith(b"\x89PNG") and data[24:25] != b"\x10":
            return None
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, cv2.error):
        return None
    return None if pixels is None or pixels.dtype != np.uint16 else int(pixels.max())
