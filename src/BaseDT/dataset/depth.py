"""Pictures of 16 bits whose values fill a small part of the range, as those of cameras of 12 bits.

Read by the highest eight of 16 bits they would be nearly black. A few pictures of a set are looked at first, so that
sets of 8 bits cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from BaseDT import contents
from BaseDT.dataset.dividing import spread
from BaseDT.language import say

_LOOKED_AT = 8
_SUFFIXES = frozenset({".png", ".tif", ".tiff"})
_THREADS = 4
# Sensors have 14 bits at most; values above are those of a set that means all 16.
_MOST = 14
_ALL = 16


def stored_bits(paths: Sequence[Path]) -> int | None:
    """Return how many bits of the 16-bit pictures of a set hold their values; see ``BaseDT.image.read``.

    Args:
        paths: All pictures of the set.

    Returns:
        8 to 14, or 16; None where the set has no such pictures.
    """
    candidates = [path for path in paths if path.suffix.lower() in _SUFFIXES]
    if all(_brightest(path) is None for path in spread(candidates, _LOOKED_AT)):
        return None
    with ThreadPoolExecutor(_THREADS) as pool:
        highest = max((value for value in pool.map(_brightest, candidates) if value is not None), default=0)
    bits = max(8, highest.bit_length())
    return bits if bits <= _MOST else _ALL


def depth_notes(bits: int | None) -> Iterator[str]:
    """Say what becomes of pictures that do not use all of their bits.

    Args:
        bits: What ``stored_bits`` returned.
    """
    if bits is not None and bits < _ALL:
        yield say(
            f"The pictures of 16 bits use {bits} of them (no value is above {2**bits - 1}): training stretches them to "
            f"the full range, and so does every prediction of its model.",
            f"16 位图片只用了其中 {bits} 位（没有超过 {2**bits - 1} 的值）：训练时会拉伸到整个范围，"
            f"用所得模型推理时也一样。",
        )


def _brightest(path: Path) -> int | None:
    """The largest value of a 16-bit picture; None where it has fewer bits, or cannot be read: the check says why."""
    try:
        data = contents.read_bytes(path)
        # The depth of a PNG stands in its first bytes; what has 8 bits is not decoded.
        if data.startswith(b"\x89PNG") and data[24:25] != b"\x10":
            return None
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, ValueError, cv2.error):
        return None
    if pixels is None or pixels.dtype != np.uint16:
        return None
    return int((pixels[..., :3] if pixels.ndim == 3 else pixels).max())  # an alpha channel has its own range
