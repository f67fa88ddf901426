"""Where an export goes: one name given by the user becomes the names of all its files. No file is opened here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from BaseDT.arguments import checked_path
from BaseDT.errors import ParameterInvalid, PathNotWritable, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.files import what_is_at
from BaseDT.language import say

Format = Literal["ONNX", "NCNN", "OpenVINO", "TensorRT"]
SUFFIXES: dict[Format, tuple[str, ...]] = {
    "ONNX": (".onnx",),
    "NCNN": (".ncnn.param", ".ncnn.bin", ".ncnn.json"),
    "OpenVINO": (".xml", ".bin"),
    "TensorRT": (".engine", ".engine.json"),
}
"""The files of each format; the first is the one that a user opens."""
_ALL_SUFFIXES = (".ncnn.param", ".ncnn.bin", ".param", ".onnx", ".xml", ".bin", ".engine", ".trt")


@dataclass(frozen=True)
class Target:
    """The files of one export.

    Attributes:
        format: What they are.
        stem: Folder and name without suffix.
    """

    format: Format
    stem: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them; the first is the one that a user opens."""
        return tuple(self.beside(suffix) for suffix in SUFFIXES[self.format])

    def beside(self, suffix: str) -> Path:
        """Return the path of something that belongs to this export."""
        return self.stem.with_name(self.stem.name + suffix)


def target_of(out_file: str | os.PathLike[str], backend: str) -> Target:
    """Complete what the user wrote: ``cat`` and ``cat.onnx`` mean the same, and each format has its own suffix.

    Raises:
        ParameterInvalid: No such backend, or no name of a file (-305).
        PathNotWritable: The path is a folder (-104).
    """
    kind = _format(backend)
    path = _path(out_file, kind)
    if not path.name or str(out_file).endswith(("/", os.sep)) or what_is_at(path) == "folder":
        hint = say(f"Name a file, e.g. {path / 'model'}{SUFFIXES[kind][0]}", "请给出文件名，例如 out_file/model.onnx。")
        raise PathNotWritable(
            say(
                f"out_file={quoted(os.fspath(out_file))} is a folder.",
                f"out_file={quoted(os.fspath(out_file))} 是一个文件夹。",
            ),
            hint=hint,
        )
    return Target(kind, _stem(path))


def _path(out_file: object, kind: Format) -> Path:
    """Return the path of a file that has a name before its suffix."""
    example = f"out_file/model{SUFFIXES[kind][0]}"
    hint = say(f"Name a file, e.g. {example}", f"请给出文件名，例如 {example}")
    try:
        path = checked_path("out_file", out_file)
    except ParameterInvalid as error:
        raise ParameterInvalid(error.message, hint=hint) from error
    if path.name.lower() in _ALL_SUFFIXES:
        raise ParameterInvalid(
            say(
                f"out_file={quoted(os.fspath(path))} is a suffix without a name.",
                f"out_file={quoted(os.fspath(path))} 只有后缀，没有文件名。",
            ),
            hint=hint,
        )
    return path


def _stem(path: Path) -> Path:
    suffix = next((ending for ending in _ALL_SUFFIXES if path.name.lower().endswith(ending)), "")
    return path.with_name(path.name[: len(path.name) - len(suffix)])


def _format(backend: object) -> Format:
    for name in SUFFIXES:
        if isinstance(backend, str) and backend.lower() == name.lower():
            return name
    choices = ", ".join(SUFFIXES)
    offer = did_you_mean(backend, SUFFIXES) if isinstance(backend, str) else ""
    hint = say(f"Choose one of: {choices}.", f"可选：{choices}。")
    raise ParameterInvalid(
        say(f"backend={quoted(backend)} is not known.", f"没有 backend={quoted(backend)} 这种格式。"),
        hint=f"{offer} {hint}".strip(),
    )
