"""``TrainedModel``: an estimator with all that is known of it. Files, exports, pictures and answers are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseML.algorithms.kind import AlgorithmKind


@dataclass(frozen=True)
class Scaling:
    """How columns were brought to one scale (``scale=True``): (x - least) / (most - least), each (F,)."""

    least: npt.NDArray[np.float64]
    most: npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrainedModel:
    """A trained estimator.

    Attributes:
        kind: Its algorithm.
        estimator: Of scikit-learn, trained; a pipeline where several steps are one.
        features: Names of the columns; empty where there are none.
        classes: Names by label; empty where labels are numbers.
        input_shape: Of what it was trained on, (N, F).
        demo_input: Its first row, (1, F), as the user's data have it.
        scaling: What is done to data before the estimator sees them; None where nothing is.
    """

    kind: AlgorithmKind
    estimator: Any
    features: tuple[str, ...]
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    demo_input: npt.NDArray[Any]
    scaling: Scaling | None = None
