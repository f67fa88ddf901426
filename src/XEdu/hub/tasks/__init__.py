"""The tasks of a workflow: a registry of names, and a file for each, loaded when it is asked for."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from BaseDT.errors import TaskUnknown, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from XEdu.hub.prediction import Prediction
from XEdu.runtime.model import Model

_MODULES = {"mmedu": "XEdu.hub.tasks.mmedu", "custom": "XEdu.hub.tasks.custom"}
_COMING = ("basenn", "baseml")
# How the original's preset tasks are called: det_body, pose_body17, cls_imagenet, embedding_image …
_PRESETS = ("cls_", "depth_", "det_", "drive_", "embedding_", "gen_", "nlp_", "ocr", "pose_", "segment_")


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
    return list(_MODULES)


def open_task(task: object, checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> Task:
    """Open the model of a task.

    Raises:
        TaskUnknown: There is no task of this name (-312).
        XEduError: The model cannot be opened.
    """
    name = task.lower() if isinstance(task, str) else ""
    if name not in _MODULES:
        raise _unknown(task)
    loaded: Task = importlib.import_module(_MODULES[name]).open_task(checkpoint, providers)
    return loaded


def _unknown(task: object) -> TaskUnknown:
    listed = ", ".join(_MODULES)
    hint = say(f"Known tasks: {listed}.", f"可用的任务：{listed}。")
    if task is None:
        return TaskUnknown(say("No task was named.", "没有写明任务。"), hint=hint)
    name = task.lower() if isinstance(task, str) else ""
    if name in _COMING:
        soon = say(f"'{name}' comes with that module.", f"'{name}' 将随该模块一起提供。")
        return TaskUnknown(
            say(f"The task '{task}' is not there yet.", f"任务 '{task}' 尚未提供。"), hint=f"{soon} {hint}"
        )
    if name.startswith(_PRESETS):
        weights = say(
            "Tasks of this kind need weights that are not shipped: train a model with MMEdu and use task='mmedu'.",
            "这类预置任务需要的权重不在本软件中：请用 MMEdu 训练模型，再使用 task='mmedu'。",
        )
        return TaskUnknown(
            say(f"The task '{task}' is not part of this Workflow.", f"此 Workflow 不包含任务 '{task}'。"),
            hint=f"{weights} {hint}",
        )
    near = did_you_mean(name, _MODULES)
    return TaskUnknown(
        say(f"No such task: {quoted(task)}.", f"没有任务 {quoted(task)}。"), hint=f"{near} {hint}".strip()
    )
