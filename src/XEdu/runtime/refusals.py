"""The errors that the runtimes share when a model cannot be opened. Only ``XEdu.runtime`` calls this."""

from __future__ import annotations

from pathlib import Path

from BaseDT.errors import CheckpointInvalid, DependencyMissing, MemoryExhausted, ModelUnsupported
from BaseDT.language import english, say, system_reason

_MAGIC_NUMBERS: tuple[tuple[bytes, str, str], ...] = (
    (b"<!doctype", "a web page", "网页"),
    (b"<html", "a web page", "网页"),
    (b"<?xml", "an XML file", " XML 文件"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself", " Git LFS 的指针，而不是文件本身"),
    (b"pk\x03\x04", "a zip archive or a training checkpoint", " zip 压缩包或训练得到的权重文件"),
    (b"\x80\x02", "a training checkpoint", "训练得到的权重文件"),
    (b"\x89png", "a PNG image", " PNG 图片"),
    (b"\xff\xd8\xff", "a JPEG image", " JPEG 图片"),
    (b"{", "a JSON file", " JSON 文件"),
)


def broken(file: Path, reason: str = "") -> CheckpointInvalid:
    """It is no whole model of its format."""
    reason = reason or what_is(file) or say("its content is damaged or cut off", "内容已损坏或不完整")
    return CheckpointInvalid(
        say(
            f"{file.name} is not a whole model file: {english(reason)}.", f"{file.name} 不是完整的模型文件：{reason}。"
        ),
        hint=say("Copy or download it again, or convert the checkpoint anew.", "请重新复制或下载，或重新转换模型。"),
    )


def what_is(file: Path) -> str:
    """Name what a file is by its first bytes; empty where that is not known."""
    try:
        with file.open("rb") as opened:
            head = opened.read(4096)
    except OSError as error:
        return say(f"it cannot be read ({english(system_reason(error))})", f"无法读取（{system_reason(error)}）")
    if not head:
        return say("it is empty (0 bytes)", "它是空文件（0 字节）")
    if not head.strip(b"\0"):
        return say("it holds only zero bytes", "它只有零字节")
    start = head[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((say(f"it is {en}", f"它是{zh}") for magic, en, zh in _MAGIC_NUMBERS if start.startswith(magic)), "")


def unsupported(message: str, en: str, zh: str) -> ModelUnsupported:
    """It is whole, but the runtime cannot run it."""
    return ModelUnsupported(message, hint=say(en, zh))


def no_memory() -> MemoryExhausted:
    """What goes in or comes out does not fit."""
    return MemoryExhausted(
        say("Not enough memory to run this model.", "内存不足，无法运行该模型。"),
        hint=say("Close other programs, or use a smaller model.", "请关闭其他程序，或使用较小的模型。"),
    )


def not_installed(package: str, command: str) -> DependencyMissing:
    """The runtime of this format is an extra that is not there."""
    return DependencyMissing(
        say(
            f"This model needs {package}, which this Python does not have.",
            f"该模型需要 {package}，而当前 Python 没有安装。",
        ),
        hint=say(f"Install it with: {command}", f"请安装：{command}"),
    )


def first_line(error: BaseException) -> str:
    """Return a runtime's own words on one line, shortened, for the end of a message."""
    words = " ".join(str(error).split()).rstrip(".")
    return words if len(words) <= 200 else f"{words[:100]} … {words[-98:]}"
