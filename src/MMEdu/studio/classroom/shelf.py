"""The shelf: what a teacher hands out. A folder of folders and files; what is put there by hand is on it, too."""

from __future__ import annotations

import hashlib
import threading
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from BaseDT.errors import DatasetNotFound, ParameterInvalid
from BaseDT.files import free_name, not_written
from BaseDT.image import is_image_file
from BaseDT.language import say
from MMEdu.studio.classroom.files import copy_tree, files_below, move, read_json, throw_away
from MMEdu.studio.classroom.uploads import Upload
from MMEdu.studio.projects.names import folder_name

_FRESH = 3.0
_STORED = (".jpg", ".jpeg", ".png", ".webp", ".onnx", ".zip", ".whl", ".npz")
"""Packing these again costs time and gains nothing."""


@dataclass(frozen=True)
class Item:
    """A thing on the shelf.

    Attributes:
        id: Made of its name.
        path: A file or a folder.
        kind: ``set``, ``project``, ``model``, ``zip`` or ``file``.
        pictures: In it; 0 where nobody knows.
        size: Bytes.
    """

    id: str
    path: Path
    kind: str
    pictures: int
    size: int

    @property
    def download(self) -> str:
        """What a browser calls the file that it gets."""
        return f"{self.path.name}.zip" if self.path.is_dir() else self.path.name

    def told(self) -> dict[str, Any]:
        """Return what a page shows."""
        name = self.path.name if self.path.is_dir() else self.path.stem if self.kind == "zip" else self.path.name
        return {
            "id": self.id,
            "name": name,
            "file": self.download,
            "kind": self.kind,
            "pictures": self.pictures,
            "bytes": self.size,
        }


class Shelf:
    """What is handed out.

    Args:
        folder: Where it lies.
        wheels: Where wheels lie, for ``pip install --find-links``.
        packed: Where folders are packed for those who fetch them.
    """

    def __init__(self, folder: Path, wheels: Path, packed: Path) -> None:
        self._folder, self._wheels, self._packed = folder, wheels, packed
        self._lock = threading.RLock()
        self._seen: tuple[float, list[Item]] = (-_FRESH, [])

    def items(self) -> list[Item]:
        """Return what is on the shelf, by name."""
        with self._lock:
            if time.monotonic() - self._seen[0] > _FRESH:
                paths = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
                shown = [path for path in paths if not path.name.startswith(".") and not path.is_symlink()]
                self._seen = (time.monotonic(), [_item(path) for path in shown])
            return self._seen[1]

    def find(self, identifier: str) -> Item:
        """Return a thing.

        Raises:
            DatasetNotFound: It is not there any more (-101).
        """
        for item in self.items():
            if item.id == identifier:
                return item
        raise DatasetNotFound(
            say("This is not on the shelf any more.", "共享架上已经没有它了。"),
            hint=say("Reload the page.", "请刷新页面。"),
        )

    def put(self, source: Path) -> Path:
        """Copy a file or a folder of this computer onto the shelf.

        Raises:
            DatasetNotFound: There is none (-101).
            ParameterInvalid: The shelf lies in it (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        source = source.expanduser()
        try:
            source = source.resolve(strict=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise DatasetNotFound(
                say(f"There is nothing at {source}.", f"{source} 不存在。"),
                hint=say("Copy the folder's path from the file manager.", "请从文件管理器复制文件夹的路径。"),
            ) from error
        if self._folder.resolve().is_relative_to(source):
            raise ParameterInvalid(
                say("The shelf itself lies in that folder.", "共享架本身就在这个文件夹里。"),
                hint=say("Choose the folder of one set.", "请选择单个数据集的文件夹。"),
            )
        return self._changed(copy_tree(source, self._place(source.name)))

    def take(self, upload: Upload) -> Path:
        """Put a file that has come onto the shelf; a wheel goes to the wheels."""
        return self._changed(move(upload.path, self._place(upload.name)))

    def take_folder(self, folder: Path, name: str) -> Path:
        """Move a folder of the class onto the shelf."""
        return self._changed(move(folder, self._place(name)))

    def remove(self, item: Item) -> None:
        """Take a thing off the shelf, and off the disk."""
        throw_away(item.path)
        self._changed(item.path)

    def packed(self, item: Item) -> Path:
        """Return a thing as one file: a folder is packed, once.

        Raises:
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        if not item.path.is_dir():
            return item.path
        with self._lock:
            stamp = hashlib.sha256(repr(_stamps(item.path)).encode("utf-8", "replace")).hexdigest()[:16]
            target = self._packed / f"{item.id}-{stamp}.zip"
            if not target.is_file():
                for old in self._packed.glob(f"{item.id}-*.zip"):
                    throw_away(old)
                _pack(item.path, target)
            return target

    def wheels(self) -> list[Path]:
        """Return the wheels, by name."""
        found = [*self._wheels.glob("*.whl"), *self._wheels.glob("*.tar.gz")] if self._wheels.is_dir() else []
        return sorted(path for path in found if path.is_file() and not path.is_symlink())

    def _place(self, name: str) -> Path:
        """Return a free path for a name that came from somebody."""
        last = name.replace("\\", "/").rsplit("/", 1)[-1]
        if last.lower().endswith(".whl"):
            plain = "".join(letter for letter in last if letter.isascii() and (letter.isalnum() or letter in "._+-"))
            return free_name(self._wheels / plain.lstrip("."))
        stem, dot, suffix = last.rpartition(".")
        if not dot or not suffix.isascii() or not suffix.isalnum() or len(suffix) > 8:
            stem, suffix = last, ""
        return free_name(self._folder / (folder_name(stem) + (f".{suffix.lower()}" if suffix else "")))

    def _changed(self, path: Path) -> Path:
        with self._lock:
            self._seen = (-_FRESH, [])
        return path


def _item(path: Path) -> Item:
    identifier = hashlib.sha256(path.name.encode("utf-8", "replace")).hexdigest()[:12]
    if path.is_dir():
        files = list(files_below(path))
        pictures = sum(is_image_file(file) for file in files)
        kind = "project" if read_json(path / "project.json") else "set"
        return Item(identifier, path, kind, pictures, sum(_size(file) for file in files))
    kind = {".zip": "zip", ".onnx": "model"}.get(path.suffix.lower(), "file")
    return Item(identifier, path, kind, _pictures_in(path) if kind == "zip" else 0, _size(path))


def _pictures_in(path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as packed:
            return sum(is_image_file(Path(name)) for name in packed.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _stamps(folder: Path) -> list[tuple[str, int, int]]:
    stamps = []
    for file in files_below(folder):
        state = file.stat()
        stamps.append((str(file.relative_to(folder)), state.st_size, state.st_mtime_ns))
    return stamps


def _pack(folder: Path, target: Path) -> None:
    """Write a folder as a zip whose first part is the folder's name."""
    half = target.with_suffix(".half")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(half, "w", strict_timestamps=False) as packed:
            for file in files_below(folder):
                stored = file.suffix.lower() in _STORED
                name = f"{folder.name}/{file.relative_to(folder).as_posix()}"
                packed.write(file, name, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        half.replace(target)
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        throw_away(half)
