"""One file over HTTP: resumed where it broke off, checked by its SHA-256, whole or not there at all.

Standard library only. It knows no models; ``weights_folder`` decides what is fetched and where it lies.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from BaseDT.errors import CheckpointInvalid, ParameterInvalid, WeightsUnavailable
from BaseDT.events import Emit, long_work
from BaseDT.files import discard, not_written, patiently
from BaseDT.language import english, say, system_reason

TIMEOUT = 20.0
"""Seconds without a byte after which a connection counts as broken."""
PAUSE = 1.0
_TRIES = 3  # in a row without a byte gained
_BLOCK = 1 << 20
MOST = 1 << 30
"""Bytes of a file: more than any network here has. A server that sends without end would fill the disk."""
_MB = 10**6

Tell = Callable[[int, int], None]


class _Broken(Exception):
    """The network did not give what was asked for. ``final``: asking again will not help."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


def address(official: str) -> str:
    """Return where a file is fetched from: ``MMEDU_MIRROR``, the address of a folder with the same files, goes first.

    Raises:
        ParameterInvalid: ``MMEDU_MIRROR`` is neither a folder nor the address of a server (-305).
    """
    mirror = os.environ.get("MMEDU_MIRROR", "").strip()
    if not mirror or mirror_folder() is not None:
        return official
    return f"{mirror.rstrip('/')}/{official.rpartition('/')[2]}"


def mirror_folder() -> Path | None:
    """Return the folder that ``MMEDU_MIRROR`` names, by its path or as ``file://``; None where it names a server.

    Raises:
        ParameterInvalid: It is neither (-305).
    """
    mirror = os.environ.get("MMEDU_MIRROR", "").strip()
    if not mirror:
        return None
    try:
        parts = urlsplit(mirror)
        if parts.scheme in ("https", "http") and parts.netloc:
            return None
        folder = Path(urllib.request.url2pathname(parts.path)) if parts.scheme == "file" else Path(mirror)
        if folder.is_dir():
            return folder
    except (ValueError, OSError):
        pass
    hint = say(
        "Name a folder that is there, or an address like https://server/folder.",
        "请填写存在的文件夹，或形如 https://server/folder 的地址。",
    )
    raise ParameterInvalid(
        say(f"MMEDU_MIRROR={mirror!r} cannot be used.", f"无法使用 MMEDU_MIRROR={mirror!r}。"), hint=hint
    )


def has_mirror_server() -> bool:
    """Whether ``MMEDU_MIRROR`` names a server.

    Raises:
        ParameterInvalid: It names neither a folder nor a server (-305).
    """
    return bool(os.environ.get("MMEDU_MIRROR", "").strip()) and mirror_folder() is None


def copy_from_mirror(path: Path, sha256: str) -> bool:
    """Copy a file of the same name out of the folder that ``MMEDU_MIRROR`` names; returns whether there is one.

    Raises:
        CheckpointInvalid: It is another file (-202).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    folder = mirror_folder()
    if folder is None or not (folder / path.name).is_file():
        return False
    file, part = folder / path.name, path.with_name(f"{path.name}.part")
    try:
        shutil.copyfile(file, part)
        digest = sha256_of(part)
        if not digest.startswith(sha256):
            discard(part)
            raise _another_file(str(file), path, sha256, digest)
        patiently(functools.partial(part.replace, path))
    except OSError as error:
        raise not_written(part, error) from error
    return True


def offline() -> bool:
    """Whether the user forbids the network (``MMEDU_OFFLINE=1``)."""
    return os.environ.get("MMEDU_OFFLINE", "").strip() not in ("", "0")


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def fetch(official: str, path: Path, sha256_prefix: str, emit: Emit) -> None:
    """Download a file. What arrived before a connection broke stays in ``<name>.part`` and is not fetched again.

    One process at a time may do it.

    Args:
        official: The file's address where no mirror is set.
        path: Where it is written.
        sha256_prefix: The first digits of its SHA-256.
        emit: Told of the progress.

    Raises:
        WeightsUnavailable: There is no network, or no such file on the server (-107).
        CheckpointInvalid: What came is another file (-202); nothing of it is kept.
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    url = address(official)
    part = path.with_name(f"{path.name}.part")
    with long_work(emit, say(f"Downloading {path.name} (MB)", f"下载 {path.name} (MB)")) as tell:
        try:
            resumed = _complete(url, part, tell)
            digest = sha256_of(part)
            if resumed and not digest.startswith(sha256_prefix):  # halves of two different files
                part.unlink()
                _complete(url, part, tell)
                digest = sha256_of(part)
            if not digest.startswith(sha256_prefix):
                discard(part)
                raise _another_file(url, path, sha256_prefix, digest)
            patiently(functools.partial(part.replace, path))
        except _Broken as error:
            raise unavailable(official, path, error.args[0], downloaded=_size(part)) from error
        except OSError as error:
            raise not_written(part, error) from error


def _complete(url: str, part: Path, tell: Tell) -> bool:
    """Fetch what is missing, trying again as long as it helps; returns whether there was something before."""
    resumed, failures = _size(part) > 0, 0
    while True:
        before = _size(part)
        try:
            _append(url, part, tell)
        except _Broken as error:
            failures = failures + 1 if _size(part) <= before else 1
            if error.final or failures >= _TRIES:
                raise
            time.sleep(PAUSE * failures)
        else:
            return resumed


def _append(url: str, part: Path, tell: Tell) -> None:
    """Ask for the rest of a file once, and write what comes."""
    downloaded = _size(part)
    answer = _ask(url, downloaded)
    if answer is None:
        return
    with answer:
        continues = answer.status == 206
        if continues and not str(answer.headers.get("Content-Range", "")).startswith(f"bytes {downloaded}-"):
            discard(part)
            raise _Broken(say("the server sent another part of the file", "服务器发来的是文件的另一部分"))
        length = answer.length or 0
        done = downloaded if continues else 0
        total = done + length
        with part.open("ab" if continues else "wb") as file:
            for block in _blocks(answer):
                done += len(block)
                if max(done, total) > MOST:
                    break
                file.write(block)
                tell(done // _MB, max(total, done) // _MB)
    if max(done, total) > MOST:
        discard(part)
        raise _Broken(f"{url} sends more than {MOST // _MB} MB", final=True)
    if length and done < total:
        raise _Broken(say("the connection broke off", "连接中断"))


def _ask(url: str, downloaded: int) -> Any:
    """Open a connection; None where the server says that there is no more than we have."""
    headers = {"User-Agent": "mmedu", **({"Range": f"bytes={downloaded}-"} if downloaded else {})}
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and downloaded:
            return None
        raise _Broken(
            say(f"{url} answers {error.code} {error.reason}", f"{url} 返回 {error.code} {error.reason}"),
            final=error.code < 500,
        ) from error
    except (OSError, HTTPException) as error:
        cause = getattr(error, "reason", "") or error
        raise _Broken(system_reason(cause) if isinstance(cause, BaseException) else str(cause)) from error
    except ValueError as error:  # an address that no server can have
        raise _Broken(f"{url}: {error}", final=True) from error


def _blocks(answer: Any) -> Iterator[bytes]:
    while True:
        try:
            block: bytes = answer.read(_BLOCK)
        except (OSError, HTTPException) as error:
            raise _Broken(system_reason(error) or say("the connection broke off", "连接中断")) from error
        if not block:
            return
        yield block


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def unavailable(official: str, path: Path, reason: str, *, downloaded: int = 0) -> WeightsUnavailable:
    """Make the error of a file that is not here and cannot be fetched: its name, its source, its place (-107).

    Args:
        official: The file's address.
        path: Where it belongs.
        reason: Why it was not fetched.
        downloaded: Bytes of it that arrived; the next download goes on behind them.
    """
    hint = say(
        f"On a machine with a network, download {official} and put it into {path.parent}. "
        "MMEDU_MIRROR names another server, or a folder.",
        f"请在能联网的电脑上下载 {official}，并放入文件夹 {path.parent}。也可用 MMEDU_MIRROR 指定镜像地址或文件夹。",
    )
    if downloaded >= _MB:
        again = say(
            f"{downloaded // _MB} MB arrived; trying again goes on from there.",
            f"已下载 {downloaded // _MB} MB，再次运行会继续下载。",
        )
        hint = f"{again} {hint}"
    return not_here(path, reason, hint)


def not_here(path: Path, reason: str, hint: str) -> WeightsUnavailable:
    """Make the error of a file that is not here and could not be had (-107)."""
    text = say(
        f"{path.name} is not on this machine and was not downloaded: {english(reason).rstrip('.')}.",
        f"这台机器上没有 {path.name}，也未能下载：{reason.rstrip('。.')}。",
    )
    return WeightsUnavailable(text, hint=hint)


def _another_file(url: str, path: Path, expected: str, digest: str) -> CheckpointInvalid:
    hint = say(
        "It was deleted. A login page of the network, or a mirror that is not up to date, may have answered.",
        "该文件已删除。可能是网络登录页面，或镜像文件不正确。",
    )
    text = say(
        f"{url} is not {path.name}: its SHA-256 begins with {digest[: len(expected)]}, not with {expected}.",
        f"{url} 不是 {path.name}：它的 SHA-256 以 {digest[: len(expected)]} 开头，而应以 {expected} 开头。",
    )
    return CheckpointInvalid(text, hint=hint)
