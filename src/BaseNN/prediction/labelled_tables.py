"""Files of tables whose last column is the label: rows to answer, and what is right."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import checked_path
from BaseDT.errors import DatasetInvalid
from BaseDT.language import english, say
from BaseDT.tabular.reading import read_table
from BaseDT.tabular.table import Table
from BaseDT.terminal import write_line
from BaseNN.files.trained import TrainedNetwork


def parted(path: str | os.PathLike[str], network: TrainedNetwork) -> tuple[npt.NDArray[np.float64], Any]:
    """Return the rows of a file, and what is right for each of them.

    Args:
        path: A table; its last column is the label.
        network: That is to answer.

    Returns:
        Rows, (N, F); labels as the network counts them, (N,) int64, or numbers (N,) where it tells numbers; None, after
        a line that says why, where the last column holds none of its labels.

    Raises:
        DatasetNotFound, DatasetInvalid: There is no such file; a cell is no number (-101, -201).
    """
    table = read_table(checked_path("data", path))
    rows = table.numbers(range(table.width - 1))
    try:
        return rows, _numbers(table) if network.task == "reg" else _labels(table, network.classes)
    except DatasetInvalid as error:
        reason = error.message.rstrip(".。")
        write_line(say(f"val_label stays empty: {english(reason)}.", f"val_label 为空：{reason}。"))
        return rows, None


def _numbers(table: Table) -> npt.NDArray[np.float32]:
    return table.numbers([table.width - 1])[:, 0].astype(np.float32)


def _labels(table: Table, classes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    labels = table.labels(table.width - 1)
    if not labels.classes and not _are_named(labels.names(labels.values), classes):
        return labels.values  # counted from 0, whatever their names
    numbers = {name: number for number, name in enumerate(classes)}
    unknown = next((name for name in labels.names(labels.values) if name not in numbers), None)
    if unknown is not None:
        raise DatasetInvalid(say(f"the network knows no class {unknown}", f"网络没有类别 {unknown}"))
    return np.array([numbers[name] for name in labels.names(labels.values)], np.int64)


def _are_named(names: list[str], classes: tuple[str, ...]) -> bool:
    """Whether labels that are numbers are meant by their names: those that did not count from 0 in the training."""
    return bool(classes) and all(name in classes for name in names)
