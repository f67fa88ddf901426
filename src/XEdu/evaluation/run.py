"""The evaluation of a model, from a folder to the report: the door of this room. It knows no kind of output."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from BaseDT.arguments import checked_path
from BaseDT.dataset.making import refuse_existing, whole_folder
from BaseDT.errors import CheckpointInvalid, DiskFull, ParameterInvalid, PathNotWritable
from BaseDT.files import free_name, write_whole
from BaseDT.language import say
from BaseDT.terminal import table
from XEdu.evaluation.kind import Judged, LabelledSet, Progress, evaluation_of
from XEdu.runtime.model import Model

RESULT_FOLDER = Path("eval_result")
"""Where reports go if nobody says otherwise, each into a folder of its own."""
_CONTENT = "evaluation.json"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A finished evaluation.

    Attributes:
        content: Everything, as plain JSON data.
        text: The same for a terminal, line by line.
    """

    content: Mapping[str, Any]
    text: Sequence[str]


def evaluate(
    model: Model,
    data: str | os.PathLike[str] | LabelledSet,
    *,
    threshold: float | None = None,
    save_fold: str | os.PathLike[str] | None = None,
    progress: Progress = lambda *_: None,
    remarks_on: Callable[[LabelledSet], Sequence[str]] = lambda _: (),
) -> Evaluation:
    """Judge a model on pictures whose content is known, and write the report.

    Args:
        model: Opened.
        data: A folder, or labelled pictures.
        threshold: Lowest score of a result; None is that of the kind of output.
        save_fold: Where the report is written: a folder that is not there yet, or empty; None makes one below
            ``eval_result``, called like the time.
        progress: Told how many pictures are done, of how many.
        remarks_on: What a reader must know besides, of these pictures.

    Raises:
        CheckpointInvalid: The model tells nothing of itself (-202).
        ModelUnsupported: Models of its kind cannot be evaluated (-206).
        DatasetNotFound, DatasetInvalid, AnnotationMissing: The folder cannot be used (-101, -201, -701).
        ClassCountMismatch: The model knows none of its classes (-306).
        PathExists: There is something in ``save_fold`` (-105).
        ParameterInvalid: ``save_fold`` is no path, or lies inside the data set (-305).
    """
    kind, info = model.kind, model.info
    if kind is None or info is None or not model.knows_itself:
        raise _unknown_model(model.path.name)
    how = evaluation_of(kind, model.path.name)
    folder = None if save_fold is None else checked_path("save_fold", save_fold)
    if folder is not None:
        refuse_existing(folder)
    labelled = data if isinstance(data, LabelledSet) else how.read(checked_path("path", data))
    lowest = kind.threshold if threshold is None else threshold
    if folder is not None and _lies_within(folder, labelled.root):
        raise _inside(folder)
    judged = how.judge(model, labelled, lowest, progress)
    results = judged.content
    remarks = [*remarks_on(labelled), *judged.remarks, *labelled.notes]
    content = {
        "task": info.task,
        "model": str(model.path),
        "backbone": info.backbone,
        "data": str(labelled.root),
        "part": labelled.part,
        "thr": lowest,
        **results,
        "notes": remarks,
    }
    content, saved = _saved(judged, content, folder or _new_folder(labelled.root))
    return Evaluation(content, (*_text(model, labelled, judged, results["pictures"]), *remarks, *saved))


def _saved(judged: Judged, content: dict[str, Any], folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Write the report; one that cannot be written costs the pictures, not the numbers."""
    try:
        with whole_folder(folder) as half:
            files, missing = judged.write(half)
            names = [*sorted(file.name for file in files), _CONTENT]
            content = {**content, "save_fold": str(folder), "files": names}
            write_whole(half / _CONTENT, json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8"))
    except (PathNotWritable, DiskFull) as error:
        return {**content, "save_fold": None, "files": []}, [f"{error.message} {error.hint}".strip()]
    return content, [*missing, say(f"The report is in {folder}.", f"评估报告在 {folder}。")]


def _lies_within(folder: Path, root: Path) -> bool:
    return Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(root))  # a loop of links is no fault here


def _inside(folder: Path) -> ParameterInvalid:
    """Make the error of a report that the next reader of a set would take for one of its classes (-305)."""
    return ParameterInvalid(
        say(
            f"The report would lie inside the data set: {folder}.",
            f"评估报告会写入数据集内部：{folder}。",
        ),
        hint=say("Choose another save_fold.", "请为 save_fold 另选位置。"),
    )


def _new_folder(root: Path) -> Path:
    """Return a folder that is not there yet, beside a data set in which the user works."""
    place = root.parent / RESULT_FOLDER if _lies_within(RESULT_FOLDER, root) else RESULT_FOLDER
    name = time.strftime("%Y%m%d_%H%M%S")
    return free_name(place / name)


def _text(model: Model, labelled: LabelledSet, judged: Judged, count: int) -> list[str]:
    head = say(
        f"{model.path.name} on {labelled.root}: {count} {labelled.part_name}.",
        f"{model.path.name}，数据 {labelled.root}：{count} 张（{labelled.part_name}）。",
    )
    lines = [head, *judged.lines]
    for rows in judged.tables:
        lines += ["", *table(rows)]
    return [*lines, ""]


def _unknown_model(name: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(
            f"{name} tells nothing of itself: neither its classes nor its input are known.",
            f"{name} 没有说明自己的类别和输入。",
        ),
        hint=say("Convert it with MMEdu.", "请用 MMEdu 转换模型。"),
    )
