"""Where live pictures go: a folder, a file of one picture (``video`` has the video file, ``windows`` the window).

They neither predict nor draw.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from BaseDT import image
from BaseDT.files import already_there, not_written, sweep, what_is_at
from BaseDT.image import Pixels
from BaseDT.language import say


class Sink(Protocol):
    """Takes pictures, one after the other."""

    def wants(self) -> bool:
        """Whether it would use a picture now: one that nobody uses need not be drawn."""
        ...

    def take(self, picture: Pixels, name: str) -> bool:
        """Take one; False where the user wants no more."""
        ...

    def close(self) -> Path | None:
        """End; returns what was written."""
        ...


class Folder:
    """Pictures in a folder, under their own names or numbered."""

    def __init__(self, folder: Path) -> None:
        sweep(folder)  # half a picture of a process that was killed is none
        kind = what_is_at(folder)
        if kind == "file" or (kind == "folder" and any(folder.iterdir())):
            is_folder = kind == "folder"
            raise already_there(folder, say("is not empty", "不为空") if is_folder else say("is a file", "是一个文件"))
        self._folder, self._count, self._is_ours = folder, 0, kind == "nothing"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_written(folder, error) from error

    def wants(self) -> bool:
        """It keeps all."""
        return True

    def take(self, picture: Pixels, name: str) -> bool:
        """Write one."""
        self._count += 1
        image.write(self._folder / (name or f"frame_{self._count:06d}.jpg"), picture)
        return True

    def close(self) -> Path | None:
        """Return the folder; None where nothing was written."""
        if self._count:
            return self._folder
        if self._is_ours:
            self._folder.rmdir()
        return None


class Picture:
    """A file of one picture.

    Raises:
        PathExists: There is such a file (-105).
    """

    def __init__(self, path: Path) -> None:
        if what_is_at(path) != "nothing":
            raise already_there(path, say("is there already", "已存在"))
        self._path, self._written = path, False

    def wants(self) -> bool:
        """It keeps the one there is."""
        return True

    def take(self, picture: Pixels, name: str) -> bool:
        """Write it."""
        del name
        image.write(self._path, picture)
        self._written = True
        return True

    def close(self) -> Path | None:
        """Return the file; None where nothing was written."""
        return self._path if self._written else None
