"""The rows of a table for which a model is to answer: which of its columns the model knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from BaseDT import onnx_file
from BaseDT.errors import CheckpointNotFound
from BaseDT.language import say
from BaseDT.tabular.table import Numbers
from MMEdu.actions import learning_tables

TABLES = (".csv", ".txt", ".tsv")


def rows(path: Path, width: int, names: Sequence[str] = ()) -> Numbers:
    """Return rows (N, F): the columns that a model knows by name, else the first ones, so that labels may follow.

    Args:
        path: The table.
        width: How many columns the model takes; 0: all.
        names: Of the columns it was trained on; empty where it knows none.

    Raises:
        DatasetNotFound, DatasetInvalid: It is not there, or a cell is no number (-101, -201).
    """
    table = learning_tables.look(path).table
    if names and set(names) <= set(table.names):
        return table.numbers(table.select("x_column", list(names)))
    return table.numbers(list(range(min(width, table.width) if width else table.width)))


def width_of_exported(file: Path) -> int:
    """Return how many columns an ONNX file takes; 0 where it does not say, or takes no rows.

    Raises:
        CheckpointNotFound: There is no such file (-102).
    """
    if not file.is_file():
        raise CheckpointNotFound(
            say(f"No such checkpoint file: {file}", f"没有该权重文件：{file}"),
            hint=say("Check the path.", "请检查路径。"),
        )
    header = onnx_file.read(file)
    shapes = [shape for shape in ({} if header is None else header.inputs).values() if len(shape) == 2]
    return int(shapes[0][1] or 0) if shapes else 0
