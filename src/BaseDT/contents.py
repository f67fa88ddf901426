"""The bytes of a file that a user names, which may turn out to be no file at all. Everybody may call it."""

from __future__ import annotations

import errno
import stat
from pathlib import Path


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        OSError: It cannot be read, or it is a pipe or a device: one would be waited for, the other may never end.
        ValueError: The path can be none.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # of a folder the system's own words are good
        raise OSError(errno.EINVAL, "it is a pipe or a device", str(path))
    return path.read_bytes()
