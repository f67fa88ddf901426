"""``Loaded``: samples as ``load_dataset`` read them; and what its arguments mean. numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from BaseDT.language import say
from BaseDT.tabular import table
from BaseDT.tabular.labels import Labels
from BaseDT.tabular.table import Numbers
from BaseML.algorithms.kind import Family
from BaseML.trained import UNKNOWN, Columns

Wanted = Literal["classes", "numbers", "anything"]
"""What ``y`` is: classes, numbers to estimate, or something that is only shown."""


@dataclass(frozen=True)
class Loaded:
    """Samples.

    Attributes:
        x: (N, F) float64, finite.
        y: (N,) or (N, K), as the user has it: words, whole numbers, numbers; None where there is none.
        features: Names of the columns of ``x``; empty where there are none.
        notes: What the user should know of how it was read.
        columns: Where its columns stood.
    """

    x: Numbers
    y: npt.NDArray[Any] | None
    features: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    columns: Columns = UNKNOWN


def wanted_by(family: Family, needs_labels: bool) -> Wanted:
    """Return what an algorithm takes ``y`` for."""
    if family == "regression":
        return "numbers"
    return "classes" if needs_labels else "anything"


def in_words(labels: Labels) -> npt.NDArray[Any]:
    """Return labels as the user has them: words where they were words."""
    return np.array(labels.classes)[labels.values] if labels.classes else labels.values


def is_given(columns: object) -> bool:
    """Tell whether the user chose columns: an empty list is the documents' way to leave them out."""
    return isinstance(columns, str) or not is_empty(columns)


def is_empty(value: object) -> bool:
    """Tell whether nothing was given: None, or a list, array or frame of no length."""
    if value is None:
        return True
    try:
        return len(value) == 0  # type: ignore[arg-type]  # what has no length is something
    except TypeError:
        return False


def as_columns(value: object) -> table.Columns:
    """Return what ``select`` checks as what it takes."""
    return value  # type: ignore[return-value]


def use_classification() -> str:
    """Say where words are told apart, for who estimates numbers."""
    return say(
        "A regression estimates numbers; Classification tells classes apart.",
        "回归预测的是数值；如果要区分类别，请使用 Classification。",
    )
