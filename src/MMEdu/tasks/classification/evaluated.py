"""A classifier's probabilities for the validation pictures: the input of every report but the curves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say


@dataclass(frozen=True, eq=False)
class Evaluated:
    """An evaluation of N pictures of C classes.

    Attributes:
        classes: Names, C of them.
        paths: The picture files, N of them.
        labels: True class numbers, shape (N,).
        scores: Probabilities, shape (N, C).

    Raises:
        ParameterInvalid: The shapes do not fit each other.
    """

    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    labels: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.paths)
        if self.labels.shape != (count,) or self.scores.shape != (count, len(self.classes)):
            raise ParameterInvalid(
                say(
                    f"an evaluation of {count} pictures and {len(self.classes)} classes has labels of shape"
                    f" {self.labels.shape} and scores of shape {self.scores.shape}.",
                    f"评估有 {count} 张图片、{len(self.classes)} 个类别，而 labels 的形状是 "
                    f"{self.labels.shape}，scores 的形状是 {self.scores.shape}。",
                )
            )

    @property
    def predictions(self) -> npt.NDArray[np.int64]:
        """The classes with the highest scores, shape (N,)."""
        return np.asarray(self.scores.argmax(axis=1), dtype=np.int64)
