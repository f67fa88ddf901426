"""``Table``: cells with names of columns and numbers of lines; columns become numbers or labels when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import is_integer
from BaseDT.errors import DatasetInvalid, ParameterInvalid, did_you_mean
from BaseDT.escaping import one_line, quoted
from BaseDT.language import english, say
from BaseDT.tabular.cells import fault_of, numbers
from BaseDT.tabular.labels import Labels, labels_of

Numbers: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = "int | str | Sequence[int | str]"
_LISTED = 20


@dataclass(frozen=True)
class Table:
    """A table as it lies in a file.

    Attributes:
        names: Of the columns; ``列 1``-like names of our own are not made up: empty texts where the file has none.
        columns: The cells of each column, as text.
        lines: The line of the file that each row ends at, from 1 on.
        source: The file's name, for messages.
        parted_by_commas: Whether commas part the columns; otherwise a comma in a number is a decimal one.
    """

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    source: str
    parted_by_commas: bool = True

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)

    @property
    def rows(self) -> int:
        """Number of rows, without that of names."""
        return len(self.lines)

    def select(self, parameter: str, columns: Columns) -> list[int]:
        """Return column numbers from 0 on for names and numbers; ``-1`` is the last.

        Args:
            parameter: Who asks, for the message.
            columns: One or several.

        Raises:
            ParameterInvalid: There is no such column, or none, or one twice (-305).
        """
        single = is_integer(columns) or isinstance(columns, str)
        chosen = [columns] if single else columns
        if isinstance(chosen, bytes) or not isinstance(chosen, Iterable) or getattr(chosen, "ndim", 1) == 0:
            raise self._no_columns(parameter, columns)
        found = [self._numbered(parameter, column) for column in chosen]
        if not found or len(set(found)) < len(found):
            raise self._no_columns(parameter, columns)
        return found

    def numbers(self, columns: Sequence[int]) -> Numbers:
        """Return columns as numbers, (rows, columns).

        Raises:
            DatasetInvalid: A cell is missing, or is no finite number; the message names its line and column (-201).
        """
        values = np.empty((self.rows, len(columns)))
        for position, column in enumerate(columns):
            values[:, position] = numbers(self.columns[column], parted_by_commas=self.parted_by_commas)
            bad = np.flatnonzero(~np.isfinite(values[:, position]))
            if len(bad):
                raise self._no_number(column, bad)
        return values

    def labels(self, column: int) -> Labels:
        """Return a column as labels: whole numbers as they are, words numbered by their order.

        Raises:
            DatasetInvalid: A label is missing, or is a number with a fraction (-201).
        """
        return labels_of(self.columns[column], self.what_is(column), where=self.place)

    def what_is(self, column: int) -> str:
        """Return what a message calls a column, with the number that ``select`` takes: ``column 3 'petal'``."""
        name = one_line(self.names[column])[:40]
        if not name:
            return say(f"column {column}", f"第 {column} 列")
        return say(f"column {column} '{name}'", f"第 {column} 列（'{name}'）")

    def place(self, row: int) -> str:
        """Return where a row stands: ``iris.csv:7``."""
        return f"{one_line(self.source)}:{self.lines[row]}"

    def names_of(self, columns: Sequence[int]) -> tuple[str, ...]:
        """Return the names of columns; empty where the file names none."""
        return tuple(self.names[column] for column in columns) if any(self.names) else ()

    def _numbered(self, parameter: str, column: object) -> int:
        if isinstance(column, str):
            return self._named(parameter, column)
        if is_integer(column) and -self.width <= int(column) < self.width:
            return int(column) % self.width
        raise ParameterInvalid(
            say(
                f"{parameter}: {self.source} has no column {quoted(column, 20)}.",
                f"{parameter}：{self.source} 中没有列 {quoted(column, 20)}。",
            ),
            hint=self._what_there_is(),
        )

    def _named(self, parameter: str, name: str) -> int:
        if self.names.count(name.strip()) == 1:
            return self.names.index(name.strip())
        several = name.strip() in self.names
        fault = say("several columns have the name", "有多个列叫") if several else say("there is no column", "没有列")
        near = "" if several else did_you_mean(name, filter(None, self.names))
        raise ParameterInvalid(
            say(
                f"{parameter}: {english(fault)} {quoted(name, 40)} in {self.source}.",
                f"{parameter}：{self.source} 中{fault} {quoted(name, 40)}。",
            ),
            hint=f"{near} {self._what_there_is()}".strip(),
        )

    def _no_columns(self, parameter: str, columns: object) -> ParameterInvalid:
        return ParameterInvalid(
            say(
                f"{parameter}={quoted(columns, 60)} names no column, or one twice.",
                f"{parameter}={quoted(columns, 60)} 没有指明列，或同一列出现两次。",
            ),
            hint=self._what_there_is(),
        )

    def _what_there_is(self) -> str:
        last = self.width - 1
        counted = say(f"Its columns are 0 to {last}.", f"表格的列编号为 0 到 {last}。")
        listed = ", ".join(one_line(name) for name in self.names[:_LISTED] if name)
        return counted + say(f" Their names: {listed}.", f"列名：{listed}。") if listed else counted

    def _no_number(self, column: int, rows: npt.NDArray[np.intp]) -> DatasetInvalid:
        first = int(rows[0])
        fault, hint = fault_of(self.columns[column][first])
        others = say(f" So are {len(rows) - 1} more.", f"另有 {len(rows) - 1} 处。") if len(rows) > 1 else ""
        place, what = self.place(first), self.what_is(column)
        return DatasetInvalid(
            say(f"{place}: {english(what)} {english(fault)}.{english(others)}", f"{place}：{what}{fault}。{others}"),
            hint=hint,
        )
