"""The tasks of a workflow: a registry of names, and a file for each, loaded when it is asked for."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from BaseDT.errors import TaskMismatch, TaskUnknown, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from XEdu.hub.prediction import Prediction
from XEdu.presets.names import ABSENT, ALIASES, PRESETS, proper_name
from XEdu.runtime.model import Model

_MODULES = {
    "mmedu": "XEdu.hub.tasks.mmedu",
    "basenn": "XEdu.hub.tasks.basenn",
    "baseml": "XEdu.hub.tasks.baseml",
    "custom": "XEdu.hub.tasks.custom",
}
_PRESET = "XEdu.hub.tasks.preset"


@dataclass(frozen=True)
class InferenceOptions:
    """What a call of ``inference`` asks for besides its data.

    Attributes:
        threshold: Lowest score of a box, or of a class; ``"auto"`` is what a classifier suggests, None the usual.
        show: Whether the drawn pictures will be shown.
        return_pictures: Whether the drawn pictures will be returned, in their own sizes.
        bbox: Where the objects are whose points are wanted: what the user gave; see ``XEdu.hub.given_boxes``.
        target_class: Which classes of what is found are wanted: what the user gave; see ``XEdu.hub.target_class``.
        preprocess: Of the user: data → tensor, or tensors by input.
        postprocess: Of the user: raw outputs, preprocessed data → result.
    """

    threshold: float | str | None = None
    show: bool = False
    return_pictures: bool = False
    bbox: object = None
    target_class: object = None
    preprocess: Callable[..., Any] | None = None
    postprocess: Callable[..., Any] | None = None

    @property
    def draws(self) -> bool:
        """Whether colours are needed, whatever the model reads."""
        return self.show or self.return_pictures


class Task(Protocol):
    """A model with its way from data to results."""

    @property
    def model(self) -> Model:
        """The opened model."""
        ...

    def inference(self, data: Any, options: InferenceOptions) -> Prediction:
        """Predict everything that ``data`` names."""
        ...


def names() -> list[str]:
    """List the tasks."""
    return [*_MODULES, *PRESETS]


def has_weights(task: object) -> bool:
    """Whether a task needs no model of the user's: its weights are fetched."""
    return isinstance(task, str) and proper_name(task) in PRESETS


def open_task(task: object, checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> Task:
    """Open the model of a task.

    Raises:
        TaskUnknown: There is no task of this name (-312).
        XEduError: The model cannot be opened.
    """
    name = proper_name(task) if isinstance(task, str) else ""
    if name in PRESETS:
        ready_made: Task = importlib.import_module(_PRESET).open_task(name, checkpoint, providers)
        return ready_made
    if name not in _MODULES:
        raise _unknown(task)
    loaded: Task = importlib.import_module(_MODULES[name]).open_task(checkpoint, providers)
    return loaded


def preset_name(task: object) -> str:
    """Return how a task that needs no model of the user's is called here.

    Raises:
        TaskUnknown: There is no such task (-312).
        TaskMismatch: It runs a model of the user's (-311).
    """
    name = proper_name(task) if isinstance(task, str) else ""
    if name in PRESETS:
        return name
    if name not in _MODULES:
        raise _unknown(task)
    listed = ", ".join(PRESETS)
    raise TaskMismatch(
        say(f"The task '{name}' needs a model.", f"任务 '{name}' 需要模型文件。"),
        hint=say(f"Give the model instead. Without one: {listed}.", f"请直接给出模型文件。无需模型的任务：{listed}。"),
    )


def _unknown(task: object) -> TaskUnknown:
    listed = ", ".join(names())
    hint = say(f"Known tasks: {listed}.", f"可用的任务：{listed}。")
    if task is None:
        return TaskUnknown(say("No task was named.", "没有写明任务。"), hint=hint)
    name = proper_name(task) if isinstance(task, str) else ""
    if name in ABSENT:
        return TaskUnknown(
            say(f"The task '{task}' cannot be had here.", f"这里没有任务 '{task}'。"), hint=f"{_nearest(name)} {hint}"
        )
    near = did_you_mean(name, [*names(), *ALIASES])
    return TaskUnknown(
        say(f"No such task: {quoted(task)}.", f"没有任务 {quoted(task)}。"), hint=f"{near} {hint}".strip()
    )


def _nearest(name: str) -> str:
    """Say why a documented task is not here, and what is nearest to it."""
    why = say(
        "No weights for it may be passed on freely; a model of yours runs with task='mmedu' or task='custom'.",
        "没有可以自由分发的权重；自己的模型可用 task='mmedu' 或 task='custom' 运行。",
    )
    if not ABSENT[name]:
        return why
    nearest = ", ".join(f"'{other}' ({PRESETS[other].what[0]})" for other in ABSENT[name])
    nearest_zh = "、".join(f"'{other}'（{PRESETS[other].what[1]}）" for other in ABSENT[name])
    return f"{say(f'Nearest: {nearest}.', f'最接近的任务：{nearest_zh}。')} {why}"
