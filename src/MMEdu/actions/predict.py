"""Prediction of pictures with a loaded model: drawn, shown, and returned in the form of the task's kind of output."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.arguments import PathLike, checked_path
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
    drawings: PathLike | None,
    listener: Listener,
) -> Predictions[Any]:
    """Predict a picture, a list of pictures, or a folder.

    Args:
        spec: The task.
        model: What predicts.
        arguments: The task's ``predict_arguments``, checked.
        source: The pictures.
        drawings: The folder where results are drawn; None draws and shows nothing.
        listener: Told of progress and of files that cannot be read.

    Raises:
        XEduError: A single picture cannot be read; of several, those that cannot are left out and named.
    """
    from MMEdu.engine import prediction_loop

    folder: Path | None = None if drawings is None else checked_path("save_fold", drawings)
    output = None if folder is None else prediction_loop.DrawingFolder(folder, display=True)
    predictor = spec.part("predictor")(model, arguments)
    return prediction_loop.predict(predictor, source, output, listener)
