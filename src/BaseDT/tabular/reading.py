"""``read_table``: a CSV or text file becomes a ``Table``, whatever parts its columns, with a line of names or without.

UTF-8 with or without mark, GBK, UTF-16; commas, semicolons, tabs, Chinese commas, bars, spaces.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from BaseDT import contents
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import DatasetInvalid, DatasetNotFound, did_you_mean
from BaseDT.files import what_is_at
from BaseDT.language import say
from BaseDT.tabular import decimal_commas
from BaseDT.tabular.cells import is_missing, number
from BaseDT.tabular.table import Table

Rows: TypeAlias = "list[tuple[int, list[str]]]"
_MARKS = ("\t", ";", ",", "；", "，", "|", " ")
"""What may part columns; of equals the first."""
_SAMPLE = 50
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""What .xlsx, .ods and .xls begin with."""


def read_table(path: Path, *, header: bool | None = None) -> Table:
    """Read a table.

    Args:
        path: The file.
        header: Whether the first line holds the names of the columns; None looks whether it can be anything else.

    Raises:
        DatasetNotFound: There is no such file (-101).
        DatasetInvalid: It is no table, has no rows, or a line has too many or too few columns (-201).
    """
    _check_is_file(path)
    if _is_spreadsheet(path):
        raise _no_text(path.name)
    text = _without_declaration(read_text(path))
    lines = [line for line in text.splitlines() if line.strip()][:_SAMPLE]
    mark = _mark(lines)
    rows = _rows(path.name, text, mark)
    _check_widths(path.name, rows, mark)
    named = _first_is_names([cells for _, cells in rows]) if header is None else header
    names = tuple(cell.strip() for cell in rows[0][1]) if named else ("",) * len(rows[0][1])
    data = rows[1:] if named else rows
    if not data:
        raise _empty(path.name)
    columns = tuple(zip(*(cells for _, cells in data), strict=True))
    return Table(names, columns, tuple(line for line, _ in data), path.name, parted_by_commas=mark in (",", "，"))


def _check_is_file(path: Path) -> None:
    kind = what_is_at(path)
    if kind == "file":
        return
    if kind == "folder":
        raise DatasetInvalid(
            say(f"{path} is a folder, not a table.", f"{path} 是文件夹，不是表格。"),
            hint=say("Name a .csv or .txt file.", "请指定一个 .csv 或 .txt 文件。"),
        )
    is_there = what_is_at(path.parent) == "folder"
    near = did_you_mean(path.name, (p.name for p in path.parent.iterdir())) if is_there else ""
    raise DatasetNotFound(
        say(f"No such table: {path}", f"找不到表格：{path}"),
        hint=near or say(f"Looked in {path.absolute().parent}.", f"查找位置：{path.absolute().parent}。"),
    )


def _is_spreadsheet(path: Path) -> bool:
    try:
        return contents.read_bytes(path).startswith(_SPREADSHEETS)
    except (OSError, ValueError):
        return False  # who reads the text says why


def _without_declaration(text: str) -> str:
    """Leave out the line ``sep=;`` that Excel understands, and the ``#`` that numpy puts before names; lines stay."""
    first, end, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):
        return end + rest
    return first.lstrip().removeprefix("#").lstrip(" ") + end + rest if first.lstrip().startswith("#") else text


def _empty(name: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"{name} has no rows.", f"{name} 中没有数据行。"),
        hint=say(
            "It needs a line for each sample, its columns parted by commas.", "每个样本占一行，各列之间用逗号分隔。"
        ),
    )


def _rows(name: str, text: str, mark: str) -> Rows:
    """Return the lines that are not blank, each with its number, cut into cells.

    Raises:
        DatasetInvalid: There are none, or a cell is too long: a quotation mark is never closed (-201).
    """
    if mark == " ":
        rows = [(number_, line.split()) for number_, line in enumerate(text.splitlines(), 1) if line.strip()]
    else:
        reader = _reader(text, mark)
        try:
            rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
        except csv.Error as error:
            raise DatasetInvalid(
                say(f"{name}:{reader.line_num}: {error}", f"{name}:{reader.line_num}：{error}"),
                hint=say("Save it again as CSV.", "请重新另存为 CSV。"),
            ) from error
    if not rows:
        raise _empty(name)
    return _without_empty_end(rows)


def _reader(text: str, mark: str) -> Any:
    # A line feed alone, so that lines are counted as an editor counts them.
    return csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=mark or "\0")


def _without_empty_end(rows: Rows) -> Rows:
    """Leave out empty last columns: spreadsheets write a mark behind the last cell of every line."""
    while len(rows[0][1]) > 1 and all(not cells[-1].strip() for _, cells in rows):
        rows = [(line, cells[:-1]) for line, cells in rows]
    return rows


def _no_text(name: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"{name} is a spreadsheet, not a text file.", f"{name} 是电子表格，不是文本文件。"),
        hint=say(
            "Open it in the spreadsheet program and save it as CSV.", "请在表格软件中打开它，另存为 CSV（逗号分隔）。"
        ),
    )


def _check_widths(name: str, rows: Rows, mark: str) -> None:
    usual = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    for line, cells in rows:
        if len(cells) != usual:
            commas = decimal_commas.hint(cells for _, cells in rows) if mark == "," else ""
            raise DatasetInvalid(
                say(
                    f"{name}:{line} has {len(cells)} columns, but most lines have {usual}.",
                    f"{name}:{line} 有 {len(cells)} 列，而多数行有 {usual} 列。",
                ),
                hint=say("Every line needs the same columns.", "每一行的列数应当相同。")
                + (f" {commas}" if commas else ""),
            )


def _mark(lines: Sequence[str]) -> str:
    """Return what parts the columns: what gives most lines the same number of cells, and of these most numbers.

    ``5,1;3,5`` is two decimal commas, ``1,2,"a;b"`` three cells. Empty where there is one column.
    """
    best, chosen = (0.5, 0.0), ""
    for mark in _MARKS:
        rows = [_cells(line, mark) for line in lines]
        width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        if width < 2:
            continue
        cells = [cell for row in rows[1:] or rows for cell in row]
        # Spaces stand in texts, too: they part columns of numbers alone.
        share = sum(number(cell) is not None for cell in cells) / len(cells)
        score = (count / len(rows), share)
        if score > best and (mark != " " or share > 0.5):
            best, chosen = score, mark
    return chosen


def _cells(line: str, mark: str) -> list[str]:
    if mark == " ":
        return line.split()
    try:
        return next(_reader(line, mark), [])
    except csv.Error:
        return [line]


def _first_is_names(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row holds names: words above numbers, or what no other row holds.

    pandas' own names are 0, 1, 2 …, which no first sample is by chance.
    """
    if len(rows) < 2:
        return len(rows) == 1 and all(number(cell) is None and not is_missing(cell) for cell in rows[0])
    first = [cell.strip() for cell in rows[0]]
    if len(first) > 2 and first == [str(column) for column in range(len(first))]:
        return True
    columns = list(zip(*(row for row in rows[1:] if len(row) == len(first)), strict=True))
    if not columns:
        return False
    are_numbers = [_mostly_numbers(column) for column in columns]
    if any(are_numbers):
        return any(
            is_number and not is_missing(cell) and number(cell) is None
            for cell, is_number in zip(first, are_numbers, strict=True)
        )
    return _differs(first, columns)


def _mostly_numbers(column: Sequence[str]) -> bool:
    known = [number(cell) is not None for cell in column[:_SAMPLE] if not is_missing(cell)]
    return bool(known) and 2 * sum(known) > len(known)


def _differs(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row of words holds nothing that its columns hold again, while these repeat themselves."""
    kinds = [{cell.strip() for cell in column} for column in columns]
    repeat = any(len(kind) < len(column) for kind, column in zip(kinds, columns, strict=True))
    return repeat and all(cell not in kind for cell, kind in zip(first, kinds, strict=True))
