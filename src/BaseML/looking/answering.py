"""What pictures ask a model: its answers for rows of the user's data, and what its columns and classes are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.plot import names
from BaseML.trained import TrainedModel
from BaseML.true_labels import numbered

Rows: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = npt.NDArray[Any]
Answer: TypeAlias = Callable[[Rows], Numbers]
"""``(N, F) -> (N,)``: labels or numbers for rows as the user's data have them."""

_WIDE = 18


def unscaled(model: TrainedModel, x: Rows) -> Rows:
    """Return rows (N, F) of the estimator as the user's data have them."""
    return np.asarray(x, dtype=np.float64) if model.scaling is None else model.scaling.reverse(x)


def answer_of(model: TrainedModel) -> Answer:
    """Return what answers for a model: labels or numbers, (N,)."""

    def answer(x: Rows) -> Numbers:
        return np.asarray(model.estimator.predict(model.scaled(x))).reshape(len(x))

    return answer


def column_names(model: TrainedModel, count: int) -> tuple[str, ...]:
    """Return what a picture calls the columns; ``x1``, ``x2`` … where they have no names."""
    if len(model.features) != count:
        return tuple(f"x{number}" for number in range(1, count + 1))
    return names.display_names(model.features, _WIDE)


def note_of(model: TrainedModel) -> str:
    """Return the line that says how to get a Chinese font, where a name is shown by its number for want of one."""
    return names.font_note((*model.features, *model.classes))


@dataclass(frozen=True, eq=False)
class Classes:
    """Labels and what a picture calls them.

    Attributes:
        values: (C,) labels in order.
        names: C of them.
    """

    values: Numbers
    names: tuple[str, ...]

    def places(self, labels: Numbers) -> npt.NDArray[np.int64]:
        """Return where labels (N,) stand among the values."""
        return np.searchsorted(self.values, labels).astype(np.int64)


def classes_of(model: TrainedModel, *labels: Numbers | None) -> Classes:
    """Return the classes that a model, or labels beside it, know."""
    known = getattr(model.estimator, "classes_", None)
    given = [np.ravel(each) for each in (known, *labels) if each is not None]
    values = np.unique(np.concatenate(given)) if given else np.zeros(0, np.int64)
    return Classes(values, names.display_names([_name(model.classes, value) for value in values], _WIDE))


def _name(classes: Sequence[str], value: Any) -> str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if not number.is_integer():
        return f"{number:g}"
    return classes[int(number)] if 0 <= number < len(classes) else str(int(number))


def labels_of(model: TrainedModel, y: Numbers | None) -> Numbers | None:
    """Return true labels (N,) as the model numbers them; numbers are so already."""
    if y is None:
        return None
    flat = np.ravel(np.asarray(y))
    if flat.dtype.kind in "biuf" or not model.classes:
        return flat
    return numbered(model, flat).values


def some(rows: int, most: int) -> npt.NDArray[np.int64]:
    """Return the numbers of at most so many rows, evenly spread and the same each time."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def title_of(model: TrainedModel, en: str, zh: str) -> str:
    """Return a title: the algorithm, and what is said of it, in one line or several."""
    pairs = zip(f"{model.kind.name}: {en}".split("\n"), f"{model.kind.name}：{zh}".split("\n"), strict=True)
    return "\n".join(fonts.picture_text(*pair) for pair in pairs)  # a font has no end of a line
