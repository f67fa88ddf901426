"""The model in a project that was handed in as a zip: found and unpacked within limits, nothing else touched."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from BaseDT.errors import CheckpointInvalid
from BaseDT.files import not_written
from BaseDT.image import is_image_file
from BaseDT.language import say

LARGEST_MODEL = 300 * 2**20
_MOST_FILES = 20_000
_DEEP = 3


def unpack_model(packed: Path, target: Path) -> int:
    """Write the ``model.onnx`` of a packed project; returns how many pictures the project has.

    Raises:
        CheckpointInvalid: It is no zip, holds no model, or swells (-202).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    try:
        with zipfile.ZipFile(packed) as opened:
            entries = opened.infolist()
            if len(entries) > _MOST_FILES:
                raise _unusable(say(f"it has {len(entries)} files", f"里面有 {len(entries)} 个文件"))
            models = [entry for entry in entries if _is_model(entry.filename)]
            if not models:
                raise CheckpointInvalid(
                    say("There is no model.onnx in this project.", "这个项目里没有 model.onnx。"),
                    hint=say("Train it, and take the model away first.", "请先训练并导出模型。"),
                )
            entry = min(models, key=lambda one: one.filename.count("/"))
            if entry.flag_bits & 1:
                raise _unusable(say("it is locked with a password", "它带有密码"))
            with opened.open(entry) as source:
                _copy(source, target)
            return sum(is_image_file(Path(one.filename)) for one in entries)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        if isinstance(error, CheckpointInvalid):
            raise
        raise _unusable(say("it is damaged, or no zip", "文件已损坏，或不是 zip")) from error


def _is_model(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.name == "model.onnx" and len(path.parts) <= _DEEP and ".." not in path.parts


def _copy(source: object, target: Path) -> None:
    written = 0
    try:
        with target.open("wb") as file:
            while part := source.read(2**20):  # type: ignore[attr-defined]
                written += len(part)
                if written > LARGEST_MODEL:  # whatever its entry says
                    raise _unusable(say("its model swells without end", "其中的模型解压后过大"))
                file.write(part)
    except OSError as error:
        raise not_written(target, error) from error


def _unusable(why: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(f"The project cannot be used: {why}.", f"这个项目无法使用：{why}。"),
        hint=say("Hand in the model (.onnx) alone.", "请只提交模型文件（.onnx）。"),
    )
