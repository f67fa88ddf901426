"""Reading the text files of a data set (``classes.txt``, ``val.txt``, annotations), for the readers beside it.

What the lines mean is decided elsewhere; here are encodings and line ends only.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from BaseDT.errors import DatasetInvalid
from BaseDT.language import say


def read_lines(path: Path) -> list[str]:
    """Return all lines of a text file, without line ends and trailing spaces; blank lines stay, so that numbers hold.

    Raises:
        DatasetInvalid: As in ``read_text``.
    """
    # Not str.splitlines: it also splits at characters that may stand in a file name.
    lines = read_text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.rstrip() for line in lines]


def read_text(path: Path) -> str:
    """Return a text file as it is.

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
    return _decode(data, path)


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
