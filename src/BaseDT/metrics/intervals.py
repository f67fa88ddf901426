"""Between which shares the truth may lie, where only some were counted: Wilson's interval."""

from __future__ import annotations

import math

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

_NORMAL_95 = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, from 0 to 1 (Wilson 1927, "Probable Inference", equation for p).

    Unlike the textbook's ``p ± 2 σ`` it stays within 0 and 1, and is not empty where all or none of a few are hits.

    Args:
        hits: From 0 to ``total``.
        total: From 0; of nothing nothing is known: (0, 1).

    Raises:
        ParameterInvalid: The numbers do not fit each other (-305).
    """
    if not 0 <= hits <= total:
        raise ParameterInvalid(
            say(f"{hits} of {total} is no share.", f"{total} 个中的 {hits} 个不是有效的比例。"),
            hint=say("Give so many hits of at least as many trials.", "命中次数应在 0 和总数之间。"),
        )
    if total == 0:
        return 0.0, 1.0
    share, square = hits / total, _NORMAL_95**2
    middle = share + square / (2 * total)
    spread = _NORMAL_95 * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    whole = 1 + square / total
    # At the ends it is 0 or 1 by the formula; rounding may lead beside them.
    low = 0.0 if hits == 0 else max(0.0, (middle - spread) / whole)
    high = 1.0 if hits == total else min(1.0, (middle + spread) / whole)
    return low, high
