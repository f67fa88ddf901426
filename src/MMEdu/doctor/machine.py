"""Is the machine fit: Python, fonts, folders that can be written, disk and memory? Checks; nothing is changed."""

from __future__ import annotations

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from BaseDT.errors import ParameterInvalid
from BaseDT.folders import cache_folder
from BaseDT.fonts import cjk_font, font_hint
from BaseDT.language import say
from MMEdu.doctor.finding import Finding
from MMEdu.doctor.surroundings import Surroundings

_GB = 1 << 30
_LITTLE_DISK = 1 * _GB  # checkpoints of a ResNet, several epochs
_LITTLE_MEMORY = 1 * _GB  # torch alone takes a quarter of it
_OLDEST, _NEWEST = (3, 10), (3, 13)


def examine_python(at: Surroundings) -> Finding:
    """Judge the version of Python, and whether torch exists for it."""
    title = f"Python {'.'.join(map(str, at.python))}, {at.bits} bit"
    url = "https://www.python.org/downloads/"
    remedy = say(f"install Python 3.12, 64 bit: {url}", f"安装 64 位的 Python 3.12：{url}")
    if at.bits < 64:
        return Finding(
            "python", "error", say(f"{title}: there is no torch for it", f"{title}：没有对应的 torch"), remedy
        )
    if at.python[:2] < _OLDEST:
        return Finding("python", "error", say(f"{title} is too old", f"{title} 版本过低"), remedy)
    if at.python[:2] > _NEWEST:
        newer = say(f"{title} is newer than what is tested", f"{title} 尚未经过测试")
        return Finding("python", "warning", newer, remedy)
    return Finding("python", "ok", title)


def examine_machine(at: Surroundings) -> list[Finding]:
    """Look at fonts, folders, disk and memory."""
    findings = [_font(), _folder(at.folder), _cache()]
    if (free := _free_disk(at.folder)) is not None:
        findings.append(disk_finding(free))
    if (available := _available_memory()) is not None:
        findings.append(memory_finding(available))
    return findings


def _font() -> Finding:
    try:
        font = cjk_font()
    except ParameterInvalid as error:
        return Finding("font", "error", error.message, error.hint)
    if font is None:
        missing = say(
            "no font with Chinese characters: labels in pictures stay unreadable", "没有中文字体，图片中的中文无法显示"
        )
        return Finding("font", "warning", missing, font_hint())
    return Finding("font", "ok", str(font))


def _folder(folder: Path) -> Finding:
    if _can_write(folder):
        return Finding("working folder", "ok", str(folder))
    return Finding(
        "working folder",
        "error",
        say(f"{folder} cannot be written: no model could be saved", f"{folder} 不可写，无法保存模型"),
        say("work in a folder of your own, or pass save_fold=", "请换到自己的文件夹，或设置 save_fold="),
    )


def _cache() -> Finding:
    remedy = say("set MMEDU_HOME to a folder that you can write", "将 MMEDU_HOME 设为一个可写的文件夹")
    try:
        folder = cache_folder()
    except OSError as error:
        return Finding("cache", "warning", say(f"no cache folder: {error}", f"没有缓存文件夹：{error}"), remedy)
    if _can_write(folder):
        return Finding("cache", "ok", str(folder))
    return Finding("cache", "warning", say(f"{folder} cannot be written", f"{folder} 不可写"), remedy)


def _can_write(folder: Path) -> bool:
    # By writing: os.access does not know of Windows' rights, nor of read-only media.
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _free_disk(folder: Path) -> int | None:
    """Return the free bytes, or ``None`` where the folder itself is gone: that is another finding."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def disk_finding(free: int) -> Finding:
    """Judge the free bytes of the disk that holds the working folder."""
    detail = say(f"{free / _GB:.1f} GB free on the disk", f"磁盘剩余 {free / _GB:.1f} GB")
    if free >= _LITTLE_DISK:
        return Finding("disk", "ok", detail)
    return Finding(
        "disk", "warning", detail, say("make room, or set max_keep_ckpts=1", "请清理磁盘，或设置 max_keep_ckpts=1")
    )


def _available_memory() -> int | None:
    """Return free memory in bytes, or ``None`` without the training part: then it is not needed either."""
    if find_spec("psutil") is None:
        return None
    import psutil

    return int(psutil.virtual_memory().available)


def memory_finding(available: int) -> Finding:
    """Judge the bytes of memory that may still be taken."""
    detail = say(f"{available / _GB:.1f} GB of memory free", f"可用内存 {available / _GB:.1f} GB")
    if available >= _LITTLE_MEMORY:
        return Finding("memory", "ok", detail)
    return Finding(
        "memory", "warning", detail, say("close other programs, or choose LeNet", "请关闭其他程序，或选用 LeNet")
    )
