"""Decimal commas between commas: ``5,1,3,5`` may be 5.1 and 3.5, and is read as four numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.tabular.table import Table

_LEAST_ROWS, _LEAST_PAIRS = 10, 2
_WHOLE, _FRACTION = re.compile(r"[+-]?\d+"), re.compile(r"\d+")


def notes(table: Table) -> tuple[str, ...]:
    """Tell of a table whose columns look like whole numbers and their fractions in turn, a last one may be left over.

    Nowhere is a point, each column of fractions has one length, as a program writes them, and more different values
    than the whole numbers before it. A line of names would have as many names as columns.
    """
    pairs = [*zip(table.columns[::2], table.columns[1::2], strict=False)]
    if not table.parted_by_commas or any(table.names) or table.rows < _LEAST_ROWS or len(pairs) < _LEAST_PAIRS:
        return ()
    if not all(_is_pair(whole, fraction) for whole, fraction in pairs):
        return ()
    source, first = one_line(table.source), f"{pairs[0][0][0].strip()},{pairs[0][1][0].strip()}"
    return (
        say(
            f"{source}: '{first}' is read as two columns. If it is one number with a decimal comma, save the table "
            "with semicolons between the columns, or with points in the numbers.",
            f"{source}：“{first}”按两列读取。如果它是一个小数（逗号作小数点），"
            "请用分号分隔各列，或把小数点写成“.”，再保存表格。",
        ),
    )


def hint(lines: Iterable[Sequence[str]]) -> str:
    """Return what may be the matter where lines have other widths and no number has a point; else nothing."""
    if any("." in cell for cells in lines for cell in cells):
        return ""
    return say(
        "If its numbers have decimal commas, part the columns by semicolons.",
        "如果数字中的逗号是小数点，请用分号分隔各列。",
    )


def _is_pair(whole: Sequence[str], fraction: Sequence[str]) -> bool:
    wholes, fractions = ({cell.strip() for cell in cells} for cells in (whole, fraction))
    return (
        len(wholes) < len(fractions)
        and len({*map(len, fractions)}) == 1
        and all(map(_WHOLE.fullmatch, wholes))
        and all(map(_FRACTION.fullmatch, fractions))
    )
