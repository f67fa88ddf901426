"""What is in memory already, as numbers with names of columns: arrays, lists, tuples, frames, tensors.

Frames are known by what they can do (``columns``, ``to_numpy``): pandas itself is not needed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid
from BaseDT.escaping import quoted
from BaseDT.language import english, say
from BaseDT.tabular.cells import fault_of, numbers
from BaseDT.tabular.labels import Labels, labels_of, whole_labels
from BaseDT.tabular.table import Numbers


@dataclass(frozen=True)
class Rows:
    """Rows of numbers.

    Attributes:
        values: (N, F) float64, finite.
        names: Of the columns; empty where there are none.
    """

    values: Numbers
    names: tuple[str, ...] = ()


def as_rows(parameter: str, value: object) -> Rows:
    """Return data as rows of numbers; what has one axis is one column, what has more than two is flattened.

    Args:
        parameter: Who asks, for the message.
        value: An array, lists, a frame, a tensor. An array of float64 is returned itself, not copied.

    Raises:
        DatasetInvalid: Nothing, rows of different lengths, words, missing or infinite numbers; the message
            names row and column, counted from 0 as Python counts (-201).
    """
    array = as_array(parameter, value)
    if array.ndim < 2:
        array = array.reshape(-1, 1)
    if not array.size:
        raise _no_data(parameter, value)
    flat = array.reshape(len(array), -1)
    return Rows(_finite(parameter, flat), column_names(value, flat.shape[1]))


def as_labels(parameter: str, value: object) -> Labels:
    """Return data as labels, one a row: whole numbers as they are, words numbered by their order.

    Raises:
        DatasetInvalid: There are several a row, one is missing, or is a number with a fraction (-201).
    """
    array = as_array(parameter, value)
    if array.size != len(array):
        raise _fault(
            parameter,
            say(f"has {array.shape[1:]} labels a row", f"每行有 {array.shape[1:]} 个标签"),
            say("One label a row is needed: a column of numbers or words.", "每行需要一个标签：一列数字或文字。"),
        )
    flat = array.reshape(-1)

    def where(row: int) -> str:
        return f"{parameter}[{row}]"

    if flat.dtype.kind in "OSU":
        return labels_of([_text(cell) for cell in flat], "", where)
    if flat.dtype.kind in "bi":
        return Labels(flat.astype(np.int64))
    return whole_labels(flat.astype(np.float64), "", where)


def as_numbers(parameter: str, value: object) -> Numbers:
    """Return what is to be estimated: (N,) for one number a row, (N, K) for several.

    Raises:
        DatasetInvalid: As in ``as_rows`` (-201).
    """
    values = as_rows(parameter, value).values
    return values[:, 0] if values.shape[1] == 1 else values


def as_array(parameter: str, value: object) -> npt.NDArray[Any]:
    """Return data as an array of numbers or texts, with at least one axis.

    Raises:
        DatasetInvalid: It holds no data, or rows of different lengths (-201).
    """
    if hasattr(value, "detach"):  # a tensor of torch, which may be on a GPU or remember its making
        value = value.detach().cpu()
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, (str, bytes, dict, set)) or value is None:
        raise _no_data(parameter, value)
    try:
        array = np.asarray(value if hasattr(value, "__array__") else _listed(value))
    except (ValueError, TypeError, OverflowError):
        raise _ragged(parameter, value) or _no_data(parameter, value) from None
    if array.ndim == 0 or array.dtype.kind not in "biufOSU":
        raise _no_data(parameter, value)
    return array


def column_names(value: object, width: int) -> tuple[str, ...]:
    """Return the names of a frame's columns, or of a series; empty where there are none, or mere numbers."""
    names = getattr(value, "columns", None)
    if names is None:
        name = getattr(value, "name", None)
        names = [name] if isinstance(name, str) else []
    listed = tuple(str(name) for name in names)
    return listed if len(listed) == width and not all(name.isdigit() for name in listed) else ()


def _listed(value: object) -> object:
    """Return what ``numpy`` can read: a list of whatever can be gone through."""
    return value if isinstance(value, (list, tuple, int, float)) else list(value)  # type: ignore[call-overload]


def _finite(parameter: str, array: npt.NDArray[Any]) -> Numbers:
    """Return finite numbers of an array of numbers or texts."""
    values = array.astype(np.float64, copy=False) if array.dtype.kind in "biuf" else _read(array)
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(values.sum()):  # one pass over many rows; what is left may also be a sum too large
            return values
    bad = np.argwhere(~np.isfinite(values))
    if not len(bad):
        return values
    row, column = (int(index) for index in bad[0])
    more = say(f" So are {len(bad) - 1} more.", f"另有 {len(bad) - 1} 处。") if len(bad) > 1 else ""
    fault, hint = fault_of(_text(array[row, column]))
    place = f"{parameter}[{row}, {column}]"
    raise DatasetInvalid(say(f"{place} {english(fault)}.{english(more)}", f"{place} {fault}。{more}"), hint=hint)


def _read(array: npt.NDArray[Any]) -> Numbers:
    """Read an array of texts, or of mixed things, as numbers; NaN where one is none."""
    texts = [_text(cell) for cell in array.reshape(-1)]
    return numbers(texts, parted_by_commas=False).reshape(array.shape)


def _text(cell: object) -> str:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, (bool, np.bool_)):
        return str(int(cell))
    return "" if cell is None else str(cell)


def _no_data(parameter: str, value: object) -> DatasetInvalid:
    return _fault(
        parameter,
        say(f"holds no rows of numbers: {quoted(value, 60)}", f"不是若干行数字：{quoted(value, 60)}"),
        say(
            "Give an array, a frame, or lists of equal length, e.g. [[5.1, 3.5], [4.9, 3.0]].",
            "请传入数组、DataFrame，或长度相同的列表，例如 [[5.1, 3.5], [4.9, 3.0]]。",
        ),
    )


def _ragged(parameter: str, value: object) -> DatasetInvalid | None:
    """Return the error that names the first row of another length; None where all have one."""
    rows = list(value) if isinstance(value, (list, tuple)) else []
    lengths = [len(row) for row in rows if isinstance(row, (list, tuple, np.ndarray))]
    if len(lengths) < len(rows) or len(set(lengths)) < 2:
        return None
    usual = Counter(lengths).most_common(1)[0][0]
    row = next(row for row, length in enumerate(lengths) if length != usual)
    has = "1 value" if lengths[row] == 1 else f"{lengths[row]} values"
    return _fault(
        f"{parameter}[{row}]",
        say(f"has {has}, and other rows have {usual}", f"有 {lengths[row]} 个值，而其他行有 {usual} 个"),
        say("Every row needs the same number of values.", "每一行的数值个数应当相同。"),
    )


def _fault(parameter: str, fault: str, hint: str) -> DatasetInvalid:
    return DatasetInvalid(say(f"{parameter} {english(fault)}.", f"{parameter} {fault}。"), hint=hint)
