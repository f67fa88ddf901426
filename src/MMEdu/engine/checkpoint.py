"""Checkpoints: what is in the file, and how it is read without ever running code.

A file holds tensors and plain data only. Top level: ``state_dict`` and ``meta``; in ``latest.pth`` alone also
``optimizer`` and ``rng``.
"""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor

from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, did_you_mean
from BaseDT.language import say

StandIn: TypeAlias = "tuple[Callable[..., Any], str]"
"""What is built, and in place of which name."""

LATEST = "latest.pth"
_START = 1 << 20
_EXPORTED = (".onnx", ".xml", ".param", ".bin", ".engine")


def to_bytes(content: Mapping[str, Any]) -> memoryview:
    """Serialise a checkpoint."""
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    return buffer.getbuffer()


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read one of our checkpoints.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It is no checkpoint, not a whole one, not one of ours, or it wants to run code (-202).
    """
    file = existing(path)
    content = load(file)
    if not _is_checkpoint(content):
        hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
        raise CheckpointInvalid(f"{file} holds no MMEdu checkpoint (no 'state_dict' and 'meta').", hint=hint)
    return content  # type: ignore[no-any-return]


def load(file: Path, stand_ins: Sequence[StandIn] = ()) -> Any:
    """Read tensors and plain data, whatever their order, onto the CPU; nothing in the file is run.

    Args:
        file: A file of ``torch.save``.
        stand_ins: What is built in place of classes that the file names; any other is refused.

    Raises:
        CheckpointInvalid: It is not such a file, not a whole one, or it names anything else (-202).
    """
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(list(stand_ins)):
            warnings.simplefilter("ignore", UserWarning)  # of pickles that are refused below
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _refused(file, error) from error
    except Exception as error:
        raise broken(file) from error


def _is_checkpoint(content: Any) -> bool:
    if not isinstance(content, dict) or not {"state_dict", "meta"} <= content.keys():
        return False
    state, meta = content["state_dict"], content["meta"]
    if not isinstance(state, dict) or not isinstance(meta, dict):
        return False
    return all(isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items())


def existing(path: str | os.PathLike[str], suffixes: Sequence[str] = (".pth", ".pt")) -> Path:
    """Return the path of a checkpoint file that is there.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It is no path, a folder, or a file of another suffix (-202).
    """
    if not isinstance(path, (str, os.PathLike)):
        hint = say("Give the path of a .pth file.", "请给出 .pth 文件的路径。")
        raise CheckpointInvalid(f"A checkpoint is a path, not {type(path).__name__}.", hint=hint)
    file = Path(path)
    if not _exists(file):
        raise _missing(file)
    if file.is_dir() or file.suffix.lower() not in suffixes:
        hint = say("A checkpoint is a file that ends in .pth.", "权重文件应以 .pth 结尾。")
        if file.suffix.lower() in _EXPORTED:
            hint = say(
                f"It is an exported model: run it with XEdu.hub's Workflow(task='mmedu', checkpoint='{file.name}').",
                f"这是转换后的模型，请用 XEdu.hub 运行：Workflow(task='mmedu', checkpoint='{file.name}')。",
            )
        raise CheckpointInvalid(f"{file} is not a checkpoint file.", hint=hint)
    return file


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _missing(file: Path) -> CheckpointNotFound:
    near = sorted(p.name for p in file.parent.glob("*.pth")) if _exists(file.parent) else []
    listed = say(f"There: {', '.join(near[:8])}.", f"该文件夹里有：{'、'.join(near[:8])}。") if near else ""
    train_first = say("Train first, or check the path.", "请先训练，或检查路径是否正确。")
    hint = f"{did_you_mean(file.name, near)} {listed or train_first}".strip()
    return CheckpointNotFound(f"No such checkpoint file: {file}", hint=hint)


def broken(file: Path) -> CheckpointInvalid:
    """Make the error of a file that is no whole checkpoint; it says what the file looks like instead."""
    found = _looks_like(file)
    text = f"{file} cannot be read as a checkpoint{': it is ' + found if found else ''}."
    hint = say(
        "It is cut off or no checkpoint at all: copy or download it again.",
        "文件不完整或不是权重文件，请重新复制或下载。",
    )
    return CheckpointInvalid(text, hint=hint)


def _looks_like(file: Path) -> str:
    with file.open("rb") as opened:
        start = opened.read(512)
    if not start:
        return "empty"
    if start.startswith(b"version https://git-lfs"):
        return "the pointer of Git LFS, not the file itself"
    if start.lstrip().startswith(b"<"):
        return "a web page"
    if start.startswith(b"PK\3\4") and not zipfile.is_zipfile(file):
        return "cut off"
    return "a text" if start.isascii() and "".join(start.decode("ascii").split()).isprintable() else ""


def _refused(file: Path, error: pickle.UnpicklingError) -> CheckpointInvalid:
    # torch's message for a file that names anything but tensors and plain data.
    found = re.search(r"GLOBAL ([\w.]+)", str(error))
    wanted = found[1] if found is not None else _named(file)
    if wanted is None:
        return broken(file)
    hint = say(
        "It was not loaded: a checkpoint must hold weights and plain data only: save a state_dict, not a model.",
        "已拒绝加载：权重文件只能包含权重和普通数据。请保存 state_dict，而不是整个模型。",
    )
    return CheckpointInvalid(f"{file} wants to run code of its own: {wanted}.", hint=hint)


def _named(file: Path) -> str | None:
    """Return what a plain pickle, which torch does not read, names to be run; its start is looked through, not run."""
    with file.open("rb") as opened:
        start = opened.read(_START)
    if not start.startswith(pickle.PROTO):  # in pickles of the first versions any text may seem to name something
        return None
    texts: list[str] = []
    try:
        for operation, value, _ in pickletools.genops(start):
            if operation.name in ("GLOBAL", "INST"):
                return str(value).replace(" ", ".")
            if operation.name == "STACK_GLOBAL":
                return ".".join(texts[-2:])
            if isinstance(value, str):
                texts.append(value)
    except (ValueError, IndexError, UnicodeError, OverflowError):  # no pickle, or its end is not in the start
        return None
    return None
