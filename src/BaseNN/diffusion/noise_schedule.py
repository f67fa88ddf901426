"""How much of a picture is left after each step of noise. Torch-free."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

_OFFSET = 0.008
_MOST = 0.999


@lru_cache(maxsize=8)
def kept_shares(steps: int) -> npt.NDArray[np.float64]:
    """Return the share of a picture's variance that is left after 0 … ``steps`` steps: from 1 to almost 0.

    The cosine schedule (Nichol & Dhariwal 2021, eq. 17): noise comes slowly at first, and slowly at the end.
    """
    progress = (np.arange(steps + 1) / steps + _OFFSET) / (1 + _OFFSET)
    wanted = np.cos(progress * np.pi / 2) ** 2
    added = np.minimum(1 - wanted[1:] / wanted[:-1], _MOST)
    kept = np.concatenate([[1.0], np.cumprod(1 - added)])
    kept.flags.writeable = False  # everybody gets the same array
    return kept
