"""How many cores this process may use. Runtimes ask here; nothing is started."""

from __future__ import annotations

import os
from pathlib import Path

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def available() -> int:
    """Return the cores of this process: its affinity and the quota of its container bound those of the machine."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return max(1, min(count, _quota(count)))


def checked(threads: int | None) -> int:
    """Return the number of threads that a user asked for; None means all available cores.

    Raises:
        ParameterInvalid: It is no whole number of at least 1.
    """
    if threads is None:
        return available()
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        hint = say("Expected a whole number of at least 1.", "应为不小于 1 的整数。")
        raise ParameterInvalid(f"threads={threads!r} cannot be used.", hint=hint)
    return threads


def _quota(otherwise: int) -> int:
    """Read the CPU quota of a Linux control group (version 2): ``<microseconds> <period>`` or ``max <period>``."""
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        return -(-int(quota) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return otherwise
