"""Prediction with tasks that need no model of the user's: ``XEdu.presets``, for the faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.errors import TaskMismatch
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from XEdu.outputs.kind import OutputKind, Result

if TYPE_CHECKING:
    from XEdu.presets.ready_made import ReadyMade


def task_named(name: Path) -> str | None:
    """Return the task that somebody named instead of a file; None where it is none, or there is such a file."""
    from XEdu.presets.names import PRESETS, proper_name

    task = proper_name(str(name))
    return task if task in PRESETS and not name.exists() else None


@dataclass(frozen=True)
class ReadyMadePredictor:
    """Predicts pictures with a ready-made task; see ``engine.prediction_loop.PicturePredictor``."""

    task: ReadyMade
    kind: OutputKind
    threshold: float

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return Reading()

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[Result]:
        """Predict each picture (H×W×3 BGR or H×W gray)."""
        results = [self.task.of(picture, self.threshold) for picture in pictures]
        return [
            result if name is None else self.kind.with_file(result, name)
            for result, name in zip(results, names, strict=True)
        ]

    def drawn(self, picture: Pixels, result: Result) -> Pixels:
        """Draw a result onto a copy of its picture."""
        from XEdu.hub.pictures import drawn

        return drawn(picture, result, self.kind)


def predict(
    name: str, threshold: float | str | None, images: Path | Sequence[Path], drawings: Path | None
) -> tuple[list[Any], list[str], str]:
    """Predict pictures and folders.

    Args:
        name: What ``task_named`` returned.
        threshold: As for ``Workflow.inference``.
        images: A picture, a folder, or several.
        drawings: Where results are drawn; None draws none.

    Returns:
        A result for each picture that can be read, their names, and the kind of the results.

    Raises:
        TaskMismatch: Its results are arrays, which no terminal can show (-311).
        WeightsUnavailable: Its weights are not here and cannot be fetched (-107).
    """
    from MMEdu.engine import prediction_loop
    from MMEdu.engine.listeners.console import console
    from XEdu.presets.opening import opened

    task = opened(name)
    if task.kind is None:
        raise TaskMismatch(
            say(f"The task '{name}' gives arrays of numbers.", f"任务 '{name}' 的结果是数组。"),
            hint=say(f"Use Workflow(task='{name}').", f"请使用 Workflow(task='{name}')。"),
        )
    predictor = ReadyMadePredictor(task, task.kind, task.checked_threshold("thr", threshold))
    output = prediction_loop.DrawingFolder(drawings, display=True) if drawings is not None else None
    predictions = prediction_loop.predict(predictor, images, output, console())
    return [task.kind.documented(result) for result in predictions.results], predictions.files, task.kind.name
