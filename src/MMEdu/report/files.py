"""Files of a report that are no pictures: written whole or not at all, with errors that have a name."""

from __future__ import annotations

import errno
import secrets
from pathlib import Path

from BaseDT.errors import DiskFull, PathNotWritable
from BaseDT.language import say

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write(path: Path, data: bytes) -> Path:
    """Write a file under a temporary name in its folder, then rename it.

    Raises:
        DiskFull: There is no room (-803).
        PathNotWritable: The file cannot be written or replaced (-104).
    """
    half = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(data)
        half.replace(path)
    except OSError as error:
        _forget(half)
        raise _named("write", path, error) from error
    except BaseException:  # Ctrl-C
        _forget(half)
        raise
    return path


def remove(path: Path) -> None:
    """Remove a file if it is there.

    Raises:
        PathNotWritable: It cannot be removed (-104).
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _named("remove", path, error) from error


def _forget(half: Path) -> None:
    try:
        half.unlink(missing_ok=True)
    except OSError:
        return  # the folder itself is missing or closed: there is no half file


def _named(deed: str, path: Path, error: OSError) -> DiskFull | PathNotWritable:
    if error.errno in _NO_ROOM:
        return DiskFull(f"No room left to write {path}.", hint=say("Free some disk space.", "请清理磁盘空间。"))
    return PathNotWritable(
        f"Cannot {deed} {path}: {error.strerror or error}.",
        hint=say(
            "Close the program that shows this file (Excel, a viewer), or choose another save_fold.",
            "请关闭正在打开该文件的程序（如 Excel、看图软件），或换一个 save_fold。",
        ),
    )
