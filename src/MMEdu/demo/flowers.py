"""scikit-learn's iris as two tables, one to learn from and one to be judged by. The demo calls ``write``; no network.

150 real flowers of three kinds (Anderson 1935, Fisher 1936); length and width of a petal in centimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT import files

NAMES = ("setosa", "versicolor", "virginica")
COLUMNS = ("petal length", "petal width")
HELD_OUT = 30
"""How many flowers judge."""

_SEED = 2


@dataclass(frozen=True, eq=False)
class Flowers:
    """Some flowers.

    Attributes:
        file: Their table: two measures and the kind, by its name.
        x: (N, 2) centimetres.
        y: (N,) kinds, 0 to 2.
    """

    file: Path
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.int64]


def write(folder: Path) -> tuple[Flowers, Flowers]:
    """Write ``iris_train.csv`` and ``iris_test.csv``, as many of each kind; the same bytes each time.

    Returns:
        Those to learn from, and those to be judged by.

    Raises:
        PathNotWritable: They cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    from sklearn.datasets import load_iris

    data = load_iris()
    random = np.random.default_rng(_SEED)
    judges = np.zeros(len(data.target), bool)
    for kind in range(len(NAMES)):
        of_kind = np.flatnonzero(data.target == kind)
        judges[random.choice(of_kind, HELD_OUT // len(NAMES), replace=False)] = True
    return (
        _written(folder / "iris_train.csv", data.data[~judges, 2:], data.target[~judges]),
        _written(folder / "iris_test.csv", data.data[judges, 2:], data.target[judges]),
    )


def _written(path: Path, x: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> Flowers:
    rows = [",".join((*COLUMNS, "flower"))]
    rows += [f"{length:.1f},{width:.1f},{NAMES[kind]}" for (length, width), kind in zip(x.tolist(), y, strict=True)]
    return Flowers(files.write_whole(path, ("\n".join(rows) + "\n").encode("utf-8")), x, y.astype(np.int64))
