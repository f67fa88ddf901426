"""What a classifier said of pictures whose classes are known: the input of every report but the curves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say


@dataclass(frozen=True, eq=False)
class EvaluatedClasses:
    """An evaluation of N pictures of C classes.

    Attributes:
        classes: Names, C of them; with a threshold the last is what an answer that is none of them is called.
        paths: The picture files, N of them.
        labels: True class numbers, shape (N,).
        scores: Probabilities, shape (N, C); with a threshold those of the last column are 0.
        threshold: An answer with a lower score is none of the classes: label C - 1. 0: there is always a class.
        bits: Of pictures of 16 bits, to show them as the model saw them; see ``BaseDT.image.read``.

    Raises:
        ParameterInvalid: The shapes do not fit each other.
    """

    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    labels: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    threshold: float = 0.0
    bits: int = 16

    def __post_init__(self) -> None:
        count = len(self.paths)
        if self.labels.shape != (count,) or self.scores.shape != (count, len(self.classes)):
            classes, labels, scores = len(self.classes), self.labels.shape, self.scores.shape
            raise ParameterInvalid(
                say(
                    f"an evaluation of {count} pictures and {classes} classes has labels of shape {labels} and scores "
                    f"of shape {scores}.",
                    f"评估有 {count} 张图片、{classes} 个类别，而标签的形状为 {labels}，得分的形状为 {scores}。",
                )
            )

    @property
    def predictions(self) -> npt.NDArray[np.int64]:
        """The classes with the highest scores, shape (N,); that of none of them where these are too low."""
        best = np.asarray(self.scores.argmax(axis=1), dtype=np.int64)
        if not self.threshold:
            return best
        return np.where(self.scores.max(axis=1, initial=0) < self.threshold, len(self.classes) - 1, best)

    @property
    def rejected(self) -> npt.NDArray[np.bool_]:
        """Which answers are none of the classes, shape (N,)."""
        if not self.threshold:
            return np.zeros(len(self.paths), np.bool_)
        return np.asarray(self.predictions == len(self.classes) - 1)

    def worst_first(self) -> npt.NDArray[np.intp]:
        """Return which answers are wrong, that of which the model was surest first.

        One that is none of the classes is no mistake: the model says itself that it does not know.
        """
        predictions = self.predictions
        wrong = np.flatnonzero((predictions != self.labels) & ~self.rejected)
        return wrong[np.argsort(-self.scores[wrong, predictions[wrong]], kind="stable")]
