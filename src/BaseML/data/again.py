"""Another table like that which a model was trained on: its columns by the names, else the numbers that they had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from BaseDT.errors import DatasetNotLoaded
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseDT.tabular.known_rows import columns_named
from BaseDT.tabular.reading import read_table
from BaseDT.tabular.table import Numbers, Table
from BaseML.data.from_table import of_table
from BaseML.data.loaded import Wanted
from BaseML.trained import Columns, TrainedModel


def rows_of_file(model: TrainedModel, path: Path, wanted: Wanted) -> tuple[Numbers, npt.NDArray[Any] | None]:
    """Read rows, and labels where some are wanted, to score a model with.

    Raises:
        DatasetNotFound, DatasetInvalid: -101, -201.
        InputMismatch: Some of the columns that were learned from are missing (-309).
        DatasetNotLoaded: Nothing tells which column holds the labels (-603).
    """
    table = read_table(path)
    given = _given(table, model)
    told: list[int] = []
    if wanted == "anything":
        given = given or [*range(min(table.width, model.width or table.width))]  # what is behind is not grouped
    else:
        told = _told(table, model.columns, given)
    loaded = of_table(table, given, told, wanted)
    return loaded.x, loaded.y


def _given(table: Table, model: TrainedModel) -> list[int]:
    """Return the columns that were learned from; empty for all others than the labels."""
    found = columns_named(table.names, model.features)
    if found is not None:
        return found
    return [*model.columns.given] if table.width == model.columns.width else []


def _told(table: Table, columns: Columns, given: list[int]) -> list[int]:
    """Return the columns of labels: by name, by number, or the one that is left."""
    names = [name for name in columns.told_names if name]
    if names and all(table.names.count(name) == 1 for name in names):
        return [table.names.index(name) for name in names]
    if table.width == columns.width and columns.told and not (names and any(table.names)):
        return [*columns.told]
    left = [column for column in range(table.width) if column not in given]
    if len(columns.told) < 2 and left and (not given or len(left) == 1 or not columns.told):
        return left[-1:]
    raise _no_label(table, names)


def _no_label(table: Table, names: list[str]) -> DatasetNotLoaded:
    wanted = ", ".join(quoted(name, 40) for name in names)
    en, zh = (f": the model learned {wanted}", f"：模型学习的是 {wanted}") if names else ("", "")
    return DatasetNotLoaded(
        say(f"{table.source} has no column that is known as the label{en}.", f"{table.source} 中找不到标签列{zh}。"),
        hint=say(
            "Give the column this name, or the rows and labels themselves: valid(x=..., y=...).",
            "请把标签列改成这个列名，或直接传入数据和标签：valid(x=..., y=...)。",
        ),
    )
