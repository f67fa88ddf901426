"""What models' files were made for, asked of a process of its own: ``python -m MMEdu.actions.origins FILE …``.

Torch stays out of the program that asks, and so does what a file from elsewhere holds. Exported models need no torch.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from BaseDT import errors
from BaseDT.errors import WorkerFailed, XEduError
from BaseDT.files import Stamp, stamp_of
from BaseDT.language import say
from MMEdu.actions import own_process
from MMEdu.actions.info import is_exported

_SECONDS = 120.0
_MARK = "\x1e"


@dataclass(frozen=True)
class Origin:
    """What a model was made for.

    Attributes:
        task: The task's name; empty where the file says none.
        backbone: The model's name; likewise.
    """

    task: str
    backbone: str


def origins(files: Sequence[Path]) -> list[Origin]:
    """Return what each of these files was made for; a file that was asked before and stayed is not opened again.

    Raises:
        XEduError: One of them cannot be used; the message names it.
        WorkerFailed: The process ended without an answer (-805).
    """
    found = [_KNOWN.get((file, stamp_of(file))) for file in files]
    unknown = [file for file, origin in zip(files, found, strict=True) if origin is None]
    for file, origin in zip(unknown, _asked(tuple(unknown)) if unknown else (), strict=True):
        _KNOWN[file, stamp_of(file)] = origin
    return [_KNOWN[file, stamp_of(file)] for file in files]


_KNOWN: dict[tuple[Path, Stamp | None], Origin] = {}


def _asked(files: tuple[Path, ...]) -> list[Origin]:
    try:
        process = subprocess.run(
            own_process.command("MMEdu.actions.origins", *map(str, files)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=own_process.environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _no_answer() from error
    _, mark, text = process.stdout.decode("utf-8", "replace").rpartition(_MARK)
    if not mark:
        raise _no_answer()
    answer = json.loads(text)
    if "error" in answer:
        kind = getattr(errors, answer["error"], XEduError)
        raise kind(answer["message"], hint=answer["hint"])
    return [Origin(**values) for values in answer["origins"]]


def _no_answer() -> WorkerFailed:
    return WorkerFailed(
        say("The model's file could not be looked into.", "无法查看模型文件。"),
        hint=say("Try again, or choose another file.", "请再试一次，或换一个文件。"),
    )


def _of(file: Path) -> Origin:
    if is_exported(file):
        from MMEdu.actions.info import info

        content = info(file)
        return Origin(str(content.get("task", "")), str(content.get("backbone", "")))
    from MMEdu.actions.origin import origin

    spec, backbone = origin(file)
    return Origin(spec.name, backbone)


def _main(files: Sequence[str]) -> None:
    try:
        found = [_of(Path(file)) for file in files]
        answer = {"origins": [{"task": one.task, "backbone": one.backbone} for one in found]}
    except XEduError as error:
        answer = {"error": type(error).__name__, "message": error.message, "hint": error.hint}  # type: ignore[dict-item]
    sys.stdout.write(_MARK + json.dumps(answer))


if __name__ == "__main__":
    _main(sys.argv[1:])
