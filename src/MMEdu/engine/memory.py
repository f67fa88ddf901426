"""How much memory this process may still take. Torch-free, because a dataset is checked without torch."""

from __future__ import annotations

import os
from pathlib import Path

MB = 1 << 20
_CGROUP_FILES = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def available_bytes() -> int:
    """Memory that this process may still take: the machine's or the container's, whichever is less."""
    import psutil  # of the training part: that it lacks is said where it is first needed

    free = int(psutil.virtual_memory().available)
    # A container sees the whole machine's memory, but is killed beyond its own limit.
    limits = [left for pair in _CGROUP_FILES if (left := _cgroup_available(*map(Path, pair))) is not None]
    return max(0, min([free, *limits]))


def _cgroup_available(limit: Path, usage: Path) -> int | None:
    try:
        used = int(usage.read_text(encoding="ascii")) - _file_cache(usage.with_name("memory.stat"))
        return int(limit.read_text(encoding="ascii")) - used
    except (OSError, ValueError):  # no such control group, or "max": no limit
        return None


def _file_cache(statistics: Path) -> int:
    """Bytes of files that the system keeps and would give back: counted as used, but free."""
    try:
        rows = dict(line.split() for line in statistics.read_text(encoding="ascii").splitlines())
    except (OSError, ValueError):
        return 0
    return int(rows.get("total_inactive_file", rows.get("inactive_file", "0")))


def processes_here() -> int:
    """How many processes of a training share this machine's memory and disk."""
    return max(1, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
