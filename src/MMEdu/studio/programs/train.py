"""The program of a training, of any task.

Settings: ``task``, ``model`` (left out: one that suits the data), ``dataset`` (a path relative to the work folder) or
``project`` (its identifier), ``arguments`` (by the names of the task's schema; they may stand beside the others, too),
``check`` (``true``, ``false`` or ``"skip"``: damaged pictures are left out).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from BaseDT.arguments import invalid
from BaseDT.language import say
from MMEdu.actions import forms
from MMEdu.requirements import require_train
from MMEdu.studio.programs import places
from MMEdu.studio.programs.kind import Kind, Place, Result, Settings
from MMEdu.studio.programs.text import call, program

MODEL = "model"
"""The folder of checkpoints and log, in that of the run."""
_OWN = ("task", "model", "dataset", "project", "arguments", "check")
_KEEP = "max_keep_ckpts"
_PICTURES = (".png", ".jpg", ".svg")


def checked(settings: Settings, place: Place) -> dict[str, Any]:
    """Check what is asked of a training.

    Raises:
        DependencyMissing: Training is not installed (-502).
        XEduError: A value cannot be used; the message names the field.
    """
    require_train()
    given = settings.get("arguments") or {}
    if not isinstance(given, dict):
        raise invalid("arguments", given, "an object", "对象")
    arguments = {**{name: value for name, value in settings.items() if name not in _OWN}, **given}
    check = settings.get("check", True)
    if check is not True and check is not False and check != "skip":
        raise invalid("check", check, "true, false or 'skip'", " true、false 或 'skip'")
    if arguments.get("checkpoint"):
        arguments["checkpoint"] = places.model_file("checkpoint", arguments["checkpoint"], place)
    dataset, project = places.data_set(settings, place)
    task = settings.get("task") or forms.task_of_set(place.work / dataset)
    model = settings.get("model")
    if not model:
        model, pretrained = forms.usual_model(task, place.work / dataset)
        arguments = {**({"pretrained": True} if pretrained else {}), **arguments}
    if forms.takes(task, _KEEP):  # a studio's disk holds many runs: best and latest are what is used
        arguments = {_KEEP: 1, **arguments}
    name, different = forms.checked_training(task, model, arguments)
    return {"task": task, "model": name, "dataset": dataset, **project, "arguments": different, "check": check}


def label(settings: Settings) -> str:
    """Return the job's name."""
    return str(settings["model"])


def write(settings: Settings, run: str, resume: bool) -> str:
    """Write the program."""
    module, name, alias = forms.written_class(settings["task"])
    load = {"path": settings["dataset"]} | ({} if settings["check"] is True else {"check": settings["check"]})
    train = settings["arguments"] | ({"resume": True} if resume else {})
    return program(
        [
            (say("Train a model. Run this file from the work folder.", "训练模型。请在工作文件夹中运行本文件。"),
             f"from {module} import {name}{f' as {alias}' if alias != name else ''}"),
            (say("The network that learns.", "选择网络。"), call(f"model = {alias}", {"backbone": settings["model"]})),
            (say("The data that it learns from.", "加载数据集。"), call("model.load_dataset", load)),
            (say("Checkpoints, log and curves are written here.", "权重、日志和曲线保存在这里。"),
             f"model.save_fold = {f'{run}/{MODEL}'!r}"),
            (say("The run that was interrupted goes on.", "从中断的地方继续训练。") if resume
             else say("The training. What is not named here has its default.", "开始训练。没有写出的参数使用默认值。"),
             call("model.train", train)),
        ]
    )  # fmt: skip


def results(folder: Path, settings: Settings) -> list[Result]:
    """List what a training left: checkpoints, the best first, pictures of the report, the log."""
    try:
        files = sorted(path for path in (folder / MODEL).iterdir() if path.is_file())
    except OSError:
        return []
    shows = forms.report_files(str(settings.get("task")))
    kinds = {path: _kind(path, shows) for path in files}
    order = ("best", "latest", "unfinished", "picture", "report", "log")
    return [
        Result(path, kind, shows.get(path.name, ""))
        for path, kind in sorted(kinds.items(), key=lambda item: order.index(item[1]) if item[1] in order else -1)
        if kind in order
    ]


def _kind(path: Path, report: object) -> str:
    name = path.name
    if name.startswith("best_") and name.endswith(".pth"):
        return "best"
    if name in ("latest.pth", "unfinished.pth"):
        return path.stem
    if name.endswith(".log.json"):
        return "log"
    if path.suffix.lower() in _PICTURES:
        return "picture"
    return "report" if isinstance(report, dict) and name in report else ""


def can_go_on(folder: Path) -> bool:
    """Whether there is a checkpoint to go on from."""
    return (folder / MODEL / "latest.pth").is_file()


KIND = Kind("train", checked, label, write, results, can_go_on)
