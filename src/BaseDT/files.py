"""Files are written whole or not at all; everybody who writes a file of its own may call it."""

from __future__ import annotations

import errno
import functools
import itertools
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from BaseDT.errors import DiskFull, PathExists, PathNotWritable
from BaseDT.language import english, say, system_reason

Stamp: TypeAlias = tuple[int, int]

T = TypeVar("T")
_TRIES, _PAUSE = (10, 0.1) if sys.platform == "win32" else (0, 0.0)
# A limit on the size of files (EFBIG) is as good as a full disk; EDQUOT is unknown to some systems.
_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def write_whole(path: Path, data: bytes | memoryview, *, durable: bool = True) -> Path:
    """Write a file to a temporary name in its folder, then rename it: a power cut leaves the old file or the new one.

    Missing folders are made.

    Args:
        path: The file.
        data: All of it.
        durable: Wait until the disk has it. Off for what can be drawn again: waiting for a slow disk takes longer.

    Raises:
        DiskFull: There is no room (-803); the old file is untouched.
        PathNotWritable: The folder or the file cannot be written (-104).
    """
    write_together({path: data}, durable=durable)
    return path


def write_together(files: Mapping[Path, bytes | memoryview], *, durable: bool = True) -> None:
    """Write files that only work together: all of them lie on the disk before the first gets its name.

    Where one cannot get its name the others give theirs back, and the old files are what they were.

    Args:
        files: The content of each; renamed in this order.
        durable: As in ``write_whole``.

    Raises:
        DiskFull: There is no room (-803); the old files are untouched.
        PathNotWritable: A folder or a file cannot be written (-104).
    """
    temporaries: dict[Path, Path] = {}
    path = Path()
    try:
        for path in files:
            temporaries[path] = _temporary_name(path)
        for path, temporary in temporaries.items():
            _write_temporary(temporary, files[path], durable)
        for path in temporaries:
            _check_replaceable(path)
        with _Backups(temporaries) as backups:
            for path, temporary in temporaries.items():
                backups.set_aside(path)
                patiently(functools.partial(temporary.replace, path))
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        for temporary in temporaries.values():
            _forget(temporary)  # after Ctrl-C, too; those that got their names are gone from here


def check_writable(files: Iterable[Path]) -> None:
    """Make sure, before work that takes long, that files can be written; leaves nothing, not even a folder.

    Raises:
        DiskFull: There is no room (-803).
        PathNotWritable: A folder or a file cannot be written (-104).
    """
    for path in files:
        missing_folders: list[Path] = []
        try:
            missing_folders += [folder for folder in path.parents if what_is_at(folder) == "nothing"]
            _write_temporary(temporary := _temporary_name(path), b"", durable=False)
            temporary.unlink()
            _check_replaceable(path)
        except OSError as error:
            raise not_written(path, error) from error
        finally:
            for folder in missing_folders:
                _forget_folder(folder)


def _temporary_name(path: Path) -> Path:
    """Return a temporary name beside a file.

    Not the tempfile module: its files are readable by their owner only, and the mode would survive the renaming.
    """
    if not path.name:  # "." or "/"
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")


def _write_temporary(temporary: Path, data: bytes | memoryview, durable: bool) -> None:
    temporary.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("xb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def _check_replaceable(path: Path) -> None:
    """Raise what renaming a file onto this one would raise."""
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file() and not path.is_symlink():  # a device, such as /dev/null, or a pipe
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if sys.platform == "win32" and path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


class _Backups:
    """Old files under other names until all the new ones have theirs; after an error they are put back.

    Args:
        temporaries: The temporary file of each new one. One alone replaces the old one in a single step: none is kept.
    """

    def __init__(self, temporaries: Mapping[Path, Path]) -> None:
        self._temporaries = temporaries
        several = len(temporaries) > 1
        self._old = {path: file.with_suffix(".old") for path, file in temporaries.items()} if several else {}

    def __enter__(self) -> _Backups:
        return self

    def set_aside(self, path: Path) -> None:
        """Give the file that is there, if one is, a second name."""
        if path in self._old and os.path.lexists(path) and not _linked(path, self._old[path]):
            patiently(functools.partial(path.replace, self._old[path]))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for path, old in self._old.items():
            try:
                if kind is not None:
                    self._put_back(path, old)
            except OSError:
                continue  # it stays under its second name
            _forget(old)

    def _put_back(self, path: Path, old: Path) -> None:
        renamed = not self._temporaries[path].exists()
        if os.path.lexists(old):
            if renamed or not os.path.lexists(path):
                patiently(functools.partial(old.replace, path))
        elif renamed:
            _forget(path)


def _linked(path: Path, second: Path) -> bool:
    """Give a file a second name beside its first, so that it is never gone; tell whether the disk can do that."""
    if path.is_symlink():  # its link would be its target on some systems
        return False
    try:
        os.link(path, second)
    except OSError:
        return False
    return True


def remove(path: Path) -> None:
    """Remove a file if it is there.

    Raises:
        PathNotWritable: It cannot be removed (-104).
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise not_written(path, error) from error


def discard(path: Path) -> None:
    """Remove a file that is of no use any more; one that another program holds stays."""
    _forget(path)


def patiently(action: Callable[[], T]) -> T:
    """Do something to a file, again for a second where another program holds it: Windows' virus scanners look at each.

    Raises:
        OSError: It cannot be done.
    """
    for _ in range(_TRIES):
        try:
            return action()
        except PermissionError:
            time.sleep(_PAUSE)
    return action()


def sweep(folder: Path) -> None:
    """Remove the temporary files that a killed process left in a folder."""
    if what_is_at(folder) == "folder":
        for temporary in folder.glob(f".*.{'[0-9a-f]' * 8}.tmp"):
            _forget(temporary)


def sweep_beside(files: Iterable[Path]) -> None:
    """Remove what a killed process left of earlier writings of these files; they themselves are whole and stay."""
    for path in files:
        try:
            beside = list(path.parent.iterdir())
        except OSError:
            continue
        leftover = re.compile(rf"\.{re.escape(path.name[:40])}\.[0-9a-f]{{8}}\.(tmp|old)")
        for file in beside:
            if leftover.fullmatch(file.name):
                _forget(file)


def _forget(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        return  # the folder itself is missing or closed: there is no half file


def _forget_folder(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # it was never made, or somebody has put something into it


def what_is_at(path: Path) -> Literal["folder", "file", "nothing"]:
    """Look at a path without opening it; a name that cannot exist, and a link that leads to itself, are nothing."""
    try:
        return "folder" if path.is_dir() else "file" if path.exists() else "nothing"
    except (OSError, ValueError):  # longer than the system allows, or with a NUL character
        return "nothing"


def numbered(path: Path, number: int) -> Path:
    """Return a neighbour's name: ``live_2.mp4``."""
    return path.parent / f"{path.stem}_{number}{path.suffix}"  # not with_name: a folder may be called "."


def free_name(path: Path) -> Path:
    """Return a path where nothing is: this one, or the first of its numbered neighbours."""
    names = itertools.chain((path,), (numbered(path, number) for number in range(2, 10_000)))
    return next(name for name in names if what_is_at(name) == "nothing")


def already_there(path: Path, what: str) -> PathExists:
    """Make the error of an output that is there (-105); ``what`` says what it is, behind its name."""
    return PathExists(
        say(f"{path} {english(what)}.", f"{path} {what}。"),
        hint=say(f"Nothing is overwritten: use {free_name(path).name}.", f"不会覆盖：请改用 {free_name(path).name}。"),
    )


def stamp_of(path: str | os.PathLike[str]) -> Stamp | None:
    """Return what tells whether a file has changed; None where there is none to look at, and whoever reads it says why.

    Returns:
        Its size in bytes, and when it was last written, in ns.
    """
    try:
        state = Path(path).stat()
    except (OSError, ValueError):
        return None
    return state.st_size, state.st_mtime_ns


def no_room(error: OSError) -> bool:
    """Tell whether something could not be written for want of room."""
    return error.errno in _NO_ROOM


def not_written(path: Path, error: OSError) -> DiskFull | PathNotWritable:
    """Name the reason why a path could not be written."""
    if no_room(error):
        hint = say("Free some disk space, or choose another folder.", "请清理磁盘空间，或换一个文件夹。")
        return DiskFull(say(f"No room left to write {path}.", f"磁盘空间不足，无法写入 {path}。"), hint=hint)
    if file := _file_among(path.parents):
        hint = say("Choose another folder, or rename that file.", "请换一个文件夹，或将该文件改名。")
        return PathNotWritable(
            say(
                f"Cannot write {path}: {file} is a file, not a folder.", f"无法写入 {path}：{file} 是文件，不是文件夹。"
            ),
            hint=hint,
        )
    hint = say(
        "Choose a folder that you may write to, or close the program that shows this file.",
        "请换一个可写的文件夹，或关闭正在打开该文件的程序。",
    )
    return PathNotWritable(
        say(f"Cannot write {path}: {english(system_reason(error))}.", f"无法写入 {path}：{system_reason(error)}。"),
        hint=hint,
    )


def _file_among(folders: Iterable[Path]) -> Path | None:
    try:
        return next((folder for folder in folders if folder.is_file()), None)
    except (OSError, ValueError):
        return None
