"""Reading the text files of a data set (``classes.txt``, ``val.txt``, annotations), for the readers beside it.

What the lines mean is decided elsewhere; here are encodings and line ends only.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from BaseDT import contents
from BaseDT.errors import DatasetInvalid
from BaseDT.language import english, say, system_reason

_DECLARES_GBK = re.compile(rb"\s*<\?xml[^>]*encoding=.gb", re.IGNORECASE)


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
        data = contents.read_bytes(path)
    except OSError as error:
        raise DatasetInvalid(
            say(
                f"{path.name} cannot be read: {english(system_reason(error))}",
                f"无法读取 {path.name}：{system_reason(error)}",
            ),
            hint=say(f"It should be a text file: {path}", f"它应当是一个文本文件：{path}"),
        ) from error
    return _decode(data, path)


def _decode(data: bytes, path: Path) -> str:
    for encoding in _encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DatasetInvalid(
        say(
            f"{path.name} is not readable as text: neither UTF-8 nor GBK",
            f"{path.name} 无法作为文本读取：既不是 UTF-8，也不是 GBK",
        ),
        hint=say("Open it in an editor and save it as UTF-8.", "请用编辑器打开它，另存为 UTF-8 编码。"),
    )


def _encodings(data: bytes) -> tuple[str, ...]:
    """Return the encodings to try, in this order. GB18030 is GBK with more characters."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    # Few Chinese characters in GBK can be valid UTF-8 of something else (a cat is an e with an accent).
    return ("gb18030",) if _DECLARES_GBK.match(data) else ("utf-8-sig", "gb18030")
