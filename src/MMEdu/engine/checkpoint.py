"""The checkpoint file: what it holds, how it is written and how it is read without ever running code.

Tensors and plain data only. Top level: ``state_dict`` and ``meta``; in ``latest.pth`` alone also ``optimizer`` and
``rng``. What the weights mean for a model is decided in ``MMEdu.weights``.
"""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor

from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, did_you_mean
from BaseDT.interrupts import postponed
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.pasted import as_meant

SafeGlobal: TypeAlias = "tuple[Callable[..., Any], str]"
"""A harmless replacement and the dotted name in a pickle that it is built for, as torch's ``safe_globals`` takes it."""

LATEST = "latest.pth"
UNFINISHED = "unfinished.pth"
"""Weights of a first epoch that was not whole."""
_MODULES = ("torch.nn.modules.", "BaseNN.", "MMBase.")
_PICKLE_HEAD = 1 << 20
"""Bytes of a plain pickle that are searched for the name of what it wants to call."""
_EXPORTED = (".onnx", ".xml", ".param", ".bin", ".engine")


def to_bytes(content: Mapping[str, Any]) -> memoryview:
    """Serialise a checkpoint."""
    buffer = io.BytesIO()
    with postponed():  # torch answers Ctrl-C in its writer with an error of its own
        torch.save(_plain_texts(dict(content)), buffer)
    return buffer.getbuffer()


def _plain_texts(content: Any) -> Any:
    """Return the same with nothing but ``str`` for texts: reading refuses any class, also one derived from it."""
    if isinstance(content, str):
        return str(content)
    if type(content) is dict:
        return {_plain_texts(key): _plain_texts(value) for key, value in content.items()}
    if type(content) in (list, tuple):
        return type(content)(map(_plain_texts, content))
    return content


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
        raise CheckpointInvalid(
            say(
                f"{file} holds no MMEdu checkpoint (no 'state_dict' and 'meta').",
                f"{file} 不是 MMEdu 的权重文件（没有 'state_dict' 和 'meta'）。",
            ),
            hint=hint,
        )
    return content  # type: ignore[no-any-return]


def load(file: Path, safe_globals: Callable[[], Sequence[SafeGlobal]] | None = None) -> Any:
    """Load tensors and plain data onto the CPU, whatever their structure; nothing in the file is run.

    Args:
        file: A file of ``torch.save``.
        safe_globals: Returns harmless replacements for classes that a file may name; any other class is refused. Asked
            only for a file that names a class at all: ours never does, and what reads other projects' files stays
            unimported for them.

    Raises:
        CheckpointInvalid: It is not such a file, not a whole one, or it names anything else (-202).
    """
    try:
        try:
            return _unpickled(file, ())
        except pickle.UnpicklingError:
            if safe_globals is None:
                raise
            return _unpickled(file, safe_globals())
    except pickle.UnpicklingError as error:
        raise _refused(file, error) from error
    except Exception as error:  # a damaged file makes torch raise nearly anything
        raise broken(file) from error


def _unpickled(file: Path, safe_globals: Sequence[SafeGlobal]) -> Any:
    if _is_compressed(file):
        raise pickle.UnpicklingError("compressed")
    with warnings.catch_warnings(), torch.serialization.safe_globals(list(safe_globals)):
        warnings.simplefilter("ignore", UserWarning)  # about pickles that are refused anyway
        content = torch.load(file, map_location="cpu", weights_only=True)
    if any(_is_larger_than_its_data(value) for value in _tensors(content)):
        raise pickle.UnpicklingError("expanded")
    return content


def _tensors(content: Any) -> Iterator[Tensor]:
    """Give the tensors of a file's top levels: in no known file do they lie deeper than an optimiser's state."""
    level = [content]
    for _ in range(6):
        yield from (value for value in level if isinstance(value, Tensor))
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list, tuple))
            for inner in (value.values() if isinstance(value, dict) else value)
        ]


def _is_larger_than_its_data(value: Tensor) -> bool:
    """Whether a few bytes claim to be many numbers (a stride of 0): to look at them all takes for ever."""
    return not value.is_sparse and value.numel() * value.element_size() > value.untyped_storage().nbytes()


def _is_compressed(file: Path) -> bool:
    """Tell whether members of the archive are compressed: torch stores them; some kilobytes would become gigabytes."""
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist())


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
        raise CheckpointInvalid(
            say(
                f"A checkpoint is a path, not {type(path).__name__}.",
                f"权重文件应以路径给出，而不是 {type(path).__name__}。",
            ),
            hint=hint,
        )
    file = as_meant(path)
    if not _exists(file):
        raise _missing(file)
    if not file.is_file() or file.suffix.lower() not in suffixes:  # nor a pipe, which would be waited for
        hint = say("A checkpoint is a file that ends in .pth.", "权重文件应以 .pth 结尾。")
        if file.suffix.lower() in _EXPORTED:
            hint = say(
                f"It is an exported model: run it with XEdu.hub's Workflow(task='mmedu', checkpoint='{file.name}').",
                f"这是转换后的模型，请用 XEdu.hub 运行：Workflow(task='mmedu', checkpoint='{file.name}')。",
            )
        raise CheckpointInvalid(say(f"{file} is not a checkpoint file.", f"{file} 不是权重文件。"), hint=hint)
    return file


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _missing(file: Path) -> CheckpointNotFound:
    near = sorted(p.name for p in file.parent.glob("*.pth")) if _exists(file.parent) else []
    there = say(f"There: {english(shortened(near))}.", f"该文件夹里有：{shortened(near)}。") if near else ""
    train_first = say("Train first, or check the path.", "请先训练，或检查路径是否正确。")
    hint = f"{did_you_mean(file.name, near)} {there or train_first}".strip()
    return CheckpointNotFound(say(f"No such checkpoint file: {file}", f"找不到权重文件：{file}"), hint=hint)


def broken(file: Path) -> CheckpointInvalid:
    """Make the error of a file that is no whole checkpoint; it says what the file looks like instead."""
    likeness = _looks_like(file)
    text = say(
        f"{file} cannot be read as a checkpoint{': it is ' + english(likeness) if likeness else ''}.",
        f"{file} 无法作为权重文件读取{'：它是' + likeness if likeness else ''}。",
    )
    hint = say(
        "It is cut off or no checkpoint at all: copy or download it again.",
        "文件不完整或不是权重文件，请重新复制或下载。",
    )
    return CheckpointInvalid(text, hint=hint)


def _looks_like(file: Path) -> str:
    with file.open("rb") as stream:
        head = stream.read(512)
    if not head:
        return say("empty", "空文件")
    if head.startswith(b"version https://git-lfs"):
        return say("the pointer of Git LFS, not the file itself", " Git LFS 的指针，而不是文件本身")
    if head.lstrip().startswith(b"<"):
        return say("a web page", "网页")
    # The directory of a zip archive is at its end: without it the download broke off.
    if head.startswith(b"PK\3\4") and not zipfile.is_zipfile(file):
        return say("cut off", "不完整的文件")
    return say("a text", "文本") if head.isascii() and "".join(head.decode("ascii").split()).isprintable() else ""


def _refused(file: Path, error: pickle.UnpicklingError) -> CheckpointInvalid:
    # torch's message for a file that names anything but tensors and plain data.
    match = re.search(r"GLOBAL ([\w.]+)", str(error))
    called = match[1] if match is not None else _first_global(file)
    if called is None:
        return broken(file)
    hint = say(
        "It was not loaded: a checkpoint must hold weights and plain data only: save a state_dict, not a model.",
        "已拒绝加载：权重文件只能包含权重和普通数据。请保存 state_dict，而不是整个模型。",
    )
    if called.startswith(_MODULES):
        hint = say(
            "It holds a whole network. If BaseNN wrote it, nn().load(…) or mmedu nn reads it, running nothing; "
            "else save its state_dict instead.",
            "文件中是整个网络。若由原版 BaseNN 保存，请用 nn().load(…) 或 mmedu nn 读取，不会运行其中的代码；"
            "否则请改为保存 state_dict。",
        )
    return CheckpointInvalid(
        say(f"{file} wants to run code of its own: {called}.", f"{file} 想要运行它自带的代码：{called}。"), hint=hint
    )


def _first_global(file: Path) -> str | None:
    """Return the first class or function that a plain pickle names; its opcodes are listed, none is executed.

    torch does not read such a file at all, so that its message names nothing.
    """
    with file.open("rb") as stream:
        head = stream.read(_PICKLE_HEAD)
    if not head.startswith(pickle.PROTO):  # in pickles of the first versions any text may seem to name something
        return None
    texts: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(head):
            if opcode.name in ("GLOBAL", "INST"):
                return str(argument).replace(" ", ".")
            if opcode.name == "STACK_GLOBAL":  # module and name are the last two texts on the stack
                return ".".join(texts[-2:])
            if isinstance(argument, str):
                texts.append(argument)
    except (ValueError, IndexError, UnicodeError, OverflowError):  # no pickle, or it is longer than what was read
        return None
    return None
