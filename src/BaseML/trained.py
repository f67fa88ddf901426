"""``TrainedModel``: an estimator with all that is known of it. Files, exports, pictures and answers are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.tabular.table import Numbers
from BaseML.algorithms.kind import AlgorithmKind


@dataclass(frozen=True)
class Scaling:
    """How columns were brought to one scale (``scale=True``): (x - least) / (most - least), each (F,).

    A column of equal values becomes 0.
    """

    least: npt.NDArray[np.float64]
    most: npt.NDArray[np.float64]

    @classmethod
    def of(cls, x: Numbers) -> Scaling:
        """Return the scaling that brings rows between 0 and 1."""
        return cls(x.min(axis=0), x.max(axis=0))

    @property
    def span(self) -> npt.NDArray[np.float64]:
        """What each column is divided by, (F,); never 0."""
        width: npt.NDArray[np.float64] = self.most - self.least
        return np.where(width > 0, width, 1.0)

    def apply(self, x: Numbers) -> Numbers:
        """Return rows in the model's scale."""
        scaled: Numbers = (x - self.least) / self.span
        return scaled

    def reverse(self, x: Numbers) -> Numbers:
        """Return rows in the scale of the user's data."""
        original: Numbers = x * self.span + self.least
        return original


@dataclass(frozen=True)
class Columns:
    """Where what was learned stood in the user's table, so that another table like it can be read.

    Attributes:
        width: How many columns the table had; 0 where nobody knows.
        given: Numbers of the columns that were learned from.
        told: Numbers of the columns of labels; empty where these came apart.
        told_names: Their names; empty where there are none.
    """

    width: int = 0
    given: tuple[int, ...] = ()
    told: tuple[int, ...] = ()
    told_names: tuple[str, ...] = ()


UNKNOWN = Columns()
"""Of samples that are no columns of a table, and of files that do not say."""


@dataclass(frozen=True)
class TrainedModel:
    """A trained estimator.

    Attributes:
        kind: Its algorithm.
        estimator: Of scikit-learn, trained; a pipeline where several steps are one. Classes are whole numbers to it.
        features: Names of the columns; empty where there are none.
        classes: Names by label, where labels were words; empty where labels are numbers.
        input_shape: Of what it was trained on, (N, F).
        demo_input: Its first row, (1, F), as the user's data have it.
        scaling: What is done to data before the estimator sees them; None where nothing is.
        columns: Where its columns stood.
    """

    kind: AlgorithmKind
    estimator: Any
    features: tuple[str, ...]
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    demo_input: npt.NDArray[Any]
    scaling: Scaling | None = None
    columns: Columns = UNKNOWN

    @property
    def width(self) -> int:
        """How many numbers a row has; 0 where a file does not say."""
        known = self.input_shape[-1] if len(self.input_shape) > 1 else 0
        return int(known or getattr(self.estimator, "n_features_in_", 0))

    def scaled(self, x: Numbers) -> Numbers:
        """Return rows of the user's as the estimator takes them."""
        return x if self.scaling is None else self.scaling.apply(x)

    def named(self, labels: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Return labels as the user knows them: words where there are some."""
        return np.array(self.classes)[labels] if self.classes else labels
