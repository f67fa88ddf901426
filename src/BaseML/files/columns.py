"""Where a model's columns stood in the user's table, as a file says it."""

from __future__ import annotations

from typing import Any

from BaseML.files.nodes import Damaged
from BaseML.trained import UNKNOWN, Columns

_MOST = 2**31


def to_plain(columns: Columns) -> dict[str, Any]:
    """Return plain data."""
    return {
        "width": int(columns.width),
        "given": [int(number) for number in columns.given],
        "told": [int(number) for number in columns.told],
        "told_names": [str(name) for name in columns.told_names],
    }


def from_plain(values: Any) -> Columns:
    """Return where columns stood; nothing of files that do not say so.

    Raises:
        Damaged: No table has such columns.
    """
    if values is None:
        return UNKNOWN
    if not isinstance(values, dict) or type(width := values.get("width")) is not int or not 0 <= width < _MOST:
        raise Damaged("columns of no table")
    names = values.get("told_names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Damaged("names of columns that are no texts")
    return Columns(width, _numbers(values, "given", width), _numbers(values, "told", width), tuple(names))


def _numbers(values: dict[Any, Any], name: str, width: int) -> tuple[int, ...]:
    numbers = values.get(name)
    if not isinstance(numbers, list) or not all(type(number) is int and 0 <= number < width for number in numbers):
        raise Damaged("columns that the table does not have")
    return tuple(numbers)
