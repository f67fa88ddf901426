"""``Samples``: what a model learns from and what it is tried with; plain arrays as the user sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetNotLoaded
from BaseDT.language import say
from BaseDT.tabular.arrays import as_labels
from BaseDT.tabular.dividing import divided
from BaseDT.tabular.table import Numbers

SEED = 42
"""Of the division, as documented."""
HELD_OUT = 0.2


@dataclass(frozen=True)
class Samples:
    """Rows to train with and rows to test with.

    Attributes:
        x_train: (N, F).
        y_train: (N,) or (N, K), as the user has it; empty where there is none.
        x_test: (M, F); empty where nothing is held out.
        y_test: Likewise.
    """

    x_train: Numbers
    y_train: npt.NDArray[Any]
    x_test: Numbers
    y_test: npt.NDArray[Any]


def divide(
    x: Numbers,
    y: npt.NDArray[Any] | None,
    held_out: float,
    *,
    seed: int = SEED,
    classes: bool = False,
    last: bool = False,
    in_order: bool = False,
) -> Samples:
    """Hold out rows: of every class alike where there are classes.

    Args:
        x: (N, F).
        y: (N,) or (N, K); None for none.
        held_out: Share; 0 holds out none.
        seed: Another number gives another division.
        classes: Whether ``y`` are classes.
        last: Hold out the last rows instead of drawn ones.
        in_order: Leave the rows in their order; they keep it where none is held out, too.
    """
    labels = as_labels("y", y).values if classes and y is not None and held_out else None
    train, test = divided(len(x), held_out, seed, labels=labels, shuffle=not last)
    if in_order or not len(test):
        train, test = np.sort(train), np.sort(test)
    y_train, y_test = (np.empty(0), np.empty(0)) if y is None else (y[train], y[test])
    return Samples(x[train], y_train, x[test], y_test)


def no_data() -> DatasetNotLoaded:
    """Return the error for who trains before loading."""
    return DatasetNotLoaded(
        say("No data are loaded.", "还没有载入数据集。"),
        hint=say("Call load_dataset(...) first.", "请先调用 load_dataset(...)。"),
    )
