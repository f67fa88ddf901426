"""``RowModel``: a model that answers for rows of numbers, whoever runs it, and ``Answers``, what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from BaseDT.classic_model_info import ClassicModelInfo


@dataclass(frozen=True)
class Answers:
    """What a model says of rows.

    Attributes:
        values: (N,) labels, names of classes or numbers; (N, K) columns.
        scores: (N,) how sure it is of each class; None where it is not asked for one.
        shares: (N, K) how sure it is of every class, by ``ClassicModelInfo.labels``; None where that is not known.
    """

    values: npt.NDArray[Any]
    scores: npt.NDArray[Any] | None = None
    shares: npt.NDArray[Any] | None = None


class RowModel(Protocol):
    """A model that answers for rows of numbers."""

    @property
    def info(self) -> ClassicModelInfo: ...
    def answers(self, rows: npt.NDArray[np.float64]) -> Answers: ...
