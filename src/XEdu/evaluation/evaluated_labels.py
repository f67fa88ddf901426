"""What a model said of pictures that have any number of labels: the input of every report of such a model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.metrics.multi_label import average_precisions, label_counts
from BaseDT.results.multi_label import reached
from XEdu.evaluation.words import interval, rounded, share

COLUMNS = (
    "class",
    "average_precision",
    "precision",
    "recall",
    "f1",
    "threshold",
    "support",
    "found",
    "missed",
    "false",
)
"""Of ``per_class.csv``."""


@dataclass(frozen=True, eq=False)
class EvaluatedLabels:
    """An evaluation of N pictures and C labels.

    Attributes:
        classes: Names, C of them.
        paths: The picture files, N of them.
        truth: Which has which label, (N, C).
        scores: Probabilities, (N, C).
        thresholds: From which on a label is reported, (C,).
        bits: Of pictures of 16 bits, to show them as the model saw them; see ``BaseDT.image.read``.
    """

    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    truth: npt.NDArray[np.bool_]
    scores: npt.NDArray[np.float32]
    thresholds: npt.NDArray[np.float64]
    bits: int = 16

    @cached_property
    def reported(self) -> npt.NDArray[np.bool_]:
        """Which labels are reported of which picture, (N, C)."""
        return reached(self.scores, self.thresholds)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """What became of each label, (C, 2, 2); see ``BaseDT.metrics.multi_label.label_counts``."""
        return label_counts(self.reported, self.truth)

    @cached_property
    def sureness(self) -> npt.NDArray[np.float64]:
        """How sure the model was of each wrong decision, 0 to 1, (N, C); -1 where the decision is right."""
        return np.where(self.reported != self.truth, np.abs(self.scores - self.truth), -1.0)

    def worst_first(self) -> npt.NDArray[np.intp]:
        """Return the pictures with a wrong decision, that of which the model was surest first."""
        highest = self.sureness.max(1, initial=-1.0)
        wrong = np.flatnonzero(highest >= 0)
        return wrong[np.argsort(-highest[wrong], kind="stable")]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The numbers of each label as plain data; None where there is nothing that they could be of."""
        precisions, counts = average_precisions(self.scores, self.truth), self.counts.tolist()
        table = []
        for label, name in enumerate(self.classes):
            (_, false), (missed, found) = counts[label]
            average = float(precisions[label])
            table.append(
                {
                    "class": name,
                    "support": found + missed,
                    "average_precision": None if np.isnan(average) else rounded(average),
                    "recall": rounded(share(found, found + missed)),
                    "recall_interval": interval(found, found + missed),
                    "precision": rounded(share(found, found + false)),
                    "f1": rounded(share(2 * found, 2 * found + missed + false)),
                    "threshold": rounded(float(self.thresholds[label])),
                    "found": found,
                    "missed": missed,
                    "false": false,
                }
            )
        return table
