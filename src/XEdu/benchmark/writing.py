"""Files that a report is written into; they are checked before anything is measured. Nothing is measured here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from BaseDT.errors import ParameterInvalid, PathNotWritable
from BaseDT.files import write_whole
from BaseDT.language import english, say
from XEdu.benchmark.files import files_of
from XEdu.benchmark.report import Report, as_json, as_markdown
from XEdu.runtime import sidecar

_FORMS: dict[str, Callable[[Report], str]] = {".json": as_json, ".md": as_markdown}


def check(files: Sequence[Path], models: Sequence[Path]) -> None:
    """Make sure that a report can be written, and over nothing that is needed.

    Args:
        files: To write.
        models: The models that are measured.

    Raises:
        ParameterInvalid: A suffix is neither ``.json`` nor ``.md``, or the file is a part of a model (-305).
        PathNotWritable: It is a folder, or lies in one that cannot be written (-104).
    """
    parts = {part.resolve() for model in models for part in _parts(model)}
    for file in files:
        if file.suffix.lower() not in _FORMS:
            raise _no_form(file)
        if file.resolve() in parts:
            hint = say("Choose another name.", "请换一个文件名。")
            raise ParameterInvalid(
                say(f"{file} is a part of a model that is measured.", f"{file} 是被测模型的一部分。"), hint=hint
            )
        _check_room(file)


def write(report: Report, files: Sequence[Path]) -> None:
    """Write a report into files; their suffixes choose how.

    Raises:
        PathNotWritable, DiskFull: One cannot be written (-104, -803).
    """
    for file in files:
        write_whole(file, _FORMS[file.suffix.lower()](report).encode("utf-8"))


def _parts(model: Path) -> Iterator[Path]:
    yield from files_of(model)
    yield sidecar.path_of(model)


def _no_form(file: Path) -> ParameterInvalid:
    hint = say("Its suffix must be .json or .md.", "后缀应为 .json 或 .md。")
    return ParameterInvalid(
        say(f"No report is written as '{file.name}'.", f"无法写成 '{file.name}' 这种报告。"), hint=hint
    )


def _check_room(file: Path) -> None:
    """Look before minutes of measuring: writing itself reports what only shows then."""
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if not file.is_dir() and folder.is_dir() and os.access(folder, os.W_OK):
        return
    what = (
        say("it is a folder", "这是一个文件夹")
        if file.is_dir()
        else say(f"{folder} is no folder that can be written to", f"{folder} 不是可以写入的文件夹")
    )
    hint = say("Choose another file.", "请换一个文件。")
    raise PathNotWritable(
        say(f"The report cannot be written to {file}: {english(what)}.", f"无法将报告写入 {file}：{what}。"), hint=hint
    )
