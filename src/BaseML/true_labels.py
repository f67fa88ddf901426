"""True labels beside a model's answers: which of its classes each is; scores and pictures share the rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseML.trained import TrainedModel

_SHOWN = 8


@dataclass(frozen=True)
class TrueLabels:
    """Labels as a model numbers its classes.

    Attributes:
        values: (N,) int64; what is none of its classes has numbers of its own behind them.
        notes: What the user should know of them.
    """

    values: npt.NDArray[np.int64]
    notes: tuple[str, ...] = ()


def numbered(model: TrainedModel, labels: npt.NDArray[Any]) -> TrueLabels:
    """Return labels (N,) as the model numbers them: each is the class that has its name, or its number without names.

    Raises:
        DatasetInvalid: None of them is a class of the model (-201).
    """
    known, names = _known(model)
    texts = np.ravel(labels).astype(str)
    each, inverse = np.unique(texts, return_inverse=True)
    found: list[str] = each.tolist()
    others = [text for text in found if text not in names]
    if len(others) == len(found):
        raise _none_known(others, names)
    behind = {text: int(known.max()) + 1 + place for place, text in enumerate(others)}
    numbers = np.array([int(known[names.index(text)]) if text in names else behind[text] for text in found])
    values = numbers.astype(np.int64)[inverse.reshape(-1)]
    return TrueLabels(values, (_some_unknown(others, int(np.isin(texts, others).sum())),) if others else ())


def _known(model: TrainedModel) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return the numbers of a model's classes, and what the user calls them."""
    known = np.asarray(model.estimator.classes_).astype(np.int64)
    return known, [str(name) for name in model.named(known)]


def _some_unknown(others: list[str], rows: int) -> str:
    listed = _listed(others)
    return say(
        f"Rows with labels that are none of the model's classes ({listed}): {rows}. None of them can be right.",
        f"有 {rows} 行的标签不属于模型的类别（{listed}），这些行不可能预测正确。",
    )


def _none_known(others: list[str], names: list[str]) -> DatasetInvalid:
    found, wanted = _listed(others), _listed(names)
    return DatasetInvalid(
        say(
            f"None of the labels ({found}) is a class of the model ({wanted}).",
            f"标签（{found}）都不是模型的类别（{wanted}）。",
        ),
        hint=say("Give the labels as the model was trained with them.", "请使用与训练时相同的标签。"),
    )


def _listed(names: list[str]) -> str:
    more = ", …" if len(names) > _SHOWN else ""
    return ", ".join(quoted(name, 40) for name in names[:_SHOWN]) + more
