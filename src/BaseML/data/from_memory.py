"""Arrays, lists and frames as samples: their columns are chosen before they are read, for others may hold words."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from BaseDT.arguments import invalid
from BaseDT.errors import DatasetInvalid, ParameterInvalid
from BaseDT.language import say
from BaseDT.tabular.arrays import as_array, as_labels, as_numbers, as_rows, column_names
from BaseDT.tabular.table import Table
from BaseML.data.loaded import Loaded, Wanted, as_columns, in_words, is_empty, is_given, use_classification
from BaseML.trained import Columns


def of_memory(x: object, y: object, x_column: object, y_column: object, wanted: Wanted) -> Loaded:
    """Take samples of what is in memory; arguments as in ``loading.load``.

    Raises:
        DatasetInvalid, ParameterInvalid: -201, -305.
    """
    target = target_of(y, wanted, y_column)
    inside = target is None and is_given(y_column)
    if not inside and not is_given(x_column):
        rows = as_rows("X", x)
        return _checked(Loaded(rows.values, target, rows.names))
    array = as_array("X", x)
    if array.ndim != 2:
        raise invalid("X", x, "rows of several columns, where columns are chosen", "多列的数据（选择列时）")
    names = column_names(x, array.shape[1])
    labels = _numbered("y_column", y_column, array.shape[1], names) if inside else []
    if is_given(x_column):
        chosen = _numbered("x_column", x_column, array.shape[1], names)
    else:
        chosen = [column for column in range(array.shape[1]) if column not in labels]
    if inside:
        target = target_of(array[:, labels], wanted)
    values = as_rows("X", array[:, chosen]).values
    told_names = tuple(names[column] for column in labels) if names else ()
    columns = Columns(array.shape[1], tuple(chosen), tuple(labels), told_names)
    return _checked(Loaded(values, target, tuple(names[column] for column in chosen) if names else (), columns=columns))


def _checked(loaded: Loaded) -> Loaded:
    """Return samples of which every row has its label.

    Raises:
        ParameterInvalid: There are more or fewer labels (-305).
    """
    if loaded.y is None or len(loaded.y) == len(loaded.x):
        return loaded
    rows, labels = len(loaded.x), len(loaded.y)
    raise ParameterInvalid(
        say(f"X has {rows} rows, but y has {labels}.", f"X 有 {rows} 行，而 y 有 {labels} 行。"),
        hint=say("Every row needs its own label.", "每一行都需要一个标签。"),
    )


def target_of(y: object, wanted: Wanted, y_column: object = ()) -> npt.NDArray[Any] | None:
    """Return what is learned as the user has it; None where nothing was given.

    Raises:
        DatasetInvalid, ParameterInvalid: -201, -305.
    """
    if is_empty(y):
        return None
    array = as_array("y", y)
    if is_given(y_column) and array.ndim == 2:
        array = array[:, _numbered("y_column", y_column, array.shape[1], column_names(y, array.shape[1]))]
    if wanted == "classes":
        return in_words(as_labels("y", array))
    if wanted == "anything":
        return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    try:
        return as_numbers("y", array)
    except DatasetInvalid as error:
        raise DatasetInvalid(error.message, hint=use_classification()) from None


def _numbered(parameter: str, columns: object, width: int, names: tuple[str, ...]) -> list[int]:
    """Return column numbers of an array, checked as those of a table are."""
    source = "X" if parameter == "x_column" else "y"
    return Table(names or ("",) * width, ((),) * width, (), source).select(parameter, as_columns(columns))
