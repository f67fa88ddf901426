"""scikit-learn's own tables as CSV files: a header of names, numbers, and what is to be told in the last column.

No network. Iris: 150 flowers (Fisher 1936). Wine: 178 wines of three growers (Forina 1988). Diabetes: 442 patients, and
how far their illness went within a year (Efron et al. 2004).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from BaseDT.files import write_whole


def write_iris(file: Path) -> Path:
    """Write the flowers: four lengths in cm, and the name of the kind.

    Raises:
        PathNotWritable, DiskFull: The file cannot be written (-104, -803).
    """
    from sklearn.datasets import load_iris

    return _write_classes(file, load_iris(), "species")


def write_wine(file: Path) -> Path:
    """Write the wines: thirteen measures, and the number of the grower.

    Raises:
        PathNotWritable, DiskFull: The file cannot be written (-104, -803).
    """
    from sklearn.datasets import load_wine

    return _write_classes(file, load_wine(), "grower")


def write_diabetes(file: Path) -> Path:
    """Write the patients: ten measures as they were taken, and how far the illness went.

    Raises:
        PathNotWritable, DiskFull: The file cannot be written (-104, -803).
    """
    from sklearn.datasets import load_diabetes

    told = load_diabetes(scaled=False)
    return _write(file, [*told.feature_names, "progression"], zip(told.data, told.target, strict=True))


def _write_classes(file: Path, told: Any, target: str) -> Path:
    names = [str(told.target_names[label]) for label in told.target]
    return _write(file, [*map(_plain_name, told.feature_names), target], zip(told.data, names, strict=True))


def _write(file: Path, names: Sequence[str], rows: Iterable[tuple[Iterable[float], object]]) -> Path:
    lines = [",".join(names)]
    lines += [",".join([*(f"{value:g}" for value in values), _said(last)]) for values, last in rows]
    return write_whole(file, "".join(f"{line}\n" for line in lines).encode())


def _said(value: object) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _plain_name(name: str) -> str:
    """Return a column's name without what breaks a line of a CSV, and without its unit."""
    return name.partition(" (")[0].replace(" ", "_").replace("/", "_")
