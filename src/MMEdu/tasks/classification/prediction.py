"""A loaded classifier that predicts pictures, and how its results are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from BaseDT import draw
from BaseDT.arguments import resolved_rejection
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.results import ClassificationResult, MultiLabelResult
from MMEdu.tasks.classification import last_step
from MMEdu.weights.loaded_model import LoadedModel, sizes_refused
from XEdu.outputs import multi_label

Result = ClassificationResult | MultiLabelResult
Answer = Callable[[npt.NDArray[np.float32], "str | None"], Result]


@dataclass(frozen=True)
class ClassPredictor:
    """Predicts the class, or the labels, of every picture; see ``engine.prediction_loop.PicturePredictor``.

    Attributes:
        model: What predicts.
        answer: Makes the result of a picture's probabilities (C,) and the name of its file.
    """

    model: LoadedModel
    answer: Answer

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return self.model.preprocess.reading

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[Result]:
        """Predict the best class of each picture (H×W×3 BGR or H×W gray), or none where its score is too low."""
        return [self.answer(row, name) for row, name in zip(self.scores(pictures), names, strict=True)]

    def scores(self, pictures: Sequence[Pixels]) -> npt.NDArray[np.float32]:
        """Return the probabilities of all classes of each picture, (N, C)."""
        preprocess = self.model.preprocess
        return probabilities(self.model, np.stack([preprocess.pixels(picture) for picture in pictures]))

    def drawn(self, picture: Pixels, result: Result) -> Pixels:
        """Draw names and scores onto a copy of the picture."""
        return (
            draw.multi_label(picture, result)
            if isinstance(result, MultiLabelResult)
            else draw.classification(picture, result)
        )


def predictor(model: LoadedModel, arguments: Any = None) -> ClassPredictor:
    """Make the predictor of a loaded model.

    Args:
        model: What predicts.
        arguments: ``ClassificationPrediction``, checked; None rejects nothing.

    Raises:
        ParameterInvalid: ``thr="auto"``, and the file suggests none (-305).
    """
    value = None if arguments is None else arguments.thr
    return ClassPredictor(model, _several(model, value) if model.kind == multi_label.NAME else _one(model, value))


def _one(model: LoadedModel, thr: object) -> Answer:
    threshold = resolved_rejection("thr", thr, model.threshold)
    return lambda row, name: ClassificationResult.from_scores(row, model.classes, name, threshold)


def _several(model: LoadedModel, thr: object) -> Answer:
    lowest = multi_label.checked_lowest("thr", thr)
    least = multi_label.thresholds_of(model.options, lowest, len(model.classes))
    return lambda row, name: MultiLabelResult.from_scores(row, model.classes, least, name)


def probabilities(model: LoadedModel, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Predict (N, C) of what ``Preprocess.pixels`` made, (N, H, W, C) uint8."""
    with torch.inference_mode(), sizes_refused(model):
        logits = model.model(model.images(pixels)).float()
        scores: npt.NDArray[np.float32] = last_step.of_kind(model.kind).probabilities(logits).cpu().numpy()
    return scores
