"""A cell's text as a number: decimal commas, thousands, full-width digits; and what stands for a missing one."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from BaseDT.escaping import quoted
from BaseDT.language import say

_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--", "—", "缺失", "无", "空"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_INFINITE = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for a value that nobody has: empty, ``NA``, ``?``, 缺失 …"""
    return cell.strip().lower() in _MISSING


def number(cell: str, *, thousands: bool = False) -> float | None:
    """Return the number that a cell holds; None where it holds none; infinity where it says so.

    Args:
        cell: Text.
        thousands: Whether a comma parts thousands (``1,234``) and is no decimal comma.
    """
    text = unicodedata.normalize("NFKC", cell).strip().replace("\u2212", "-")  # ５．１ and the minus of printers
    if _NUMBER.fullmatch(text):
        return float(text)
    if thousands and _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if not thousands and _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return math.copysign(math.inf, -1 if text.startswith("-") else 1) if _INFINITE.fullmatch(text) else None


def fault_of(cell: str) -> tuple[str, str]:
    """Return what is wrong with a cell that holds no finite number, and what to do about it, for an error."""
    if is_missing(cell):
        return say("is missing", "缺失"), say(
            "Fill the gaps, or delete these rows.", "请补全缺失的数值，或删除这些行。"
        )
    found = quoted(cell, 40)
    if number(cell) is not None:
        hint = say("Correct it, or delete these rows.", "请更正，或删除这些行。")
        return say(f"is not finite: {found}", f"不是有限的数：{found}"), hint
    hint = say(
        "Take the column out of the table, or write numbers for its words.", "请从表格中去掉这一列，或用数字代替文字。"
    )
    return say(f"is no number: {found}", f"不是数字：{found}"), hint


def numbers(cells: Sequence[str], *, parted_by_commas: bool) -> npt.NDArray[np.float64]:
    """Return a column's numbers; NaN where a cell holds none, or is missing.

    Args:
        cells: Of one column.
        parted_by_commas: Whether the file's columns are: a comma inside a cell then parts thousands, if it can.
    """
    fast = _plain_numbers(cells)
    if fast is not None:
        return fast
    thousands = parted_by_commas and all(_parts_thousands(cell) for cell in cells if "," in cell)
    found = (number(cell, thousands=thousands) for cell in cells)
    return np.array([math.nan if value is None else value for value in found], np.float64)


def _plain_numbers(cells: Sequence[str]) -> npt.NDArray[np.float64] | None:
    """Return the numbers of a column that Python itself reads; None where a cell is anything else."""
    try:
        values = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None
    # Python also reads 1_000, and has its own words for what is no number.
    return values if bool(np.isfinite(values).all()) and not any("_" in cell for cell in cells) else None


def _parts_thousands(cell: str) -> bool:
    return _THOUSANDS.fullmatch(unicodedata.normalize("NFKC", cell).strip()) is not None
