"""What there is to learn from in a table, told before anything is trained. Without torch and scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.errors import DatasetInvalid, DatasetNotFound
from BaseDT.files import Stamp, stamp_of
from BaseDT.language import english, say
from BaseDT.tabular.cells import is_missing, number
from BaseDT.tabular.labels import Labels
from BaseDT.tabular.reading import read_table
from BaseDT.tabular.table import Table
from MMEdu.actions.learning_pictures import class_names

_MOST_CLASSES = 20
_SHOWN = 5
_LETTERS = 40


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        number: From 0 on.
        name: As the file has it; empty where it names none.
        holds: ``numbers``, ``words``, or ``gaps`` where numbers are missing.
        kinds: How many different values there are.
        fractions: Whether a number has one: no class does.
    """

    number: int
    name: str
    holds: str
    kinds: int
    fractions: bool = False

    @property
    def tells(self) -> str:
        """What somebody who guesses it tells: ``classes`` or ``numbers``."""
        if self.holds == "words":
            return "classes"
        return "classes" if self.kinds <= _MOST_CLASSES and not self.fractions else "numbers"


@dataclass(frozen=True, eq=False)  # its cells are many: it is told apart by what it is, not by what it holds
class Looked:
    """A table that was looked into.

    Attributes:
        table: It.
        columns: Its columns.
    """

    table: Table
    columns: tuple[Column, ...]

    def plain(self) -> dict[str, Any]:
        """Return it for a page: ``columns``, ``rows``, ``sample`` (the first rows, as texts)."""
        first = [[cell[:_LETTERS] for cell in column[:_SHOWN]] for column in self.table.columns]
        return {
            "columns": [
                {"number": one.number, "name": one.name, "holds": one.holds, "kinds": one.kinds, "tells": one.tells}
                for one in self.columns
            ],
            "rows": self.table.rows,
            "sample": [list(row) for row in zip(*first, strict=True)],
        }


def look(path: Path) -> Looked:
    """Look into a table.

    Raises:
        DatasetNotFound, DatasetInvalid: It is not there, or is none (-101, -201).
    """
    stamp = stamp_of(path)
    if stamp is None:
        raise DatasetNotFound(
            say(f"There is no table {path.name}.", f"没有表格 {path.name}。"),
            hint=say("Choose one of the list.", "请从列表中选择。"),
        )
    return _looked(path, stamp)


def first_row(path: Path, columns: Sequence[int]) -> list[str]:
    """Return what the first row holds in some columns, for whoever does not know which numbers are usual."""
    table = look(path).table
    return [table.columns[column][0].strip()[:_LETTERS] for column in columns]


def ranges(path: Path, columns: Sequence[int]) -> list[list[float]]:
    """Return the least and the greatest number of some columns, for whoever asks with others."""
    values = look(path).table.numbers(list(columns))
    return [[float(least), float(greatest)] for least, greatest in zip(values.min(0), values.max(0), strict=True)]


@dataclass(frozen=True)
class LastColumn:
    """A table whose last column is learned from the others.

    Attributes:
        inputs: How many columns are given.
        names: Theirs; empty where the file names none.
        classes: Names by label; empty where numbers are told.
        samples: Rows.
        spread: How much larger the values of one column are than those of another, at most.
    """

    inputs: int
    names: tuple[str, ...]
    classes: tuple[str, ...]
    samples: int
    spread: float

    @property
    def sentence(self) -> str:
        """What was found."""
        if not self.classes:
            return say(
                f"{self.samples} rows: {self.inputs} numbers are given, the last column is to be told.",
                f"{self.samples} 行：已知 {self.inputs} 个数，预测最后一列。",
            )
        named, count = class_names(self.classes), len(self.classes)
        en = f"{self.samples} rows: {self.inputs} numbers are given, one of {count} classes is to be told"
        return say(
            f"{en}: {english(named)}.",
            f"{self.samples} 行：已知 {self.inputs} 个数，判断是 {count} 类中的哪一类：{named}。",
        )


def last_column(path: Path, task: str) -> LastColumn:
    """Say what a network can learn from a table.

    Args:
        path: The table.
        task: ``cls`` or ``reg``.

    Raises:
        DatasetNotFound, DatasetInvalid: It cannot be learned from; the message names line and column (-101, -201).
    """
    return _last_column(look(path), task)


@lru_cache(maxsize=8)
def _last_column(looked: Looked, task: str) -> LastColumn:
    table = looked.table
    if table.width < 2:
        raise DatasetInvalid(
            say(f"{table.source} has one column: there is nothing to tell it from.",
                f"{table.source} 只有一列：没有可用来预测的内容。"),
            hint=say("A table needs at least one column of numbers before the last one.",
                     "最后一列之前至少要有一列数字。"),
        )  # fmt: skip
    given = list(range(table.width - 1))
    values = np.abs(table.numbers(given)).max(axis=0)
    sizes = values[values > 0]
    spread = float(sizes.max() / sizes.min()) if len(sizes) else 1.0
    classes = _classes(table.labels(table.width - 1).counted_from_zero()) if task == "cls" else ()
    if task == "reg":
        table.numbers([table.width - 1])
    return LastColumn(len(given), table.names_of(given), classes, table.rows, spread)


def _classes(labels: Labels) -> tuple[str, ...]:
    return labels.classes or tuple(str(label) for label in range(int(labels.values.max()) + 1))


@lru_cache(maxsize=8)
def _looked(path: Path, stamp: Stamp) -> Looked:
    del stamp  # a file that changed is read anew
    table = read_table(path)
    columns = [
        _column(at, name, cells) for at, (name, cells) in enumerate(zip(table.names, table.columns, strict=True))
    ]
    return Looked(table, tuple(columns))


def _column(at: int, name: str, cells: tuple[str, ...]) -> Column:
    there = [cell for cell in cells if not is_missing(cell)]
    values = [number(cell) for cell in there]
    are_numbers = bool(there) and None not in values
    fractions = are_numbers and any(value is not None and not value.is_integer() for value in values)
    holds = "words" if not are_numbers else "numbers" if len(there) == len(cells) else "gaps"
    return Column(at, name[:_LETTERS], holds, len({cell.strip() for cell in cells}), fractions)
