"""The registry of tasks. There is no list: every room ``MMEdu/tasks/<task>/`` with a ``spec`` is one.

Others may register their own at run time. Neither torch nor a task's parts are loaded by listing them.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from pathlib import Path

import MMEdu.tasks as rooms
from BaseDT.language import say
from MMEdu.tasks.spec import TaskSpec

DEFAULT_TASK = "classification"
"""The task of what names none: the first checkpoints of ours, a backbone that nobody lists, a folder of folders."""

_REGISTERED: dict[str, TaskSpec] = {}


def register(spec: TaskSpec) -> TaskSpec:
    """Add a task from elsewhere.

    Raises:
        ValueError: There is another one of this name.
    """
    if all_tasks().get(spec.name, spec) != spec:
        raise ValueError(f"a task is registered already as {spec.name}")
    _REGISTERED[spec.name] = spec
    return spec


def unregister(spec: TaskSpec) -> None:
    """Take a task out again that ``register`` added."""
    _REGISTERED.pop(spec.name, None)


def all_tasks() -> dict[str, TaskSpec]:
    """Return the tasks by name, those of the house first."""
    return {**_of_the_house(), **_REGISTERED}


@lru_cache(maxsize=1)
def _of_the_house() -> dict[str, TaskSpec]:
    folders = sorted(module.name for module in pkgutil.iter_modules(rooms.__path__) if module.ispkg)
    specs = (importlib.import_module(f"{rooms.__name__}.{folder}.spec").SPEC for folder in folders)
    return {spec.name: spec for spec in specs}


def find(name: str, file: str = "") -> TaskSpec:
    """Return a task.

    Args:
        name: As a checkpoint or an exported model names it.
        file: That file, for the message.

    Raises:
        ModelUnsupported: This version does not know it (-206).
    """
    spec = all_tasks().get(name)
    if spec is None:
        from BaseDT.model_info import newer  # it needs numpy, which listing tasks does not

        raise newer(
            file or say("The file", "该文件"), say(f"its task {name!r} is not known here", f"这里没有任务 {name!r}")
        )
    return spec


def class_name(task: str) -> str:
    """Return the name of a task's documented class, for hints."""
    return find(task).documented_class.partition(":")[2]


def of_dataset(folder: Path) -> TaskSpec:
    """Return the task whose kind of data a folder holds; the default one where no other recognises it.

    Where several do, the narrower one: a set with keypoints is one with boxes, too, and its owner wanted the points.
    """
    specs = all_tasks().values()
    recognised = [spec for spec in specs if spec.is_dataset and spec.part("is_dataset")(folder)]
    wider = {name for spec in recognised for name in spec.narrower_than}
    narrow = [spec for spec in recognised if spec.name not in wider] or recognised
    return narrow[0] if narrow else find(DEFAULT_TASK)
