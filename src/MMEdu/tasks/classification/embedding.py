"""Embeddings: the features that a classifier's head gets to see of pictures, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from BaseDT import draw
from BaseDT.image import ImageSource, Pixels
from BaseDT.image.reading import Reading
from BaseDT.results import ClassificationResult
from MMEdu.engine import prediction_loop
from MMEdu.engine.events import Listener
from MMEdu.engine.prediction_loop import Predictions
from MMEdu.models.heads import Head, features_and_logits, head_of
from MMEdu.tasks.classification import last_step
from MMEdu.weights.loaded_model import LoadedModel, sizes_refused


@dataclass(frozen=True, eq=False)
class Embedding:
    """A picture as its features.

    Attributes:
        features: (D,).
        result: The class that the head makes of them; the surest label where there may be several.
    """

    features: npt.NDArray[np.float32]
    result: ClassificationResult


@dataclass(frozen=True)
class FeatureExtractor:
    """Computes the features of every picture; see ``engine.prediction_loop.PicturePredictor``."""

    model: LoadedModel
    head: Head

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return self.model.preprocess.reading

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[Embedding]:
        """Compute the features of each picture (H×W×3 BGR or H×W gray)."""
        preprocess, classes = self.model.preprocess, self.model.classes
        pixels = np.stack([preprocess.pixels(picture) for picture in pictures])
        with torch.inference_mode(), sizes_refused(self.model):
            inputs, logits = features_and_logits(self.model.model, self.model.images(pixels), self.head)
            scores = last_step.of_kind(self.model.kind).probabilities(logits.float()).cpu().numpy()
            # A head that begins with a map of features averages over it, as global pooling would.
            pooled = inputs.flatten(2).mean(2) if inputs.ndim > 2 else inputs
            rows = pooled.float().cpu().numpy()
        return [
            Embedding(row, ClassificationResult.from_scores(score, classes, name))
            for row, score, name in zip(rows, scores, names, strict=True)
        ]

    def drawn(self, picture: Pixels, result: Embedding) -> Pixels:
        """Draw the class onto a copy of the picture."""
        return draw.classification(picture, result.result)


def embed(
    model: LoadedModel, source: ImageSource | Sequence[ImageSource] | None, emit: Listener
) -> tuple[npt.NDArray[np.float32], Predictions[Embedding]]:
    """Compute the features (N, D) of every picture that a source names and that can be read, and all about them."""
    head = head_of(model.model)
    predictions = prediction_loop.predict(FeatureExtractor(model, head), source, None, emit)
    rows = np.zeros((len(predictions.results), head.layer.weight.shape[1]), dtype=np.float32)
    for row, embedding in zip(rows, predictions.results, strict=True):
        row[:] = embedding.features
    return rows, predictions
