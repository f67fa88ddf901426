"""How many cores this process may use. Runtimes ask here; nothing is started."""

from __future__ import annotations

import os
from pathlib import Path

from BaseDT.arguments import check_integer

_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_MOST = 1024
"""No machine has more, and runtimes hold the number in 32 bits."""


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
    return check_integer("threads", threads, most=_MOST)


def _quota(otherwise: int) -> int:
    """Read the CPU quota of a Linux control group (version 2): ``<microseconds> <period>`` or ``max <period>``."""
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        return -(-int(quota) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return otherwise
