"""``mmedu infer``: predict pictures and folders with a checkpoint or an exported model; each knows what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.actions.arguments import prediction_names, result_folder, result_folders, task_name
from MMEdu.cli.checkpoints import model_of
from MMEdu.cli.options import (
    classes_option,
    device_option,
    json_option,
    option,
    positional,
    threshold_option,
    threshold_value,
    with_task_values,
)
from MMEdu.cli.output import echo, lines_on_stderr, print_json


def infer(
    model: Annotated[
        Path,
        positional(
            "A .pth file, an exported model, or a task that needs none: pose_hand21, det_face, ocr …",
            "权重文件（.pth）、转换后的模型，或无需模型的任务：pose_hand21、det_face、ocr……",
        ),
    ],
    images: Annotated[list[Path], positional("Pictures and folders of pictures.", "图片，或图片文件夹。")],
    device: Annotated[str, device_option()] = "cpu",
    save_fold: Annotated[
        Path | None,
        option(*with_task_values("Where the results are drawn", "结果图片的文件夹，默认", result_folders())),
    ] = None,
    show: Annotated[bool, option("Draw the results.", "画出结果。")] = True,
    thr: Annotated[str | None, threshold_option()] = None,
    rpn_threshold: Annotated[
        float | None, option("Least score of a region in two-stage models.", "两阶段模型候选区域的最低得分。")
    ] = None,
    classes: Annotated[Path | None, classes_option()] = None,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Predict pictures with a trained model (用训练好的模型推理)."""
    from BaseDT.image import expand
    from MMEdu.actions.results import row

    source: Path | Sequence[Path] = images if len(images) > 1 else images[0]
    items, many = expand(source)  # before anything is drawn beside them
    thresholds = {"thr": threshold_value(thr), "rpn_threshold": rpn_threshold}
    request = _Request(source, many, device, save_fold, show, thresholds, classes)
    with lines_on_stderr(as_json):
        predicted = _predicted(model, request)
    folder, results = predicted.folder, dict(zip(predicted.files, predicted.results, strict=True))
    rows = [(str(item.source), results[item.name]) for item in items if item.name in results]
    left_out = [str(item.source) for item in items if item.name not in results]
    if as_json:
        entries = [{"file": file, **row(predicted.kind, result)} for file, result in rows]
        print_json({"results": entries, "left_out": left_out, "save_fold": str(folder) if show else None})
    else:
        _report_rows(rows, predicted.kind, folder if show else None)
    if left_out:  # the library has said why
        raise typer.Exit(1)


@dataclass(frozen=True)
class _Request:
    """What the command is to do, whatever predicts."""

    images: Path | Sequence[Path]
    many: bool
    device: str
    save_fold: Path | None
    show: bool
    thresholds: dict[str, float | str | None]
    classes: Path | None

    def arguments(self, task: str) -> dict[str, Any]:
        """Return the thresholds of the command line; a task that does not take them refuses."""
        values = {name: value for name, value in self.thresholds.items() if value is not None}
        for name in values:
            if name not in prediction_names(task):
                raise _no_option(name, task)
        return values

    def folder(self, task: str) -> Path:
        """Return where results are drawn."""
        return self.save_fold or Path(result_folder(task))


@dataclass(frozen=True)
class _Results:
    """A result for each picture that could be read, their names, where they are drawn, and their kind."""

    results: list[Any]
    files: list[str]
    folder: Path
    kind: str


def _predicted(model: Path, request: _Request) -> _Results:
    from MMEdu.actions.info import is_exported
    from MMEdu.actions.ready_made import task_named

    if (task := task_named(model)) is not None:
        return _by_task(task, request)
    return _by_exported(model, request) if is_exported(model) else _by_checkpoint(model, request)


def _by_task(name: str, request: _Request) -> _Results:
    from MMEdu.actions import ready_made

    if request.thresholds["rpn_threshold"] is not None:
        raise _fixed("--rpn-threshold")
    if request.classes is not None:
        raise _fixed("--classes")
    if request.device not in ("cpu", "auto"):
        raise _fixed("--device")
    folder = request.save_fold or Path(f"{name}_result")
    drawings = folder if request.show else None
    results, files, kind = ready_made.predict(name, request.thresholds["thr"], request.images, drawings)
    return _Results(results, files, folder, kind)


def _by_checkpoint(checkpoint: Path, request: _Request) -> _Results:
    from MMEdu.actions.results import kind_of_task

    model = model_of(checkpoint)
    thresholds, folder = request.arguments(model.TASK), request.folder(model.TASK)
    results: Any = model.inference(
        device=request.device,
        checkpoint=checkpoint,
        image=request.images,
        show=request.show,
        save_fold=folder,
        class_path=request.classes,
        **thresholds,
    )
    return _Results(results if request.many else [results], model.files, folder, kind_of_task(model.TASK))


def _by_exported(file: Path, request: _Request) -> _Results:
    from MMEdu.actions import exported_model
    from MMEdu.actions.sisters import refuse_exported

    model = exported_model.opened(file, request.device, request.classes)
    if model.info is None:
        refuse_exported(file, model.backend.metadata)
        model.predict(())  # raises, and says what the file lacks
    assert model.info is not None
    task = model.info.task
    thresholds, folder = request.arguments(task), request.folder(task)
    if "rpn_threshold" in thresholds:
        raise _fixed("--rpn-threshold")
    threshold = exported_model.threshold_of(model, thresholds.get("thr"))
    results, files = exported_model.predict(model, threshold, request.images, folder if request.show else None)
    return _Results(results, files, folder, model.info.kind)


def _fixed(option: str) -> ParameterInvalid:
    hint = say(f"Leave {option} out.", f"请去掉 {option}。")
    return ParameterInvalid(
        say(
            f"{option} is fixed in an exported model, and in a task that needs none.",
            f"{option} 在转换后的模型和无需模型的任务中是固定的。",
        ),
        hint=hint,
    )


def _no_option(name: str, task: str) -> ParameterInvalid:
    option = "--" + name.replace("_", "-")
    english, chinese = task_name(task)
    hint = say(f"Leave {option} out.", f"请去掉 {option}。")
    return ParameterInvalid(
        say(
            f"{option} is for boxes; this is a model for {english}.",
            f"{option} 用于检测框，而这是{chinese}模型。",
        ),
        hint=hint,
    )


def _report_rows(rows: Sequence[tuple[str, Any]], kind: str, save_fold: Path | None) -> None:
    from MMEdu.actions.results import summary

    for file, result in rows:
        echo(f"{file}: {summary(kind, result)}")
    if rows and save_fold is not None:
        echo(say(f"Drawn in {save_fold}.", f"结果图片在 {save_fold}。"))
