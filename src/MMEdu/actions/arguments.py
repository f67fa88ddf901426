"""What a training takes, over all tasks: for faces that ask for it before they know the task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from BaseDT.argument_schema import Argument, arguments_of
from MMEdu.tasks import registry
from MMEdu.tasks.spec import TaskSpec


@dataclass(frozen=True)
class TaskArgument:
    """An argument that one or more tasks have.

    Attributes:
        argument: As the first of them describes it.
        defaults: Its default in each of them.
        shared: Whether every task has it, with the same default.
    """

    argument: Argument
    defaults: Mapping[str, Any]
    shared: bool


def train_arguments() -> list[TaskArgument]:
    """List the arguments of ``train`` that are not for Python alone, in the order of the tasks' dataclasses."""
    tasks = registry.all_tasks()
    by_name: dict[str, dict[str, Argument]] = {}
    for task, spec in tasks.items():
        for item in arguments_of(spec.part("train_arguments")):
            if not item.python_only:
                by_name.setdefault(item.name, {})[task] = item
    return [_merged(of_tasks, len(tasks)) for of_tasks in by_name.values()]


def prediction_names(task: str) -> list[str]:
    """List the names of what the prediction of a task takes beyond pictures."""
    return [item.name for item in arguments_of(_task_of_file(task).part("predict_arguments"))]


def task_name(task: str) -> tuple[str, str]:
    """Return what a task is called, in English and Chinese."""
    spec = registry.find(task)
    return spec.name, spec.chinese_name or spec.name


def default_folders() -> dict[str, str]:
    """Return where a training of each task writes if nobody says otherwise, relative to the working directory."""
    return {name: spec.default_folder for name, spec in registry.all_tasks().items()}


def result_folders() -> dict[str, str]:
    """Return ``result_folder`` of each task."""
    return {name: spec.result_folder for name, spec in registry.all_tasks().items()}


def result_folder(task: str) -> str:
    """Return where the predictions of a task are drawn if nobody says otherwise, relative to the working directory."""
    return _task_of_file(task).result_folder


def _task_of_file(task: str) -> TaskSpec:
    """Return the task that a model's file names; one that says nothing of itself is refused when it predicts."""
    return registry.find(task or "classification")


def _merged(of_tasks: Mapping[str, Argument], count: int) -> TaskArgument:
    defaults = {task: item.default for task, item in of_tasks.items()}
    first = next(iter(of_tasks.values()))
    same = all(default == first.default for default in defaults.values())
    return TaskArgument(first, defaults, same and len(of_tasks) == count)
