"""Rows and labels as pictures need them, whatever the caller had."""

from __future__ import annotations

import numpy as np

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseML.looking import refusing
from BaseML.looking.answering import Numbers, Rows, labels_of
from BaseML.trained import TrainedModel


def checked(model: TrainedModel, x: Numbers, y: Numbers | None) -> tuple[Rows, Numbers | None]:
    """Return rows (N, F) and labels or numbers (N,).

    Raises:
        InputMismatch: The rows have more or fewer columns than the model was trained on (-309).
        ParameterInvalid: They are empty or no numbers, or there is not one label for each row (-305).
    """
    rows = _rows(x)
    wanted = int(model.estimator.n_features_in_)
    if rows.shape[1] != wanted:
        raise refusing.other_columns(rows.shape[1], wanted)
    truth = labels_of(model, None if y is None or not np.size(y) else y)
    if truth is not None and len(truth) != len(rows):
        raise ParameterInvalid(
            say(f"X has {len(rows)} rows, y_true {len(truth)}.", f"X 有 {len(rows)} 行，y_true 有 {len(truth)} 个。"),
            hint=say("Give one label for each row.", "每行数据对应一个标签。"),
        )
    return rows, truth


def _rows(x: Numbers) -> Rows:
    try:
        rows = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        rows = np.full((1, 1), np.nan)
    if rows.ndim == 1:
        rows = rows[:, None]
    rows = rows.reshape(len(rows), -1) if rows.size else np.zeros((0, 0))
    if rows.size and np.isfinite(rows).all():
        return rows
    raise ParameterInvalid(
        say("X has no rows, or values that are no numbers.", "X 没有数据，或其中有不是数字的值。"),
        hint=say(
            "Give rows of numbers, e.g. plot(X=[[5.1, 3.5], [4.9, 3.0]]); text and empty cells must go first.",
            "请给出由数字组成的若干行，例如 plot(X=[[5.1, 3.5], [4.9, 3.0]])；文字和空格需先处理。",
        ),
    )
