"""Zips of pictures that come from a browser: looked through before anything is unpacked, and never onto the disk."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from BaseDT.dataset.scan import is_system
from BaseDT.errors import DatasetInvalid, XEduError
from BaseDT.image import is_image_file
from BaseDT.language import say
from MMEdu.studio.projects.intake import MAX_BYTES, too_many_bytes

MOST_ENTRIES = 6000
MOST_BYTES = 500 * 1024 * 1024
_RATIO, _SMALL = 100, 1 << 20
_UTF8 = 0x800
# A letter with an accent stands in a word of plain ones: café.
_LATIN = re.compile("[A-Za-z][\u00c0-\u024f\u0300-\u036f]|[\u00c0-\u024f][A-Za-z]")
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
)


@dataclass(frozen=True)
class Entry:
    """A file of a zip, unpacked when it is wanted.

    Attributes:
        path: Its folders and its name, posix.
        read: Returns what is in it; raises an XEduError where it is nothing to read.
    """

    path: str
    read: Callable[[], bytes]

    @property
    def data(self) -> bytes | XEduError:
        """What is in it, or why it is nothing to read."""
        try:
            return self.read()
        except XEduError as error:
            return error


def is_zip(data: bytes) -> bool:
    """Tell whether a file is a zip, also one without anything in it."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def entries(data: bytes, name: str) -> list[Entry]:
    """Return the files of a zip, without those that systems leave.

    Args:
        data: The whole file.
        name: What messages call it.

    Raises:
        DatasetInvalid: It is damaged, holds too much, or no pictures (-201).
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = [info for info in archive.infolist() if not info.is_dir()]
    except _FAULTS as error:
        raise _refused(
            name,
            "is damaged, or no zip",
            "已损坏或不是 zip 文件",
            "Pack it again, or drop its folder.",
            "请重新压缩，或直接拖入文件夹。",
        ) from error
    wanted = [pair for pair in zip(_paths(infos), infos, strict=True) if not _is_systems(pair[0])]
    if len(infos) > MOST_ENTRIES:
        raise _refused(name, f"holds {len(infos)} files", f"内有 {len(infos)} 个文件", *_divide())
    if sum(info.file_size for _, info in wanted) > MOST_BYTES or any(map(_is_bomb, infos)):
        raise _refused(name, "would grow far too large", "解压后过大", *_divide())
    if not any(is_image_file(path) for path, _ in wanted):
        raise _refused(
            name,
            "holds no pictures",
            "里没有图片",
            "Pack folders of JPEG or PNG pictures.",
            "请压缩存放 JPEG 或 PNG 图片的文件夹。",
        )
    return [Entry(path, partial(_read, archive, path, info)) for path, info in wanted]


def _read(archive: zipfile.ZipFile, path: str, info: zipfile.ZipInfo) -> bytes:
    if (reason := _why_not(path, info)) is not None:
        raise reason
    if info.file_size > MAX_BYTES:
        raise too_many_bytes(path)
    try:
        with archive.open(info) as opened:
            return opened.read(MAX_BYTES + 1)  # what the zip says of its size need not be true
    except _FAULTS as error:
        raise DatasetInvalid(
            say(f"{path} cannot be unpacked: {error}.", f"无法解压 {path}：{error}。"),
            hint=say("Pack it again, without a password.", "请重新压缩，不要设密码。"),
        ) from error


def _why_not(path: str, info: zipfile.ZipInfo) -> DatasetInvalid | None:
    if stat.S_ISLNK(info.external_attr >> 16):
        return DatasetInvalid(
            say(f"{path} is a link, not a picture.", f"{path} 是链接，不是图片。"),
            hint=say("Pack the picture itself.", "请压缩图片文件本身。"),
        )
    if path.startswith("/") or ".." in path.split("/") or ":" in path.split("/")[0]:
        return DatasetInvalid(
            say(f"{path} would lie outside of its folder.", f"{path} 指向文件夹之外。"),
            hint=say("Pack it again.", "请重新压缩。"),
        )
    if path.lower().endswith((".zip", ".rar", ".7z", ".tar", ".gz")):
        return DatasetInvalid(
            say(f"{path} is a zip within the zip.", f"{path} 是压缩包里的压缩包。"),
            hint=say("Unpack it first, and drop its folder.", "请先解压，再拖入文件夹。"),
        )
    return None


def _is_systems(path: str) -> bool:
    return any(is_system(part) and part != ".." for part in path.split("/"))


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > _SMALL and info.file_size > _RATIO * max(1, info.compress_size)


def _paths(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the entries' paths. Old Windows writes names in its own code page, macOS in UTF-8 without saying so."""
    unknown = [info.filename for info in infos if not info.flag_bits & _UTF8 and not info.filename.isascii()]
    encoding = _encoding_of([_raw(name) for name in unknown])
    again = {name: _raw(name).decode(encoding) for name in unknown} if encoding else {}
    return [again.get(info.filename, info.filename).replace("\\", "/") for info in infos]


def _raw(name: str) -> bytes:
    """Return a name's bytes, of which the zip does not say what they mean: zipfile reads them as cp437."""
    try:
        return name.encode("cp437")
    except UnicodeError:
        return name.encode("utf-8")


def _encoding_of(names: Sequence[bytes]) -> str:
    """Return how names are written; empty where that is not clear. Some words of GBK are UTF-8, too."""
    texts = {encoding: _decoded(names, encoding) for encoding in ("utf-8", "gbk")}
    as_utf8, as_gbk = texts["utf-8"], texts["gbk"]
    if as_utf8 is None or as_gbk is None:
        return next((encoding for encoding, text in texts.items() if text is not None), "")
    has_chinese = any(sign >= "\u0800" for sign in as_utf8)
    return "utf-8" if has_chinese or _LATIN.search(as_utf8) else "gbk"


def _decoded(names: Sequence[bytes], encoding: str) -> str | None:
    try:
        return "\n".join(name.decode(encoding) for name in names)
    except UnicodeError:
        return None


def _divide() -> tuple[str, str]:
    return "Unpack it, and drop its folder; or divide it.", "请先解压再拖入文件夹，或分成几个压缩包。"


def _refused(name: str, en: str, zh: str, hint_en: str, hint_zh: str) -> DatasetInvalid:
    return DatasetInvalid(say(f"{name} {en}.", f"{name} {zh}。"), hint=say(hint_en, hint_zh))
