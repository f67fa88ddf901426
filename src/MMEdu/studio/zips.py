"""Zips that come from others: looked through before anything is unpacked, and unpacked only to where they should go."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from BaseDT.dataset.scan import is_system
from BaseDT.errors import DatasetInvalid
from BaseDT.files import not_written
from BaseDT.language import say

MOST_FILES = 100_000
MOST_BYTES = 4 * 2**30
MOST_RATIO = 200
"""How many bytes one of a zip may become: pictures hardly shrink, texts to a tenth."""
_SMALL = 2**20
_PIECE = 2**20
_UTF8 = 0x800
_LOCKED = 0x1
_LONGEST = 240
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)


@dataclass(frozen=True)
class Entry:
    """A file in a zip.

    Attributes:
        parts: Its path, checked: none of them leads elsewhere.
        size: Bytes, as the zip says; no more are ever read.
    """

    parts: tuple[str, ...]
    size: int
    _info: zipfile.ZipInfo


class Zip:
    """An open zip whose entries have been looked at.

    Attributes:
        entries: Its files, those of systems (``__MACOSX``) and hidden ones left out.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str, most_files: int, most_bytes: int) -> None:
        self._archive, self._name = archive, name
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > most_files:
            raise _refused(
                name,
                f"holds {len(infos)} files, more than {most_files}",
                f"包含 {len(infos)} 个文件，超过 {most_files} 个",
            )
        total = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        if total > most_bytes:
            raise _refused(
                name,
                f"would unpack to {total / 1e6:.0f} MB, more than {most_bytes / 1e6:.0f} MB",
                f"解压后有 {total / 1e6:.0f} MB，超过 {most_bytes / 1e6:.0f} MB",
            )
        if total > _SMALL and total > MOST_RATIO * packed:
            raise _refused(name, "would grow beyond all measure", "解压后会异常膨胀")
        self.entries = [entry for info in infos if (entry := _entry(info, name)) is not None]

    def read(self, entry: Entry) -> bytes:
        """Return a file's bytes.

        Raises:
            DatasetInvalid: It is damaged (-201).
        """
        return b"".join(self._pieces(entry))

    def unpack(self, entry: Entry, target: Path) -> None:
        """Write a file, where nothing is yet.

        Raises:
            DatasetInvalid: It is damaged (-201).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        pieces = self._pieces(entry)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.writelines(pieces)
        except OSError as error:
            raise not_written(target, error) from error

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        left = entry.size
        try:
            with self._archive.open(entry._info) as file:
                while piece := file.read(min(_PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        raise _damaged(self._name)
                    yield piece
        except _BROKEN as error:
            raise _damaged(self._name) from error
        if left:
            raise _damaged(self._name)


@contextmanager
def opened(
    file: Path | BinaryIO, name: str, *, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES
) -> Iterator[Zip]:
    """Open a zip and look at its entries.

    Args:
        file: Its path, or its open file.
        name: What messages call it.
        most_files: More are refused.
        most_bytes: Unpacked; more are refused.

    Raises:
        DatasetInvalid: It is no zip, damaged or locked, leads out of its folder, or becomes too much (-201).
    """
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise _damaged(name) from error
    with archive:
        yield Zip(archive, name, most_files, most_bytes)


def safe_parts(path: str) -> tuple[str, ...] | None:
    """Return the parts of a path that somebody else wrote; None where it does not stay below its folder."""
    parts = tuple(part for part in path.replace("\\", "/").split("/") if part != ".")
    if not parts or not all(parts) or ".." in parts:  # an empty first one: absolute
        return None
    if any(":" in part or min(part) < " " or len(part.encode("utf-8", "replace")) > _LONGEST for part in parts):
        return None
    return tuple(part.rstrip(". ") or "_" for part in parts)  # what Windows takes off itself


def is_wanted(parts: tuple[str, ...]) -> bool:
    """Tell whether a file is neither hidden nor a system's own."""
    return not any(part.startswith(".") or is_system(part) for part in parts)


def _entry(info: zipfile.ZipInfo, name: str) -> Entry | None:
    """Check a file of a zip; None for one that is not wanted."""
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _refused(name, "holds links", "包含符号链接")
    if info.flag_bits & _LOCKED:
        raise _refused(
            name,
            "is locked with a password",
            "有密码保护",
            hint=("Unpack it, and take its folder.", "请先解压，再选择文件夹。"),
        )
    called = _called(info)
    parts = safe_parts(called)
    if parts is None:
        raise _refused(
            name, f"holds a path that leads elsewhere: {called[:80]!r}", f"包含不安全的路径：{called[:80]!r}"
        )
    return Entry(parts, info.file_size, info) if is_wanted(parts) else None


def _called(info: zipfile.ZipInfo) -> str:
    """Return a file's name; Windows in China writes it in GBK and does not say so."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _damaged(name: str) -> DatasetInvalid:
    return _refused(
        name,
        "is no whole zip file",
        "不是完整的 zip 文件",
        hint=("Pack it again as .zip, or take its folder.", "请重新打包成 .zip，或直接选择文件夹。"),
    )


def _refused(
    name: str,
    en: str,
    zh: str,
    hint: tuple[str, str] = ("Take a zip that you made yourself.", "请使用自己制作的压缩包。"),
) -> DatasetInvalid:
    return DatasetInvalid(say(f"{name} {en}.", f"{name} {zh}。"), hint=say(*hint))
