"""A loaded classifier that predicts pictures, and how its results are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from BaseDT import draw
from BaseDT.arguments import resolved_rejection
from BaseDT.image import Pixels
from BaseDT.results import ClassificationResult
from MMEdu.weights.loaded_model import LoadedModel


@dataclass(frozen=True)
class ClassPredictor:
    """Predicts one class for every picture; see ``engine.prediction_loop.PicturePredictor``."""

    model: LoadedModel
    threshold: float = 0.0

    @property
    def reads_gray(self) -> bool:
        """A gray network needs no colours."""
        return self.model.preprocess.color == "gray"

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[ClassificationResult]:
        """Predict the best class of each picture (H×W×3 BGR or H×W gray), or none where its score is too low."""
        preprocess, classes = self.model.preprocess, self.model.classes
        pixels = np.stack([preprocess.pixels(picture) for picture in pictures])
        rows = probabilities(self.model, pixels)
        return [
            ClassificationResult.from_scores(row, classes, name, self.threshold)
            for row, name in zip(rows, names, strict=True)
        ]

    def drawn(self, picture: Pixels, result: ClassificationResult) -> Pixels:
        """Draw name and score onto a copy of the picture."""
        return draw.classification(picture, result)


def predictor(model: LoadedModel, arguments: Any = None) -> ClassPredictor:
    """Make the predictor of a loaded model.

    Args:
        model: What predicts.
        arguments: ``ClassificationPrediction``, checked; None rejects nothing.

    Raises:
        ParameterInvalid: ``thr="auto"``, and the file suggests none (-305).
    """
    return ClassPredictor(
        model, resolved_rejection("thr", None if arguments is None else arguments.thr, model.threshold)
    )


def probabilities(model: LoadedModel, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Predict (N, C) of what ``Preprocess.pixels`` made, (N, H, W, C) uint8."""
    with torch.inference_mode():
        scores: npt.NDArray[np.float32] = model.model(model.images(pixels)).float().softmax(1).cpu().numpy()
    return scores
