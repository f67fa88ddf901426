"""The temporary folder that an export works in; a disk that is full there has a name. Knows no format."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from BaseDT.errors import DiskFull, ExportDiffers, ExportFailed, PathNotWritable, XEduError
from BaseDT.files import no_room
from BaseDT.language import english, say, system_reason

_LEAST = 64 * 1024
"""Bytes: a disk with less is full."""


class TemporaryFolder:
    """A temporary folder, gone when its block ends.

    Not a generator: Python's own lines would stand in the traceback where the user's line is looked for.

    Raises:
        DiskFull: The block ended because there is no room in the folder (-803).
        PathNotWritable: This machine has no folder for temporary files that can be written (-104).
    """

    def __enter__(self) -> Path:
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="mmedu_", ignore_cleanup_errors=True)
        except OSError as error:
            raise _unavailable(error) from error
        return Path(self._folder.name)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        folder = Path(self._folder.name)
        full = _is_disk_full(error, folder)
        self._folder.cleanup()
        if full:
            raise _full(folder) from error


def check_room(folder: Path, needed: int = _LEAST) -> None:
    """Raise where a program that is not ours had no room to write, and does not report it.

    Args:
        folder: Of temporary files.
        needed: Bytes that it writes.

    Raises:
        DiskFull: There are fewer (-803).
    """
    if shutil.disk_usage(folder).free < needed:
        raise _full(folder)


def _is_disk_full(error: BaseException | None, folder: Path) -> bool:
    if isinstance(error, (ExportFailed, ExportDiffers)):  # what half a file looks like to whoever reads it
        return shutil.disk_usage(folder).free < _LEAST
    return isinstance(error, OSError) and not isinstance(error, XEduError) and no_room(error)


def _unavailable(error: OSError) -> DiskFull | PathNotWritable:
    if no_room(error):
        return _full(Path(tempfile.gettempdir()) / "any")
    # Where every candidate is full, Python says that there is none.
    return PathNotWritable(
        say(
            f"There is no folder for temporary files: {english(system_reason(error))}.",
            f"没有可用的临时文件夹：{system_reason(error)}。",
        ),
        hint=_hint(),
    )


def _full(folder: Path) -> DiskFull:
    return DiskFull(
        say(
            f"No room left in the temporary folder {folder.parent}.", f"临时文件夹 {folder.parent} 所在的磁盘空间不足。"
        ),
        hint=_hint(),
    )


def _hint() -> str:
    return say(
        "Nothing was written. Free some disk space there, or name another folder in the environment variable TMPDIR "
        "(TEMP under Windows).",
        "没有写入任何文件。请清理该磁盘，或用环境变量 TMPDIR（Windows 为 TEMP）指定其他临时文件夹。",
    )
