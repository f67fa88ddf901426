"""The errors that the runtimes share when a model cannot be opened. Only ``XEdu.runtime`` calls this."""

from __future__ import annotations

from pathlib import Path

from BaseDT.errors import CheckpointInvalid, DependencyMissing, ModelUnsupported
from BaseDT.language import say

_MAGIC_NUMBERS: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
    (b"pk\x03\x04", "a zip archive or a training checkpoint"),
    (b"\x80\x02", "a training checkpoint"),
    (b"\x89png", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"{", "a JSON file"),
)


def broken(file: Path, reason: str = "") -> CheckpointInvalid:
    """It is no whole model of its format."""
    return CheckpointInvalid(
        f"{file.name} is not a whole model file: {reason or what_is(file) or 'its content is damaged or cut off'}.",
        hint=say("Copy or download it again, or convert the checkpoint anew.", "请重新复制或下载，或重新转换模型。"),
    )


def what_is(file: Path) -> str:
    """Name what a file is by its first bytes; empty where that is not known."""
    try:
        with file.open("rb") as opened:
            head = opened.read(4096)
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"
    if not head:
        return "it is empty (0 bytes)"
    if not head.strip(b"\0"):
        return "it holds only zero bytes"
    start = head[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((f"it is {name}" for magic, name in _MAGIC_NUMBERS if start.startswith(magic)), "")


def unsupported(message: str, en: str, zh: str) -> ModelUnsupported:
    """It is whole, but the runtime cannot run it."""
    return ModelUnsupported(message, hint=say(en, zh))


def not_installed(package: str, command: str) -> DependencyMissing:
    """The runtime of this format is an extra that is not there."""
    return DependencyMissing(
        f"This model needs {package}, which this Python does not have.",
        hint=say(f"Install it with: {command}", f"请安装：{command}"),
    )


def first_line(error: BaseException) -> str:
    """Return a runtime's own words on one line, shortened, for the end of a message."""
    words = " ".join(str(error).split()).rstrip(".")
    return words if len(words) <= 200 else f"{words[:100]} … {words[-98:]}"
