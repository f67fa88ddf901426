"""The folder of a run: one run at a time writes into it, and what an older one left is put aside. ``run`` calls it."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import IO

from BaseDT.errors import PathNotWritable
from BaseDT.file_lock import grab
from BaseDT.files import not_written, patiently
from BaseDT.language import english, say

LOCK = ".training.lock"
_OF_A_RUN = re.compile(r"epoch_\d+\.pth|best_.+_epoch_\d+\.pth|latest\.pth|unfinished\.pth|(\d{8}_\d{6})\.log\.json")


class FolderLock:
    """Holds a folder for one training. The system lets go of it when the process ends, however it ends.

    Args:
        folder: Made when missing.

    Raises:
        PathNotWritable: Another training holds it, or it cannot be written (-104).
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK
        self._file: IO[bytes] | None = None
        try:
            self._made = [above for above in (folder, *folder.parents) if not above.exists()]
        except OSError as error:  # a name that is too long, a link to itself
            raise not_written(self.path, error) from error
        while self._file is None:
            self._file = self._opened()

    def _opened(self) -> IO[bytes] | None:
        """Open and lock the file; None where it was removed meanwhile by the training that ended."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a+b")
        except OSError as error:
            raise not_written(self.path, error) from error
        if not grab(file):
            holder = _text_of(file)
            file.close()
            raise _held(self.path.parent, holder)
        with contextlib.suppress(OSError):
            if not os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                file.close()
                return None
            file.truncate(0)
            file.write(f"process {os.getpid()}, since {time.strftime('%Y-%m-%d %H:%M:%S')}".encode())
            file.flush()
        if not self.path.exists():
            file.close()
            return None
        return file

    def release(self) -> None:
        """Let go of the folder."""
        if self._file is None:
            return
        if sys.platform != "win32":  # before another can take it; Windows removes no open file
            _remove(self.path)
        self._file.close()
        if sys.platform == "win32":
            _remove(self.path)
        self._file = None
        with contextlib.suppress(OSError):  # a run that wrote nothing leaves nothing
            for folder in self._made:
                folder.rmdir()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _text_of(file: IO[bytes]) -> str:
    try:
        file.seek(0)
        return file.read(100).decode("ascii", "replace").strip()
    except OSError:
        return ""


def _held(folder: Path, holder: str) -> PathNotWritable:
    known = say(f" ({holder})", f"（{holder}）") if holder else ""
    return PathNotWritable(
        say(
            f"Another training is writing into this folder{english(known)}: {folder}",
            f"另一个训练正在写入此文件夹{known}：{folder}",
        ),
        hint=say("Wait until it ends, or choose another save_fold.", "请等它结束，或换一个 save_fold。"),
    )


def put_aside(folder: Path, others: Collection[str] = ()) -> Path | None:
    """Move what an older run left into a sub-folder that is named after its time; None where there was no older run.

    Args:
        folder: Of the run that begins.
        others: Files of a run beside checkpoints and log: its report.

    Raises:
        PathNotWritable: A file cannot be moved (-104).
        DiskFull: There is no room (-803).
    """
    if not folder.is_dir():
        return None
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
        old = [name for name in names if _OF_A_RUN.fullmatch(name)]
        if not old:
            return None
        aside = _free(folder, _time_of(folder, old))
        aside.mkdir()
        # The checkpoint that ``resume`` reads goes last: a run that is half moved is still an older run.
        moved = [*(name for name in names if name in others), *sorted(old, key=lambda name: name == "latest.pth")]
        for name in moved:
            patiently(lambda name=name: (folder / name).replace(aside / name))  # type: ignore[misc]
    except OSError as error:
        raise not_written(folder, error) from error
    return aside


def _time_of(folder: Path, names: Collection[str]) -> str:
    """The time of the newest log, or of the newest file where there is none."""
    logged = [found[1] for name in names if (found := _OF_A_RUN.fullmatch(name)) and found[1]]
    if logged:
        return max(logged)
    newest = max((folder / name).stat().st_mtime for name in names)
    return time.strftime("%Y%m%d_%H%M%S", time.localtime(newest))


def _free(folder: Path, name: str) -> Path:
    number = 1
    path = folder / name
    while path.exists():
        number += 1
        path = folder / f"{name}_{number}"
    return path
