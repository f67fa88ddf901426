"""Which log is meant, and its lines: what ``train()`` returned, its file, or the folder of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from BaseDT import contents, plain_json
from BaseDT.errors import LogNotFound, ParameterInvalid, did_you_mean
from BaseDT.image.sources import what_is_at
from BaseDT.language import english, say, system_reason
from BaseDT.pasted import as_meant

Line: TypeAlias = Mapping[str, Any]
Log: TypeAlias = str | os.PathLike[str] | Sequence[Line]

_SUFFIX = ".log.json"


def lines(log: Log) -> list[Line]:
    """Return the lines of a log. Those of a file that are cut short, as after a power failure, are left out.

    Raises:
        LogNotFound: There is no such file, or no log in the folder (-106).
        ParameterInvalid: This is no log, or it has no line of training (-305).
    """
    if isinstance(log, (str, os.PathLike)):
        path = _file(as_meant(log))
        records, name = _read(path), str(path)
    elif isinstance(log, (list, tuple)):
        records, name = [line for line in log if isinstance(line, Mapping)], say("the log", "该日志")
    else:
        raise _invalid(say(f"log is {type(log).__name__}.", f"log 的类型是 {type(log).__name__}。"))
    usable = [line for line in records if _is_line(line)]
    if not any(line.get("mode") == "train" for line in usable):
        raise _invalid(say(f"{english(name)} has no line of training.", f"{name} 中没有训练记录。"))
    return usable


def _file(path: Path) -> Path:
    kind = what_is_at(path)
    if kind == "folder":
        logs = sorted(path.glob(f"*{_SUFFIX}"), key=lambda file: file.name)
        if logs:
            return logs[-1]  # they are called by the time at which they began
        raise LogNotFound(
            say(f"No training log ({_SUFFIX}) in the folder {path}.", f"文件夹 {path} 中没有训练日志（{_SUFFIX}）。"),
            hint=say("Give the folder that train() saved into (save_fold).", "请给出训练时的保存文件夹（save_fold）。"),
        )
    if kind == "nothing":
        raise LogNotFound(say(f"No such training log: {path}.", f"找不到训练日志：{path}。"), hint=_near(path))
    return path


def _near(path: Path) -> str:
    try:
        near = did_you_mean(path.name, [file.name for file in path.parent.iterdir()])
    except (OSError, ValueError):
        near = ""
    return near or say(f"Looked from {Path.cwd()}.", f"查找位置：{Path.cwd()}。")


def _read(path: Path) -> list[Line]:
    try:
        texts = contents.read_bytes(path).decode("utf-8-sig", "replace").splitlines()
    except OSError as error:
        raise LogNotFound(
            say(
                f"{path} cannot be read: {english(system_reason(error))}.", f"无法读取 {path}：{system_reason(error)}。"
            )
        ) from error
    parsed = (_parsed(text) for text in texts)
    return [line for line in parsed if isinstance(line, dict)]


def _parsed(text: str) -> object:
    try:
        return plain_json.loads(text)
    except ValueError:
        return None


def _is_line(line: Line) -> bool:
    """Whether a line of training or validation says where it belongs; others are of no use, and do no harm."""
    position_keys = {"train": ("epoch", "iter"), "val": ("epoch",)}.get(str(line.get("mode")))
    return position_keys is not None and all(type(line.get(key)) is int and line[key] >= 0 for key in position_keys)


def _invalid(message: str) -> ParameterInvalid:
    return ParameterInvalid(
        message,
        hint=say(
            f"Expected what train() returned, a file {_SUFFIX}, or the folder of a run.",
            f"应为 train() 的返回值、{_SUFFIX} 文件，或训练结果所在的文件夹。",
        ),
    )
