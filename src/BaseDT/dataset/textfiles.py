"""Reading the text files of a data set (``classes.txt``, ``val.txt``, annotations), for the readers beside it.

What the lines mean is decided elsewhere, which encoding they are in by ``encodings``; here are line ends only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from BaseDT import contents
from BaseDT.dataset.encodings import decoded
from BaseDT.errors import DatasetInvalid
from BaseDT.language import english, say, system_reason


def read_lines(path: Path, expected: Iterable[str] = ()) -> list[str]:
    """Return all lines of a text file, without line ends and trailing spaces; blank lines stay, so that numbers hold.

    Args:
        path: The file.
        expected: As in ``read_text``.

    Raises:
        DatasetInvalid: As in ``read_text``.
    """
    # Not str.splitlines: it also splits at characters that may stand in a file name.
    lines = read_text(path, expected).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.rstrip() for line in lines]


def read_text(path: Path, expected: Iterable[str] = ()) -> str:
    """Return a text file as it is.

    Read as UTF-8 (with or without mark) or as GBK, whichever is likelier, or as UTF-16 (PowerShell's ``>`` does).

    Args:
        path: The file.
        expected: Names that it should hold; they tell in which encoding it is where its bytes do not.

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
    if (text := decoded(data, expected)) is not None:
        return text
    raise DatasetInvalid(
        say(
            f"{path.name} is not readable as text: neither UTF-8 nor GBK",
            f"{path.name} 无法作为文本读取：既不是 UTF-8，也不是 GBK",
        ),
        hint=say("Open it in an editor and save it as UTF-8.", "请用编辑器打开它，另存为 UTF-8 编码。"),
    )
