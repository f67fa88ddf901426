"""A table's columns as samples: which are learned from, which are labels, which only count the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid, ParameterInvalid
from BaseDT.language import english, say
from BaseDT.tabular import decimal_commas
from BaseDT.tabular.cells import is_missing, numbers
from BaseDT.tabular.table import Table
from BaseML.data.loaded import Loaded, Wanted, as_columns, in_words, is_given, use_classification
from BaseML.trained import Columns

_FEW = 5
"""So few rows may be counted by chance."""


def of_table(table: Table, x_column: object, y_column: object, wanted: Wanted) -> Loaded:
    """Take columns of a table.

    Args:
        table: As it lies in the file.
        x_column: Columns to learn from; empty: all that are not labels. A first column without a name that counts the
            rows, as pandas writes it, is then left out.
        y_column: Columns of the labels; empty: the last, where labels are needed and it is not in ``x_column``.
        wanted: What the labels are for.

    Raises:
        DatasetInvalid, ParameterInvalid: -201, -305.
    """
    target = table.select("y_column", as_columns(y_column)) if is_given(y_column) else []
    chosen = table.select("x_column", as_columns(x_column)) if is_given(x_column) else []
    notes: tuple[str, ...] = ()
    if not target and wanted != "anything":
        target, notes = _last(table, chosen)
    if not chosen:
        chosen, notes = _without_numbering(table, [n for n in range(table.width) if n not in target])
    _refuse_shared(chosen, target, wanted)
    if not chosen:
        raise _no_features(table.source)
    x = table.numbers(chosen)
    y = _target_of(table, target, wanted) if target else None
    columns = Columns(table.width, tuple(chosen), tuple(target), table.names_of(target))
    return Loaded(
        x, y, table.names_of(chosen), (*decimal_commas.notes(table), *notes, *_counting(table, chosen, x)), columns
    )


def _last(table: Table, chosen: list[int]) -> tuple[list[int], tuple[str, ...]]:
    """Return the last column as that of the labels; none, and a note, where it is learned from."""
    last = table.width - 1
    if last not in chosen:
        return [last], ()
    note = say(
        f"{table.source}: the last column is in x_column, so there are no labels. Name theirs: y_column=[...].",
        f"{table.source}：最后一列在 x_column 中，因此没有标签。请用 y_column=[...] 指明标签列。",
    )
    return [], (note,)


def _without_numbering(table: Table, columns: list[int]) -> tuple[list[int], tuple[str, ...]]:
    """Leave out the column that pandas puts before a table: without a name, 0, 1, 2 …"""
    if len(columns) < 2 or columns[0] != 0 or table.names[0] or not any(table.names):
        return columns, ()
    if list(table.columns[0]) != [str(row) for row in range(table.rows)]:
        return columns, ()
    note = say(
        f"{table.source}: column 0 has no name and counts the rows; it is left out.",
        f"{table.source}：第 0 列没有列名，只是行号，没有使用。",
    )
    return columns[1:], (note,)


def _counting(table: Table, columns: Sequence[int], x: npt.NDArray[np.float64]) -> tuple[str, ...]:
    """Tell of columns that count the rows: where these are sorted, their number gives the class away."""
    if len(x) < _FEW:
        return ()
    counted = np.arange(len(x))
    found = [column for place, column in enumerate(columns) if bool((x[:, place] - x[0, place] == counted).all())]
    return tuple(
        say(
            f"{table.source}: {english(table.what_is(column))} counts the rows: it tells nothing of new ones. Leave it "
            "out with x_column=[...].",
            f"{table.source}：{table.what_is(column)}只是行号，对新数据没有意义。请用 x_column=[...] 去掉它。",
        )
        for column in found
        if x[0, columns.index(column)] in (0, 1)
    )


def _target_of(table: Table, columns: list[int], wanted: Wanted) -> npt.NDArray[Any]:
    """Return what is learned, as the user has it, (N,) or (N, K)."""
    if wanted == "classes":
        if len(columns) > 1:
            raise _several_labels(columns)
        return in_words(table.labels(columns[0]))
    if wanted == "anything":
        shown = np.array([_anything(table.columns[column]) for column in columns])
        return shown[0] if len(columns) == 1 else shown.T
    _refuse_words(table, columns)
    values = table.numbers(columns)
    return values[:, 0] if len(columns) == 1 else values


def _anything(cells: Sequence[str]) -> npt.NDArray[Any]:
    """Return a column that is only shown: numbers where it has some, otherwise its words."""
    values = numbers(cells, parted_by_commas=True)
    return values if bool(np.isfinite(values).all()) else np.array(cells)


def _refuse_shared(chosen: list[int], target: list[int], wanted: Wanted) -> None:
    shared = sorted(set(chosen) & set(target))
    if shared and wanted != "anything":
        raise ParameterInvalid(
            say(
                f"Column {shared[0]} is in x_column and in y_column.",
                f"第 {shared[0]} 列同时在 x_column 和 y_column 中。",
            ),
            hint=say("A label must not be learned from itself.", "标签列不能同时作为数据列。"),
        )


def _no_features(source: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"{source} has one column: nothing to learn from.", f"{source} 只有一列：没有可以学习的数据。"),
        hint=say("It needs columns of numbers, and one of labels.", "应包含若干列数字，以及一列标签。"),
    )


def _several_labels(columns: list[int]) -> ParameterInvalid:
    return ParameterInvalid(
        say(f"y_column={columns} names several columns of labels.", f"y_column={columns} 指明了多个标签列。"),
        hint=say("One label a row is needed.", "每行需要一个标签。"),
    )


def _refuse_words(table: Table, columns: list[int]) -> None:
    """Refuse words where numbers are estimated, with the way out; gaps get their own error."""
    for column in columns:
        cells = [cell for cell in table.columns[column] if not is_missing(cell)]
        if cells and np.isnan(numbers(cells, parted_by_commas=table.parted_by_commas)).all():
            place = table.place(0)
            raise DatasetInvalid(
                say(
                    f"{place}: {table.what_is(column)} holds words, such as {cells[0]!r:.42}.",
                    f"{place}：{table.what_is(column)}是文字，例如 {cells[0]!r:.42}。",
                ),
                hint=use_classification(),
            )
