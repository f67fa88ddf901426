"""Tasks that need no training: ``Workflow(task="pose_hand21")``. What they do lives in ``XEdu.presets``."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

from BaseDT import terminal
from BaseDT.errors import ModelUnsupported, TaskMismatch
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from XEdu.hub.given_boxes import Box, checked_boxes, no_points, one_picture
from XEdu.hub.picture_run import PictureRun
from XEdu.hub.prediction import Prediction
from XEdu.hub.target_class import checked_classes, no_parts_of_classes
from XEdu.hub.tasks import InferenceOptions
from XEdu.hub.tasks.functions import check_no_functions
from XEdu.outputs.kind import Result
from XEdu.presets.opening import Sources, opened
from XEdu.presets.ready_made import ReadyMade


@dataclass(frozen=True)
class PresetTask:
    """A ready-made task over pictures, folders and lists."""

    name: str
    task: ReadyMade
    _remarked: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def model(self) -> NoReturn:
        """There is none of the user's that could be evaluated (-206)."""
        raise ModelUnsupported(
            say(f"The task '{self.name}' cannot be evaluated.", f"任务 '{self.name}' 不支持评估。"),
            hint=say(
                "Evaluate models of your own: Workflow(task='mmedu', checkpoint='model.onnx').",
                "请评估自己训练的模型：Workflow(task='mmedu', checkpoint='model.onnx')。",
            ),
        )

    def inference(self, data: object, options: InferenceOptions) -> Prediction:
        """Predict a picture, a folder, or a list of pictures.

        Raises:
            ParameterInvalid: A value cannot be used (-305).
            TaskMismatch: Boxes, or classes, were given to a task that takes none (-311).
            XEduError: The picture cannot be read; of many, those that cannot are left out and named.
        """
        check_no_functions(options)
        threshold = self.task.checked_threshold("thr", options.threshold)
        boxes = None if options.bbox is None else self._boxes(options.bbox)
        classes = None if options.target_class is None else self._classes(options.target_class)
        predict = functools.partial(self._results, threshold, boxes, classes)
        prediction = PictureRun(predict, self.task.kind, Reading()).of(data, replace(options, threshold=threshold))
        if self.task.kind is None:
            return replace(prediction, stacked=True)
        if boxes is None:
            self._remark(prediction.results)
        return prediction

    def _boxes(self, bbox: object) -> list[Box]:
        if not self.task.takes_boxes:
            raise no_points()
        return checked_boxes(bbox)

    def _classes(self, wanted: object) -> frozenset[str]:
        if self.task.kind is None or self.task.kind.only is None:
            raise no_parts_of_classes()
        return checked_classes(wanted, self.task.classes)

    def _results(
        self,
        threshold: float,
        boxes: list[Box] | None,
        classes: frozenset[str] | None,
        pictures: Sequence[Pixels],
        _: Sequence[str | None],
    ) -> list[Result]:
        if boxes is not None and len(pictures) != 1:
            raise one_picture()
        results = [self.task.of(picture, threshold, boxes) for picture in pictures]
        only = None if self.task.kind is None else self.task.kind.only
        return results if classes is None or only is None else [only(result, classes) for result in results]

    def _remark(self, results: Sequence[Result]) -> None:
        """Say once that nothing was found: a loop over frames would say it with each."""
        kind = self.task.kind
        if self._remarked or kind is None or not any(self.task.missed) or any(map(kind.names, results)):
            return
        found = say(*self.task.missed)
        hint = say(
            "It must be large enough to be seen at a glance, and lit; thr=0.3 finds more, and more that is none.",
            "目标要足够大、光线充足；thr=0.3 可以找到更多目标，但误检也会增多。",
        )
        self._remarked.append(found)
        terminal.note(f"{found} {hint}")


def open_task(
    name: str, checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None
) -> PresetTask:
    """Open a ready-made task.

    Args:
        name: One of ``XEdu.presets.names.PRESETS``.
        checkpoint: None: its weights are its own.
        providers: Of onnxruntime, the best one first; None is the CPU.

    Raises:
        TaskMismatch: A file was given (-311).
        WeightsUnavailable: The weights are not here and cannot be fetched (-107).
        XEduError: They cannot be opened.
    """
    if checkpoint is not None:
        raise TaskMismatch(
            say(
                f"The task '{name}' has weights of its own and takes no checkpoint.",
                f"任务 '{name}' 自带权重，不接受 checkpoint。",
            ),
            hint=say(
                "Leave checkpoint out; a model of yours runs with task='mmedu' or task='custom'.",
                "请去掉 checkpoint；自己的模型请用 task='mmedu' 或 task='custom'。",
            ),
        )
    return PresetTask(name, opened(name, Sources(providers=providers)))
