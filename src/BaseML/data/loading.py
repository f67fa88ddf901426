"""What ``load_dataset`` takes, whatever its form, as rows of numbers with what is to be learned of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_choice, checked_path, invalid
from BaseDT.errors import DatasetInvalid, ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseDT.tabular.arrays import Rows, as_array, as_labels, as_numbers, as_rows
from BaseDT.tabular.cells import is_missing, numbers
from BaseDT.tabular.labels import Labels
from BaseDT.tabular.reading import read_table
from BaseDT.tabular.table import Columns, Numbers, Table
from BaseML.algorithms.kind import Family

Wanted = Literal["classes", "numbers", "anything"]
"""What ``y`` is: classes, numbers to estimate, or something that is only shown."""
_FORMS = ("csv", "txt", "numpy", "pandas", "list")


@dataclass(frozen=True)
class Loaded:
    """Samples.

    Attributes:
        x: (N, F) float64, finite.
        y: (N,) or (N, K), as the user has it: words, whole numbers, numbers; None where there is none.
        features: Names of the columns of ``x``; empty where there are none.
        target: Name of what is learned; empty where there is none.
    """

    x: Numbers
    y: npt.NDArray[Any] | None
    features: tuple[str, ...] = ()
    target: str = ""


def wanted_by(family: Family, needs_labels: bool) -> Wanted:
    """Return what an algorithm takes ``y`` for."""
    if family == "regression":
        return "numbers"
    return "classes" if needs_labels else "anything"


def load(x: object, y: object, form: object, x_column: object, y_column: object, wanted: Wanted) -> Loaded:
    """Read what the user gave.

    Args:
        x: A path, an array, lists, a frame.
        y: Likewise; empty or None where the labels are columns of ``x``, or there are none.
        form: One of the documented ``type``; None looks at ``x``.
        x_column: Columns to learn from; empty: all that are not labels.
        y_column: Columns of the labels; empty: all of ``y``; of a file the last, where labels are needed.
        wanted: What ``y`` is for.

    Raises:
        DatasetNotFound, DatasetInvalid, ParameterInvalid: -101, -201, -305.
    """
    if form is not None:
        check_choice("type", form, _FORMS)
    is_file = isinstance(x, (str, os.PathLike))
    if form in ("csv", "txt") and not is_file:
        raise invalid("X", _short(x), f"the path of a file, as type={form!r} says", f"文件路径（type={form!r}）")
    if is_file:
        return of_table(read_table(checked_path("X", x)), x_column, y_column, wanted)
    return _of_memory(x, y, x_column, y_column, wanted)


def of_table(table: Table, x_column: object, y_column: object, wanted: Wanted) -> Loaded:
    """Take columns of a table.

    Raises:
        DatasetInvalid, ParameterInvalid: -201, -305.
    """
    target = table.select("y_column", _columns(y_column)) if _is_given(y_column) else []
    if not target and not _is_given(x_column) and wanted != "anything":
        target = [table.width - 1]
    if _is_given(x_column):
        chosen = table.select("x_column", _columns(x_column))
    else:
        chosen = [column for column in range(table.width) if column not in target]
    _refuse_shared(chosen, target, wanted)
    if not chosen:
        raise _no_features(table.source)
    y = _target_of(table, target, wanted) if target else None
    return Loaded(table.numbers(chosen), y, table.names_of(chosen), " ".join(table.names_of(target)))


def _target_of(table: Table, columns: list[int], wanted: Wanted) -> npt.NDArray[Any]:
    if wanted == "classes":
        if len(columns) > 1:
            raise _several_labels(columns)
        return in_words(table.labels(columns[0]))
    if wanted == "anything":
        return (
            _anything(table.columns[columns[0]])
            if len(columns) == 1
            else np.array([table.columns[column] for column in columns]).T
        )
    _refuse_words(table, columns)
    values = table.numbers(columns)
    return values[:, 0] if len(columns) == 1 else values


def in_words(labels: Labels) -> npt.NDArray[Any]:
    """Return labels as the user has them: words where they were words."""
    return np.array(labels.classes)[labels.values] if labels.classes else labels.values


def _anything(cells: Sequence[str]) -> npt.NDArray[Any]:
    """Return a column that is only shown: numbers where it has some, otherwise its words."""
    values = numbers(cells, parted_by_commas=True)
    return values if bool(np.isfinite(values).all()) else np.array(cells)


def _of_memory(x: object, y: object, x_column: object, y_column: object, wanted: Wanted) -> Loaded:
    target = target_of(y, wanted, y_column)
    rows, inside = (
        _split_off(x, y_column, wanted) if target is None and _is_given(y_column) else (as_rows("X", x), None)
    )
    target = inside if target is None else target
    if _is_given(x_column):
        rows = _chosen(rows, x_column)
    if target is not None and len(target) != len(rows.values):
        raise ParameterInvalid(
            say(
                f"X has {len(rows.values)} rows, but y has {len(target)}.",
                f"X 有 {len(rows.values)} 行，而 y 有 {len(target)} 行。",
            ),
            hint=say("Every row needs its own label.", "每一行都需要一个标签。"),
        )
    name = getattr(y, "name", None)
    return Loaded(rows.values, target, rows.names, name if isinstance(name, str) else "")


def target_of(y: object, wanted: Wanted, y_column: object = ()) -> npt.NDArray[Any] | None:
    """Return what is learned as the user has it; None where nothing was given.

    Raises:
        DatasetInvalid, ParameterInvalid: -201, -305.
    """
    if is_empty(y):
        return None
    array = as_array("y", y)
    if _is_given(y_column) and array.ndim == 2:
        array = array[:, _numbered("y_column", _columns(y_column), array.shape[1], ())]
    if wanted == "classes":
        return in_words(as_labels("y", array))
    if wanted == "anything":
        return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    try:
        return as_numbers("y", array)
    except DatasetInvalid as error:
        raise DatasetInvalid(error.message, hint=_use_classification()) from None


def _split_off(x: object, y_column: object, wanted: Wanted) -> tuple[Rows, npt.NDArray[Any] | None]:
    """Take the labels out of the columns of one array."""
    array = as_array("X", x)
    if array.ndim != 2:
        raise invalid("y_column", y_column, "left out: X has one column", "空：X 只有一列")
    names = _frame_names(x, array.shape[1])
    target = _numbered("y_column", _columns(y_column), array.shape[1], names)
    rest = [column for column in range(array.shape[1]) if column not in target]
    rows = as_rows("X", array[:, rest]) if rest else as_rows("X", array)
    kept = tuple(names[column] for column in rest) if names else ()
    return Rows(rows.values, kept), target_of(array[:, target], wanted)


def _frame_names(value: object, width: int) -> tuple[str, ...]:
    from BaseDT.tabular.arrays import column_names

    return column_names(value, width)


def _chosen(rows: Rows, x_column: object) -> Rows:
    columns = _numbered("x_column", _columns(x_column), rows.values.shape[1], rows.names)
    return Rows(rows.values[:, columns], tuple(rows.names[column] for column in columns) if rows.names else ())


def _numbered(parameter: str, columns: Columns, width: int, names: tuple[str, ...]) -> list[int]:
    """Return column numbers of an array, checked as those of a table are."""
    table = Table(names or ("",) * width, ((),) * width, (), "X" if parameter == "x_column" else "y")
    return table.select(parameter, columns)


def _columns(value: object) -> Columns:
    return value  # type: ignore[return-value]  # checked where it is used


def _is_given(columns: object) -> bool:
    """Tell whether the user chose columns: an empty list is the documents' way to leave them out."""
    return isinstance(columns, str) or not is_empty(columns)


def is_empty(value: object) -> bool:
    """Tell whether nothing was given: None, or a list, array or frame of no length."""
    if value is None:
        return True
    try:
        return len(value) == 0  # type: ignore[arg-type]  # what has no length is something
    except TypeError:
        return False


def _short(value: object) -> str:
    return quoted(value, 60)


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
                hint=_use_classification(),
            )


def _use_classification() -> str:
    return say(
        "A regression estimates numbers; Classification tells classes apart.",
        "回归预测的是数值；如果要区分类别，请使用 Classification。",
    )
