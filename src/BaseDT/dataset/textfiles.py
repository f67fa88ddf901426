"""Reading and writing the small text files of a data set (``classes.txt``, ``val.txt``), for the readers beside it.

What the lines mean is decided elsewhere; here are encodings, line ends and safe writing only.
"""

from __future__ import annotations

import codecs
import os
import secrets
from pathlib import Path

from BaseDT.errors import DatasetInvalid
from BaseDT.language import say


def read_lines(path: Path) -> list[str]:
    """Return all lines of a text file, without line ends and trailing spaces; blank lines stay, so that numbers hold.

    Read as UTF-8 (with or without mark), then as GBK, or as UTF-16 where the file says so (PowerShell's ``>`` does).

    Raises:
        DatasetInvalid: The file cannot be read, or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetInvalid(
            f"{path.name} cannot be read: {error.strerror or error}",
            hint=say(f"It should be a text file: {path}", f"它应当是一个文本文件：{path}"),
        ) from error
    # Not str.splitlines: it also splits at characters that may stand in a file name.
    lines = _decode(data, path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.rstrip() for line in lines]


def _decode(data: bytes, path: Path) -> str:
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # GB18030 is GBK with more characters.
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DatasetInvalid(
        f"{path.name} is not readable as text: neither UTF-8 nor GBK",
        hint=say("Open it in an editor and save it as UTF-8.", "请用编辑器打开它，另存为 UTF-8 编码。"),
    )


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file whole or not at all: to a temporary file in the same folder, then renamed.

    Raises:
        OSError: The folder is read-only, the disk is full.
        UnicodeEncodeError: The text holds names that are no text (a file system with another encoding).
    """
    data = text.encode("utf-8")
    # Not the tempfile module: its files are readable by their owner only, and the mode would survive the renaming.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
