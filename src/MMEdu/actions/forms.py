"""What a page needs to offer a training of any task: names, models, arguments as a form; and the checks of its answer.

Everything is read from the tasks themselves. Works without torch.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import MMEdu
from BaseDT.argument_schema import Argument, arguments_of
from BaseDT.arguments import invalid, unknown_parameter
from BaseDT.errors import BackboneUnknown, TaskUnknown, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from MMEdu.actions.train import checked_arguments
from MMEdu.models import registry as models
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks import registry
from MMEdu.tasks.spec import TaskSpec
from MMEdu.weights import catalogue

_NOT_ASKED = ("save_fold", "resume", "resume_from")
"""Arguments that whoever runs a program says."""


def tasks() -> list[dict[str, Any]]:
    """List the tasks: ``task`` and ``name``, what it is called in the user's language."""
    return [{"task": spec.name, "name": _called(spec)} for spec in registry.all_tasks().values()]


def form(task: str) -> dict[str, Any]:
    """Describe a training of a task.

    Returns:
        ``task``; ``name``; ``class``, the documented one; ``models``, of each ``name``, ``input``, ``batch_size``,
        ``reference``, ``pretrained`` (``here``, ``offered`` or ``none``); ``arguments``, a JSON schema with ``title``
        and ``description``; ``first``, which of them are asked at once.

    Raises:
        TaskUnknown: There is no such task (-312).
    """
    spec = _spec(task)
    listed = [item for item in arguments_of(spec.part("train_arguments")) if _is_asked(item)]
    return {
        "task": spec.name,
        "name": _called(spec),
        "class": registry.class_name(spec.name),
        "models": [_model(entry) for entry in models.entries(spec.name)],
        "arguments": {
            "type": "object",
            "properties": {item.name: item.schema() for item in listed},
            "additionalProperties": False,
        },
        "first": [item.name for item in listed if item.first],
    }


def written_class(task: str) -> tuple[str, str, str]:
    """Return how a program names a task's documented class: module, class, and what the documents call it.

    Raises:
        TaskUnknown: There is no such task (-312).
    """
    spec = _spec(task)
    module, _, name = spec.documented_class.partition(":")
    short = spec.result_folder.partition("_")[0]
    alias = short if short.isidentifier() and not keyword.iskeyword(short) else name
    return "MMEdu" if name in MMEdu.__all__ else module, name, alias


def takes(task: str, name: str) -> bool:
    """Whether a task's training has an argument.

    Raises:
        TaskUnknown: There is no such task (-312).
    """
    return any(item.name == name for item in arguments_of(_spec(task).part("train_arguments")))


def checked_training(task: str, backbone: object, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Check what is asked of a training.

    Args:
        task: Its task.
        backbone: The model's name; letter case is ignored.
        values: Arguments by name, plain data; those of ``save_fold`` and ``resume`` are not asked.

    Returns:
        The model's own name, and the arguments that differ from their defaults.

    Raises:
        TaskUnknown, BackboneUnknown: There is none (-312, -302).
        ParameterUnknown: No such argument (-501).
        ParameterInvalid: A value cannot be used (-305); the message begins with the argument's name.
    """
    spec = _spec(task)
    listed = {item.name: item for item in arguments_of(spec.part("train_arguments")) if _is_asked(item)}
    for name, value in values.items():
        if name not in listed:
            raise unknown_parameter(f"{registry.class_name(spec.name)}.train()", str(name), listed)
        _check_plain(name, value)
    checked = checked_arguments(spec, values)
    given = {name: _plain(getattr(checked, name)) for name in listed if name in values}
    different = {name: value for name, value in given.items() if not _same(value, listed[name].default)}
    return _listed_model(backbone, spec), different


def report_files(task: str) -> Mapping[str, str]:
    """Return what the files of the report of a task's training show, in the user's language; none of no known task."""
    spec = registry.all_tasks().get(task)
    return {} if spec is None else {name: say(*both) for name, both in spec.part("report_meanings").items()}


def usual_model(task: str, folder: Path) -> tuple[str, bool]:
    """Return the model that suits a data set, and whether it starts from weights, which are on this machine.

    Where these would have to be fetched, the first of the task's models learns from scratch.

    Raises:
        TaskUnknown: There is no such task (-312).
        DatasetNotFound, DatasetInvalid: The data set cannot be read (-101, -201).
    """
    spec = _spec(task)
    if not spec.usual_start:
        return models.names(spec.name)[0], False
    choice = spec.part("usual_start")(folder)
    entry = models.find(choice.backbone, spec.name)
    if choice.pretrained and catalogue.at_hand(entry) != "here":
        return models.names(spec.name)[0], False
    return entry.name, choice.pretrained


def task_of_set(folder: Path) -> str:
    """Return the task whose kind of data a folder holds."""
    return registry.of_dataset(folder).name


def _spec(task: object) -> TaskSpec:
    tasks = registry.all_tasks()
    if isinstance(task, str) and task in tasks:
        return tasks[task]
    names = ", ".join(tasks)
    raise TaskUnknown(
        say(f"No such task: {quoted(task)}.", f"没有名为 {quoted(task)} 的任务。"),
        hint=f"{did_you_mean(str(task), tasks)} {say(f'There are: {names}.', f'可用的任务：{names}。')}".strip(),
    )


def _called(spec: TaskSpec) -> str:
    return say(spec.name, spec.chinese_name or spec.name)


def _is_asked(item: Argument) -> bool:
    return not item.python_only and item.name not in _NOT_ASKED


def _model(entry: ModelEntry) -> dict[str, Any]:
    height, width = entry.preprocess.size
    return {
        "name": entry.name,
        "input": {"height": height, "width": width, "color": entry.preprocess.color},
        "batch_size": entry.recipe.batch_size,
        "reference": entry.reference,
        "pretrained": catalogue.at_hand(entry),
    }


def _listed_model(backbone: object, spec: TaskSpec) -> str:
    wanted = backbone.lower() if isinstance(backbone, str) else ""
    for entry in models.entries(spec.name):
        if wanted in map(str.lower, (entry.name, *entry.aliases)):
            return entry.name
    names = models.names(spec.name)
    hint = say(f"Choose one of: {', '.join(names)}.", f"可选的模型：{', '.join(names)}。")
    raise BackboneUnknown(
        say(f"No such backbone: {quoted(backbone)}.", f"没有名为 {quoted(backbone)} 的模型（backbone）。"),
        hint=f"{did_you_mean(str(backbone), names)} {hint}".strip(),
    )


def _check_plain(name: str, value: object) -> None:
    """Make sure that a value can be written down in a program: a number, a text, yes, no, nothing, or a list of such.

    Raises:
        ParameterInvalid: It cannot (-305).
    """
    values = value if isinstance(value, list) else [value]
    for one in values:
        is_plain = one is None or isinstance(one, (bool, int, str)) or (isinstance(one, float) and math.isfinite(one))
        if not is_plain or (isinstance(one, int) and abs(one) >= 2**63):
            raise invalid(name, value, "a number, a text, true or false", "数字、文本或布尔值")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def _same(value: object, default: object) -> bool:
    """Whether a value is the default; 1 and True are two."""
    return value == default and isinstance(value, bool) == isinstance(default, bool)
