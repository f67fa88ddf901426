"""Prediction of pictures with a loaded model: drawn, shown, and returned in the form of the task's kind of output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from BaseDT.arguments import PathLike, checked_flag, checked_path
from BaseDT.image import ImageSource
from MMEdu.engine.events import Listener
from MMEdu.tasks.spec import TaskSpec

if TYPE_CHECKING:
    from MMEdu.engine.prediction_loop import Predictions
    from MMEdu.weights.loaded_model import LoadedModel


def predict(
    spec: TaskSpec,
    model: LoadedModel,
    arguments: Any,
    source: ImageSource | Sequence[ImageSource] | None,
    *,
    show: bool,
    save_fold: PathLike,
    listener: Listener,
) -> Predictions[Any]:
    """Predict a picture, a list of pictures, or a folder.

    Args:
        spec: The task.
        model: What predicts.
        arguments: The task's ``predict_arguments``, checked.
        source: The pictures.
        show: Whether results are drawn, and a single one shown where there is a screen.
        save_fold: The folder where they are drawn.
        listener: Told of progress and of files that cannot be read.

    Raises:
        XEduError: A single picture cannot be read; of several, those that cannot are left out and named.
    """
    from MMEdu.engine import prediction_loop

    drawn = checked_flag("show", show)
    output = prediction_loop.DrawingFolder(checked_path("save_fold", save_fold), display=True) if drawn else None
    predictor = spec.part("predictor")(model, arguments)
    return prediction_loop.predict(predictor, source, output, listener)
