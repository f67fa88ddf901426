"""A lock on a file, held by one process: the system lets go of it when that process ends, however it ends.

Everybody may hold one; whether somebody else does is seen without waiting.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import IO

_HELD = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})
# Windows locks bytes, and nobody else may read those: they lie far behind any text.
_FAR = 1 << 20


class FileLock:
    """Holds a file for this process.

    Args:
        path: The file; made when missing, and left where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """Take the lock; tell whether this process has it now.

        Raises:
            OSError: The file cannot be opened.
        """
        if self._file is not None:
            return True
        file = self.path.open("a+b")
        if not grab(file):
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let go."""
        if self._file is not None:
            self._file.close()
            self._file = None


def is_held(path: Path) -> bool:
    """Tell whether a process holds a file; False where there is no such file, or the disk knows no locks."""
    try:
        with path.open("r+b") as file:
            return not grab(file)
    except OSError:
        return False


def grab(file: IO[bytes]) -> bool:
    """Lock an open file, until it is closed, without waiting; tell whether it is this process's, or nobody can say."""
    try:
        _lock(file)
    except OSError as error:
        return error.errno not in _HELD  # some network drives have no locks
    return True


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
