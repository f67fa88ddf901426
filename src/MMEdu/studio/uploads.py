"""What comes from the browser in pieces, because a request is small and a data set is not: a zip, a folder, a model.

It lies in ``.uploads`` of the work folder until somebody takes it: whole, or not at all.
"""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from BaseDT.errors import DatasetInvalid, ParameterInvalid
from BaseDT.files import not_written, patiently
from BaseDT.language import say
from MMEdu.studio.asking import UploadedFile
from MMEdu.studio.studio import Studio
from MMEdu.studio.zips import MOST_BYTES, MOST_FILES, is_wanted, safe_parts

T = TypeVar("T")
_STALE = 24 * 3600.0
"""Seconds after which what nobody took is removed."""
_MOST_AT_ONCE = 8


@dataclass
class _Upload:
    folder: Path
    files: int = 0
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Uploads:
    """The uploads of a studio, by their ids."""

    def __init__(self, studio: Studio) -> None:
        self._folder = studio.folder / ".uploads"
        self._all: dict[str, _Upload] = {}
        self._lock = threading.Lock()
        _sweep(self._folder)

    def begin(self) -> str:
        """Begin one, and return its id.

        Raises:
            ParameterInvalid: There are too many (-305).
            DiskFull, PathNotWritable: Its folder cannot be made (-803, -104).
        """
        with self._lock:
            if len(self._all) >= _MOST_AT_ONCE:
                self._drop(next(iter(self._all)))
            name = secrets.token_hex(12)
            folder = self._folder / name
            try:
                folder.mkdir(parents=True)
            except OSError as error:
                raise not_written(folder, error) from error
            self._all[name] = _Upload(folder)
            return name

    def piece(self, upload: str, name: str, offset: int, data: bytes) -> int:
        """Add to a file.

        Args:
            upload: The id.
            name: As the browser calls it, also a path within a folder.
            offset: How much of it was sent before.
            data: What comes next.

        Returns:
            How much of it is there.

        Raises:
            DatasetInvalid: Its name leads elsewhere, or it is too much (-201).
            ParameterInvalid: No such upload, or a piece is missing (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        one = self._find(upload)
        with one.lock:
            return self._add(one, name, offset, data)

    def files(self, upload: str, files: Sequence[UploadedFile]) -> int:
        """Add whole files; their names are paths within a folder. Returns how many there are now."""
        one = self._find(upload)
        with one.lock:
            for file in files:
                self._add(one, file.name, 0, file.data)
            return one.files

    def take(self, upload: str, use: Callable[[Path], T]) -> T:
        """Give the folder with what came to a function, which moves what it wants; the rest goes, whatever happens."""
        one = self._find(upload)
        with one.lock:
            try:
                return use(one.folder)
            finally:
                with self._lock:
                    self._drop(upload)

    def drop(self, upload: str) -> None:
        """Forget one."""
        with self._lock:
            self._drop(upload)

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            for name in list(self._all):
                self._drop(name)

    def _drop(self, upload: str) -> None:
        if one := self._all.pop(upload, None):
            shutil.rmtree(one.folder, ignore_errors=True)

    def _find(self, upload: str) -> _Upload:
        with self._lock:
            if one := self._all.get(upload):
                return one
        raise ParameterInvalid(
            say("This upload is not here any more.", "这次上传已经失效。"),
            hint=say("Send the files once more.", "请重新上传文件。"),
        )

    def _add(self, one: _Upload, name: str, offset: int, data: bytes) -> int:
        parts = safe_parts(name)
        if parts is None:
            raise DatasetInvalid(
                say(f"The name {name[:80]!r} cannot be used.", f"文件名 {name[:80]!r} 无法使用。"),
                hint=say("Rename the file.", "请给文件改名。"),
            )
        if not is_wanted(parts):
            return offset + len(data)
        target = one.folder.joinpath(*parts)
        one.files += offset == 0
        one.size += len(data)
        if one.files > MOST_FILES or one.size > MOST_BYTES:
            raise DatasetInvalid(
                say("That is too much for the browser.", "内容太多，不适合用浏览器上传。"),
                hint=say(
                    "Copy the folder into 'datasets' of the work folder, or type its path.",
                    "请把文件夹复制到工作文件夹的 datasets 中，或直接填写它的路径。",
                ),
            )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("ab" if offset else "wb") as file:
                if file.tell() != offset:
                    raise _gap(file.tell())
                file.write(data)
                return file.tell()
        except OSError as error:
            raise not_written(target, error) from error


def _gap(there: int) -> ParameterInvalid:
    return ParameterInvalid(
        say(f"A piece is missing: {there} bytes are there.", f"缺少一部分数据：目前收到 {there} 字节。"),
        hint=say("Send the files once more.", "请重新上传文件。"),
    )


def moved_whole(source: Path, target: Path) -> Path:
    """Give what came its place, in one step.

    Raises:
        DiskFull, PathNotWritable: It cannot be moved (-803, -104).
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return patiently(lambda: source.rename(target))
    except OSError as error:
        raise not_written(target, error) from error


def _sweep(folder: Path) -> None:
    """Remove what a server that was killed left."""
    try:
        for old in folder.iterdir():
            if time.time() - old.stat().st_mtime > _STALE:
                shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return
