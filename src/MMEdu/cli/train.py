"""``mmedu train``: the five lines as one, and where the results lie. Its options are the arguments of the tasks."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from BaseDT.language import say
from MMEdu.actions.arguments import TaskArgument, default_folders, train_arguments
from MMEdu.cli.options import json_option, option, positional, with_task_values
from MMEdu.cli.output import display_path, echo, lines_on_stderr, meaning, print_json

if TYPE_CHECKING:
    from MMEdu.actions.training_result import TrainingResult

_TYPES: Mapping[str, Any] = {"flag": bool, "integer": int, "number": float, "path": Path}
# What the command line leaves to Python.
_LEFT_OUT = ("metric", "save_best", "topk")
# Values of several types in Python, which are a flag here.
_FLAGS = ("balance", "pretrained")
# What one needs first comes first in the help; what is not named here follows as the tasks list it.
_ORDER = (
    *("data", "backbone", "epochs", "lr", "weight_decay", "batch_size", "optimizer", "save_fold", "checkpoint"),
    *(
        "pretrained",
        "tag",
        "device",
        "precision",
        "image_size",
        "fit",
        "flip",
        "random_seed",
        "validate",
        "check",
        "skip_damaged",
    ),
    *("balance", "frozen_stages", "freeze", "views", "backbone_lr", "early_stop", "max_keep_ckpts", "resume"),
    *("distributed", "devices"),
)


_BACKBONE = (
    "A model's name or a recipe file; by default one that suits the data.",
    "模型名称，或配置文件；默认根据数据选择。",
)


def _stages(text: str) -> str | int:
    return int(text) if text.isdecimal() else text


# How a value of the command line becomes that of Python, where the two differ.
_VALUES: Mapping[str, Callable[[Any], Any]] = {"balance": lambda flag: "auto" if flag else None, "freeze": _stages}


class _Train:
    """Train a model: classes, boxes, masks, keypoints (训练图像模型)."""

    __name__ = "train"

    @property
    def __signature__(self) -> inspect.Signature:
        """Its parameters; typer reads them each time it builds the command."""
        return inspect.Signature([_parameter(name, *described) for name, described in _parameters().items()])

    @property
    def __annotations__(self) -> dict[str, Any]:  # type: ignore[override]
        """Their types."""
        return {name: hint for name, (hint, _, _) in _parameters().items()}

    def __call__(self, **values: Any) -> None:
        """Train."""
        _train(**values)


train = _Train()

_Described = tuple[Any, Any, Any]
"""Type, default and help of a parameter."""


def _parameter(name: str, hint: Any, default: Any, info: Any) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=Annotated[hint, info])


def _parameters() -> dict[str, _Described]:
    which = option(
        "Which of them (mmedu weights list), with --pretrained.",
        "选用哪一份预训练权重（见 mmedu weights list），与 --pretrained 一起使用。",
    )
    decode = option("Decode every picture first.", "先检查每张图片能否读取。")
    leave_out = option("Leave damaged pictures out.", "跳过损坏的图片。", "--skip-damaged")
    described = {
        "data": (Path, inspect.Parameter.empty, positional("The dataset's folder.", "数据集文件夹。")),
        "backbone": (str | None, None, option(*_BACKBONE)),
        **{_option_name(item): _of_argument(item) for item in _arguments()},
        "tag": (str | None, None, which),
        "check": (bool, True, decode),
        "skip_damaged": (bool, False, leave_out),
    }
    ordered = sorted(described, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    return {**{name: described[name] for name in ordered}, "as_json": (bool, False, json_option())}


def _arguments() -> list[TaskArgument]:
    return [item for item in train_arguments() if item.argument.name not in _LEFT_OUT]


def _option_name(item: TaskArgument) -> str:
    return item.argument.name.lower()


def _of_argument(item: TaskArgument) -> _Described:
    argument = item.argument
    if argument.kind == "flag" and argument.optional:  # yes, no, or the recipe's
        both = f"--{_option_name(item)}/--no-{_option_name(item)}".replace("_", "-")
        return bool | None, None, option(argument.help_en, argument.help_zh, both)
    flag = argument.kind == "flag" or argument.name in _FLAGS
    hint = bool if flag else _TYPES.get(argument.kind, str)
    default = argument.default if item.shared else None
    if flag and not default:
        spelling = ("--" + _option_name(item).replace("_", "-"),)
        return hint, False, option(argument.help_en, argument.help_zh, *spelling)
    info = option(*_with_defaults(item))
    return (hint if default is not None else hint | None), default, info


def _with_defaults(item: TaskArgument) -> tuple[str, str]:
    """Return the help in both languages, and the defaults with it where those of the tasks differ."""
    en, zh = item.argument.help_en, item.argument.help_zh
    defaults = default_folders() if item.argument.name == "save_fold" else item.defaults
    return (en, zh) if len(set(map(str, defaults.values()))) == 1 else with_task_values(en, zh, defaults)


def _train(
    data: Path, backbone: str | None, tag: str | None, check: bool, skip_damaged: bool, as_json: bool, **values: Any
) -> None:
    if skip_damaged and not check:
        raise typer.BadParameter(
            say(
                "--skip-damaged finds the damaged ones by checking: leave --no-check out.",
                "--skip-damaged 需要检查图片才能找出损坏的文件：请去掉 --no-check。",
            )
        )
    if values["devices"] is not None and not values["distributed"]:
        raise typer.BadParameter(
            say(
                "--devices counts the processes of --distributed: add it.",
                "--devices 是 --distributed 的进程数：请加上 --distributed。",
            )
        )
    if tag is not None and not values["pretrained"]:
        raise typer.BadParameter(
            say(
                "--tag chooses among the weights of --pretrained: add it.",
                "--tag 用于选择 --pretrained 的权重：请加上 --pretrained。",
            )
        )
    from MMEdu.actions.choose import task_of, usual_start

    with lines_on_stderr(as_json):
        if backbone is None:
            start = usual_start(data, values["checkpoint"], values["save_fold"], resume=values["resume"])
            if start.reason:
                echo(start.reason, err=as_json)
            backbone, values["pretrained"] = start.backbone, values["pretrained"] or start.pretrained
        spec = task_of(backbone, data)
        model = spec.part("documented_class")(backbone)
        model.load_dataset(data, check="skip" if skip_damaged else check)
        model.train(**_call_arguments(values, tag))
    if os.environ.get("RANK", "0") != "0":  # under torchrun the leading process alone reports
        return
    if model.trained is None:
        return
    if as_json:
        print_json(_content(model.trained))
    else:
        _report_files(model.trained, spec.name)


def _call_arguments(values: Mapping[str, Any], tag: str | None) -> dict[str, Any]:
    """Return the arguments of Python: those that all tasks share, and of the others what is on the command line."""
    arguments: dict[str, Any] = {}
    for item in _arguments():
        name, value = item.argument.name, values[_option_name(item)]
        if name == "pretrained":
            value = (tag or True) if value else None
        elif name in _VALUES and value is not None:
            value = _VALUES[name](value)
        elif value is False and not item.shared and not item.argument.optional:
            value = None
        if item.shared or value is not None:
            arguments[name] = value
    return arguments


def _content(run: TrainingResult) -> dict[str, object]:
    """What a program wants to know of a finished training."""
    from MMEdu.actions.info import description

    last, best = (description(file) if file is not None else {} for file in (run.latest_file, run.best_file))
    return {
        "save_fold": str(run.latest_file.parent),
        "best_checkpoint": str(run.best_file) if run.best_file is not None else None,
        "latest_checkpoint": str(run.latest_file),
        "log": str(run.log_file),
        "report": [str(path) for path in run.report],
        "backbone": last.get("backbone"),
        "classes": last.get("CLASSES"),
        "random_seed": last.get("random_seed"),
        "epochs": last.get("epoch"),
        "best_epoch": best.get("epoch"),
        "metrics": best.get("metrics"),
    }


def _report_files(run: TrainingResult, task: str) -> None:
    if run.best_file is not None:
        echo(say(f"  best checkpoint: {display_path(run.best_file)}", f"  最佳模型：{display_path(run.best_file)}"))
    for path in run.report:
        echo(f"  {meaning(path.name, task)}: {display_path(path)}")
