"""A saved model (``.pkl``) behind ``Workflow(task='baseml')``: the hub names this module and asks it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.classic_model_info import ClassicModelInfo
from BaseDT.row_model import Answers
from BaseML.answering import answer
from BaseML.files import model_file
from BaseML.trained import TrainedModel


@dataclass(frozen=True)
class SavedModel:
    """A saved model.

    Attributes:
        trained: What the file holds.
    """

    trained: TrainedModel

    @property
    def info(self) -> ClassicModelInfo:
        """What is known of it."""
        model = self.trained
        example = tuple(float(value) for value in np.ravel(model.demo_input))
        return ClassicModelInfo(
            model.kind.family, model.kind.name, model.width, model.features, model.classes, example=example
        )

    def answers(self, rows: npt.NDArray[np.float64]) -> Answers:
        """Answer for rows, (N, F).

        Raises:
            MethodUnsupported: The algorithm only knows the rows that it was trained on (-405).
        """
        model = self.trained
        found = answer(model, rows)
        if model.kind.family != "classification":
            return Answers(found)
        return Answers(model.named(found), self._scores(rows))

    def _scores(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
        if not hasattr(self.trained.estimator, "predict_proba"):  # a support vector machine gives only sides
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shares: npt.NDArray[np.float64] = self.trained.estimator.predict_proba(self.trained.scaled(rows))
        surest: npt.NDArray[np.float64] = shares.max(axis=1)
        return surest


def open_model(path: Path) -> SavedModel:
    """Open a saved model.

    Raises:
        XEduError: As ``BaseML.files.model_file.read``.
    """
    return SavedModel(model_file.read(path))
