"""Which training pictures are kept for validation where there is no ``val_set``. ``imagenet.load`` calls it.

The choice follows from the pictures' names alone, not from a seed. Pictures added later move no other across, but in
classes so small that a bound decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

SHARE = 0.2
# Chance alone would sometimes take half of a small class.
_MOST = 3
_RANGE = 2**64


def hold_out(images: Sequence[str]) -> frozenset[str]:
    """Choose about a fifth of the pictures of one class: at least one, if there are two; at most a third.

    Args:
        images: Posix paths relative to the training folder, class folder included.
    """
    if len(images) < 2:
        return frozenset()
    ranked = sorted((_rank(image), image) for image in images)
    chosen = sum(rank < SHARE * _RANGE for rank, _ in ranked)
    number = min(max(chosen, 1), max(len(images) // _MOST, 1))
    return frozenset(image for _, image in ranked[:number])


def _rank(image: str) -> int:
    """A number below 2**64 that depends on nothing but the name."""
    return int.from_bytes(hashlib.blake2b(image.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
