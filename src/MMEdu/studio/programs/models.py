"""Of which documented class a model's file is: programs that take finished models share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from BaseDT.arguments import invalid
from BaseDT.errors import CheckpointInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say
from MMEdu.actions import forms
from MMEdu.actions.origins import origins
from MMEdu.requirements import require_for_checkpoint
from MMEdu.studio.programs.kind import Place, Result
from MMEdu.studio.programs.text import call

PICTURES = (".png", ".jpg", ".jpeg", ".svg")


def of_files(files: Sequence[str], place: Place) -> list[dict[str, str]]:
    """Return ``file``, ``task`` and ``backbone`` of each; files are opened in a process of their own.

    Raises:
        DependencyMissing: A checkpoint needs torch, which is not installed (-502).
        XEduError: A file cannot be used; the message names it.
    """
    if any(not is_exported(file) for file in files):
        require_for_checkpoint()
    found = origins([place.work / file for file in files])
    listed = []
    for file, origin in zip(files, found, strict=True):
        if not origin.task or not origin.backbone:
            raise CheckpointInvalid(
                say(f"{file} does not say which model it is.", f"{file} 没有说明它是什么模型。"),
                hint=say("Use a file that MMEdu wrote.", "请使用由 MMEdu 得到的文件。"),
            )
        forms.written_class(origin.task)
        listed.append({"file": file, "task": origin.task, "backbone": origin.backbone})
    return listed


def is_exported(file: str) -> bool:
    """Tell by its name whether a file runs without torch."""
    from MMEdu.actions import info

    return info.is_exported(file)


def imports(models: Sequence[Mapping[str, str]]) -> str:
    """Return the lines that import the documented classes of models, one a class."""
    lines = {}
    for model in models:
        module, name, alias = forms.written_class(model["task"])
        lines[f"from {module} import {name}{f' as {alias}' if alias != name else ''}"] = True
    return "\n".join(lines)


def opened(model: Mapping[str, str]) -> str:
    """Return the line that makes the documented object of a model."""
    _, _, alias = forms.written_class(model["task"])
    return call(f"model = {alias}", {"backbone": model["backbone"]})


def flag(settings: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """Return a setting that is true or false.

    Raises:
        ParameterInvalid: It is neither (-305).
    """
    value = settings.get(name, default)
    if isinstance(value, bool):
        return value
    raise invalid(name, value, "true or false", " true 或 false")


def choice(settings: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    """Return a setting that is one of some words, the first by default; letter case is ignored.

    Raises:
        ParameterInvalid: It is none of them (-305).
    """
    value = settings.get(name, choices[0])
    found = [one for one in choices if isinstance(value, str) and one.lower() == value.lower()]
    if found:
        return found[0]
    listed = ", ".join(choices)
    raise invalid(name, value, f"one of {listed}", f"以下之一：{listed}")


def only(settings: Mapping[str, Any], *names: str) -> None:
    """Make sure that there are no other settings than these.

    Raises:
        ParameterInvalid: There is one (-305).
    """
    for name in settings:
        if name not in names:
            listed = ", ".join(names)
            raise invalid(
                str(name), quoted(settings[name], 40), f"left out; there are: {listed}", f"空；可用：{listed}"
            )


def files_below(folder: Path, kinds: Mapping[str, str]) -> list[Result]:
    """List the files below a folder: pictures and others, and what a suffix means; models first."""
    try:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    except OSError:
        return []
    found = [Result(path, _kind(path, kinds)) for path in files]
    order = ("model", "finished", "report", "picture", "other")
    return sorted(found, key=lambda result: order.index(result.kind))


def _kind(path: Path, kinds: Mapping[str, str]) -> str:
    name = path.name.lower()
    for suffix, kind in kinds.items():
        if name.endswith(suffix):
            return kind
    return "picture" if path.suffix.lower() in PICTURES else "other"
