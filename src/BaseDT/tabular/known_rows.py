"""Rows for a model that was trained on others: as many columns, found by name where both know names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from BaseDT.errors import DatasetInvalid, InputMismatch
from BaseDT.escaping import short_name
from BaseDT.language import say
from BaseDT.tabular.arrays import Rows, as_array, as_rows
from BaseDT.tabular.reading import read_table
from BaseDT.tabular.table import Numbers

_LISTED = 8
_SHOWN = 20
"""Numbers of a row that a hint shows."""


def columns_named(names: Sequence[str], wanted: Sequence[str]) -> list[int] | None:
    """Return where columns stand that a model knows by name; None where none of them is there, and names tell nothing.

    Raises:
        InputMismatch: Some are there, and others are not (-309).
    """
    missing = [name for name in wanted if name not in names]
    if not any(name and name in names for name in wanted):
        return None
    if not missing:
        return [names.index(name) for name in wanted]
    others = [name for name in names if name and name not in wanted]
    listed, instead = _listed(missing), _listed(others)
    en, zh = (f"; there are {instead}", f"；另有列 {instead}") if others else ("", "")
    raise InputMismatch(
        say(f"The data have no column {listed}{en}.", f"数据中没有列 {listed}{zh}。"),
        hint=say("Name the columns as the data that the model was trained with.", "列名应与训练数据相同。"),
    )


def _listed(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _LISTED else ""
    return ", ".join(f"'{short_name(name)}'" for name in names[:_LISTED]) + more


@dataclass(frozen=True)
class KnownRows:
    """What is known of the rows that a model was trained on.

    Attributes:
        width: How many numbers each has; 0 where nobody knows.
        features: Names of the columns; empty where there are none.
        example: One of them; may be empty.
    """

    width: int
    features: tuple[str, ...] = ()
    example: Sequence[float] = ()

    def rows_of(self, data: object) -> Numbers:
        """Return a user's data as rows that the model can answer for; a single one may come without its own brackets.

        Raises:
            InputMismatch: There are more or fewer columns, or what is no number; the hint shows a row that fits (-309).
        """
        try:
            array = as_array("data", data)
            single = array.ndim == 1 and self.width > 1 and len(array) == self.width
            rows = as_rows("data", array[None] if single else data)
        except DatasetInvalid as error:
            raise InputMismatch(error.message, hint=f"{error.hint} {self._example()}") from None
        values = self._by_name(rows)
        if self.width and values.shape[1] != self.width:
            raise self._other_width(values.shape[1])
        return values

    def rows_of_file(self, path: Path) -> Numbers:
        """Return the rows of a table: its columns of these names, else all of them.

        Raises:
            InputMismatch: It has more or fewer columns (-309).
            DatasetNotFound, DatasetInvalid: It cannot be read, or has words where numbers are needed (-101, -201).
        """
        table = read_table(path)
        columns = columns_named(table.names, self.features)
        if columns is None:
            columns = [*range(table.width)]
        if self.width and len(columns) != self.width:
            raise self._other_width(len(columns))
        return table.numbers(columns)

    def _by_name(self, rows: Rows) -> Numbers:
        """Return the columns that a model knows by name, in its order; all where names tell nothing."""
        columns = None if rows.names == self.features else columns_named(rows.names, self.features)
        return rows.values if columns is None else rows.values[:, columns]

    def _other_width(self, found: int) -> InputMismatch:
        return InputMismatch(
            say(
                f"The data have {found} columns, but the model was trained with {self.width}.",
                f"数据有 {found} 列，而模型是用 {self.width} 列训练的。",
            ),
            hint=self._example(),
        )

    def _example(self) -> str:
        """Return a sentence that shows a row which fits; empty where none is known."""
        if not len(self.example):
            return ""
        row = ", ".join(f"{float(value):g}" for value in self.example[:_SHOWN])
        names = ", ".join(map(short_name, self.features[:_SHOWN]))
        en, zh = (f" ({names})", f"（{names}）") if names else ("", "")
        return say(f"A row that fits: [[{row}]]{en}.", f"例如：[[{row}]]{zh}。")
