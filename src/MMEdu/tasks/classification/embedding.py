"""What a classifier sees in pictures, as numbers: the features that its head gets to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from BaseDT.image import ImageSource, Pixels
from BaseDT.results import ClassificationResult
from MMEdu.engine import prediction_loop as inference
from MMEdu.engine.events import Listener
from MMEdu.models.heads import Head, features_and_logits, head_of
from MMEdu.tasks.classification.prediction import ClassAnswers


@dataclass(frozen=True, eq=False)
class Embedded:
    """A picture as its features.

    Attributes:
        features: (D,).
        result: The class that the head makes of them.
    """

    features: npt.NDArray[np.float32]
    result: ClassificationResult


@dataclass(frozen=True)
class Embeddings:
    """The features of every picture; see ``inference.Answers``."""

    answers: ClassAnswers
    head: Head

    @property
    def reads_gray(self) -> bool:
        """A gray network needs no colours."""
        return self.answers.reads_gray

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[Embedded]:
        """Compute the features of each picture (H×W×3 BGR or H×W gray)."""
        loaded = self.answers.predictor
        pixels = np.stack([loaded.preprocess.pixels(picture) for picture in pictures])
        with torch.inference_mode():
            inputs, logits = features_and_logits(loaded.model, loaded.images(pixels), self.head)
            scores = logits.float().softmax(1).cpu().numpy()
            pooled = inputs.flatten(2).mean(2) if inputs.ndim > 2 else inputs
            rows = pooled.float().cpu().numpy()
        return [
            Embedded(row, ClassificationResult.from_scores(score, loaded.classes, name))
            for row, score, name in zip(rows, scores, names, strict=True)
        ]

    def drawn(self, picture: Pixels, result: Embedded) -> Pixels:
        """Draw the class onto a copy of the picture."""
        return self.answers.drawn(picture, result.result)


def embed(
    answers: ClassAnswers, source: ImageSource | Sequence[ImageSource], emit: Listener
) -> tuple[npt.NDArray[np.float32], inference.Answered[Embedded]]:
    """Compute the features (N, D) of every picture that a source names and that can be read, and all about them."""
    head = head_of(answers.predictor.model)
    answered = inference.predict(Embeddings(answers, head), source, None, emit)
    rows = np.zeros((len(answered.results), head.layer.weight.shape[1]), dtype=np.float32)
    for row, embedded in zip(rows, answered.results, strict=True):
        row[:] = embedded.features
    return rows, answered
