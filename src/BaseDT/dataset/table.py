"""``split_tab_dataset``: a table of numbers becomes a table to train with and one to validate with. 划分表格数据集。

numpy and csv only. The files are what BaseNN and BaseML load: commas, one line of column names.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_number, checked_flag, checked_path, checked_seed, documented, is_integer
from BaseDT.dataset.dividing import TRAIN, VAL, Ratios, by_class, ranked
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import DatasetInvalid, DatasetNotFound, ParameterInvalid, PathExists, did_you_mean
from BaseDT.escaping import quoted, table_cell
from BaseDT.files import what_is_at, write_together
from BaseDT.language import english, say
from BaseDT.listing import shortened

Numbers: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MinMax:
    """What maps the training data's smallest and largest value of each column to 0 and 1.

    Attributes:
        minimum: Of each column.
        maximum: Likewise.
    """

    minimum: Numbers
    maximum: Numbers

    def transform(self, data: npt.ArrayLike) -> Numbers:
        """Return rows × columns in the new scale; values that training never saw may lie outside of 0 to 1."""
        scaled: Numbers = (np.asarray(data, np.float64) - self.minimum) / self._range()
        return scaled

    def inverse_transform(self, data: npt.ArrayLike) -> Numbers:
        """Return rows × columns in the scale of the table."""
        original: Numbers = np.asarray(data, np.float64) * self._range() + self.minimum
        return original

    def _range(self) -> Numbers:
        span: Numbers = self.maximum - self.minimum
        return np.where(span > 0, span, 1.0)  # a column of equal values becomes 0


@dataclass(frozen=True)
class _Table:
    """The names of the columns, the numbers, and the line of the file that each row came from."""

    names: tuple[str, ...]
    cells: list[list[str]]
    lines: list[int]
    file: str


Column: TypeAlias = int | str


@documented
def split_tab_dataset(
    path: str | os.PathLike[str],
    data_column: Column | Sequence[Column],
    label_column: Column | Sequence[Column] = -1,
    train_val_ratio: float = 0.8,
    normalize: bool = False,
    random_seed: int = 42,
    column_name: Sequence[str] | None = None,
    *,
    overwrite: bool = False,
) -> tuple[Numbers, Numbers, Numbers, Numbers] | tuple[Numbers, Numbers, Numbers, Numbers, MinMax]:
    """Divide a table into training and validation, and write both beside it. 把表格划分为训练集和验证集。

    ``iris.csv`` gives ``iris_train.csv`` and ``iris_val.csv``. The first line may hold the names of the columns.
    Where the labels are classes (one column of whole numbers, each there twice on average) every class is divided in
    the same ratio. The same rows and the same seed give the same division on every machine; the rows are shuffled.

    Args:
        path: The table: .csv or .txt, numbers parted by commas, semicolons, tabs or spaces.
        data_column: The columns of the data: their names in the first line, or numbers from 0; ``-1`` is the last one.
        label_column: The columns of the labels, likewise.
        train_val_ratio: The share of the rows to train with, between 0 and 1.
        normalize: Map each data column to 0 to 1, by the smallest and largest training value.
        random_seed: Another number gives another division.
        column_name: Names for the columns of the new files, data first; by default those of the table.
        overwrite: Replace files of an earlier division that differ from the new ones.

    Returns:
        train_x, train_y, val_x, val_y: rows × columns, float64; with ``normalize`` also the ``MinMax`` that was used.

    Raises:
        DatasetNotFound: There is no such file (-101).
        DatasetInvalid: A line has too many or too few columns, or something that is no number; too few rows (-201).
        ParameterInvalid: There is no such column, or another value cannot be used (-305).
        ParameterUnknown: A keyword is no parameter (-501).
        PathExists: A new file is there already, with other contents (-105).
        PathNotWritable: The files cannot be written (-104).
    """
    ratio = _ratio(train_val_ratio)
    seed = checked_seed("random_seed", random_seed)
    scale, replace = checked_flag("normalize", normalize), checked_flag("overwrite", overwrite)
    file = checked_path("path", path).absolute()
    table = _read(file)
    data, label = _columns(table, "data_column", data_column), _columns(table, "label_column", label_column)
    _refuse_shared(data, label)
    names = _names(column_name, [table.names[column] for column in (*data, *label)])
    x, y = _numbers(table, data), _numbers(table, label)
    train, val = _divided(y, ratio, seed)
    train_x, val_x = x[train], x[val]
    scaler = MinMax(train_x.min(axis=0), train_x.max(axis=0))
    if scale:
        train_x, val_x = scaler.transform(train_x), scaler.transform(val_x)
    parts = {"train": np.hstack([train_x, y[train]]), "val": np.hstack([val_x, y[val]])}
    _write({file.with_name(f"{file.stem}_{p}{file.suffix}"): _text(names, v) for p, v in parts.items()}, replace)
    return (train_x, y[train], val_x, y[val], scaler) if scale else (train_x, y[train], val_x, y[val])


def _ratio(value: object) -> float:
    ratio = float(check_number("train_val_ratio", value))
    if not 0 < ratio < 1:
        raise ParameterInvalid(
            say(
                f"train_val_ratio={ratio:g} leaves nothing for one of the parts.",
                f"train_val_ratio={ratio:g} 会让其中一部分为空。",
            ),
            hint=say("Between 0 and 1, e.g. 0.8.", "应在 0 和 1 之间，例如 0.8。"),
        )
    return ratio


def _read(file: Path) -> _Table:
    if what_is_at(file) != "file":
        is_there = what_is_at(file.parent) == "folder"
        near = did_you_mean(file.name, (p.name for p in file.parent.iterdir())) if is_there else ""
        raise DatasetNotFound(
            say(f"No such table: {file}", f"找不到表格：{file}"),
            hint=near or say(f"Looked in {file.parent}.", f"查找位置：{file.parent}。"),
        )
    rows = _rows(file.name, read_text(file))
    if not rows:
        raise DatasetInvalid(
            say(f"{file.name} is empty", f"{file.name} 是空的"),
            hint=say("It needs rows of numbers.", "应包含若干行数字。"),
        )
    width = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != width:
            raise DatasetInvalid(
                say(
                    f"{file.name}:{line}: {len(cells)} columns, but {width} in the first line",
                    f"{file.name}:{line}：有 {len(cells)} 列，而第一行有 {width} 列",
                ),
                hint=say("Every line needs the same columns.", "每一行的列数应当相同。"),
            )
    names = tuple(f"Column {number}" for number in range(width))
    if any(_number(cell) is None for cell in rows[0][1]):
        names = tuple(cell.strip() for cell in rows.pop(0)[1])
    return _Table(names, [cells for _, cells in rows], [line for line, _ in rows], file.name)


def _rows(name: str, text: str) -> list[tuple[int, list[str]]]:
    """Return the lines that are not blank, each with its number, cut into cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((mark for mark in ",;\t" if mark in first), None)
    if delimiter is None:
        return [(number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise DatasetInvalid(
            say(f"{name}:{reader.line_num}: {error}", f"{name}:{reader.line_num}：{error}"),
            hint=say("Save it again as CSV.", "请重新另存为 CSV。"),
        ) from error


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _columns(table: _Table, name: str, value: object) -> list[int]:
    """Return column numbers from 0 on."""
    width = len(table.names)
    selection = [value] if is_integer(value) or isinstance(value, str) else value
    hint = say(
        f"The table has {width} columns, 0 to {width - 1}; e.g. {name}=range(0, {max(width - 1, 1)}) or {name}=0.",
        f"表格有 {width} 列，编号 0 到 {width - 1}；例如 {name}=range(0, {max(width - 1, 1)}) 或 {name}=0。",
    )
    if isinstance(selection, bytes) or not hasattr(selection, "__iter__") or getattr(selection, "ndim", 1) == 0:
        raise ParameterInvalid(
            say(f"{name}={quoted(value, 60)} names no columns.", f"{name}={quoted(value, 60)} 没有指明任何列。"),
            hint=hint,
        )
    columns = []
    for column in selection:
        if isinstance(column, str):
            columns.append(_named(table, name, column))
            continue
        if not is_integer(column) or not -width <= (number := int(column)) < width:
            raise ParameterInvalid(
                say(
                    f"{name}={quoted(value, 60)}: there is no column {quoted(column, 20)}.",
                    f"{name}={quoted(value, 60)}：没有列 {quoted(column, 20)}。",
                ),
                hint=hint,
            )
        columns.append(number % width)
    if not columns or len(set(columns)) < len(columns):
        raise ParameterInvalid(
            say(
                f"{name}={quoted(value, 60)} names no column, or one twice.",
                f"{name}={quoted(value, 60)} 没有指明列，或同一列出现两次。",
            ),
            hint=hint,
        )
    return columns


def _named(table: _Table, parameter: str, name: str) -> int:
    """Return the number of a column that the first line names."""
    if table.names.count(name.strip()) == 1:
        return table.names.index(name.strip())
    several = name.strip() in table.names
    names = shortened(table.names, 20)
    near = "" if several else did_you_mean(name, table.names)
    hint = say(
        f"Columns: {english(names)}. Numbers from 0 are taken, too.", f"表格的列：{names}。也可以用从 0 开始的编号。"
    )
    fault = say("several columns have the name", "有多个列叫") if several else say("there is no column", "没有列")
    raise ParameterInvalid(
        say(
            f"{parameter}: {english(fault)} {quoted(name, 40)} in {table.file}.",
            f"{parameter}：{table.file} 中{fault} {quoted(name, 40)}。",
        ),
        hint=f"{near} {hint}".strip(),
    )


def _refuse_shared(data: Sequence[int], label: Sequence[int]) -> None:
    if shared := set(data) & set(label):
        raise ParameterInvalid(
            say(
                f"Column {min(shared)} is in data_column and in label_column.",
                f"第 {min(shared)} 列同时在 data_column 和 label_column 中。",
            ),
            hint=say("A label must not be learned from itself.", "标签列不能同时作为数据列。"),
        )


def _names(column_names: Sequence[str] | None, table_names: list[str]) -> list[str]:
    if column_names is None:
        return table_names
    if (
        not isinstance(column_names, (list, tuple))
        or len(column_names) != len(table_names)
        or not all(isinstance(name, str) for name in column_names)
    ):
        raise ParameterInvalid(
            say(
                f"column_name={quoted(column_names, 80)} does not fit the {len(table_names)} columns.",
                f"column_name={quoted(column_names, 80)} 与 {len(table_names)} 列不符。",
            ),
            hint=say(f"Give {len(table_names)} names, data first.", f"请给出 {len(table_names)} 个列名，数据列在前。"),
        )
    return list(column_names)


def _numbers(table: _Table, columns: Sequence[int]) -> Numbers:
    values = np.empty((len(table.cells), len(columns)))
    for row, cells in enumerate(table.cells):
        for position, column in enumerate(columns):
            value = _number(cells[column])
            if value is None:
                raise DatasetInvalid(
                    say(
                        f"{table.file}:{table.lines[row]}: column {column} ('{table.names[column]}') holds no number: "
                        f"{cells[column]!r:.42}",
                        f"{table.file}:{table.lines[row]}：第 {column} 列（'{table.names[column]}'）不是数字："
                        f"{cells[column]!r:.42}",
                    ),
                    hint=say(
                        "Give classes numbers from 0 on, and fill or delete rows with gaps.",
                        "请用 0、1、2… 表示类别，并补全或删除有缺失值的行。",
                    ),
                )
            values[row, position] = value
    return values


def _divided(labels: Numbers, ratio: float, seed: int) -> tuple[list[int], list[int]]:
    """Return the rows of training and of validation, shuffled."""
    rows = len(labels)
    if rows < 2:
        raise DatasetInvalid(
            say(f"The table has too few rows to divide: {rows}", f"表格的行数太少，无法划分：{rows}"),
            hint=say("It needs at least two.", "至少需要两行。"),
        )
    keys = [str(row) for row in range(rows)]
    chosen = by_class(keys, _classes(labels), Ratios(ratio, 1 - ratio, 0.0), seed)
    order = ranked(keys, range(rows), seed)
    return [row for row in order if chosen[row] == TRAIN], [row for row in order if chosen[row] == VAL]


def _classes(labels: Numbers) -> list[int]:
    """Return the class of each row; where the labels are no classes, one for all."""
    values, inverse = np.unique(labels, return_inverse=True)
    whole = labels.shape[1] == 1 and bool(np.all(values == np.round(values)))
    if not whole or 2 * len(values) > len(labels):
        return [0] * len(labels)
    return [int(index) for index in inverse.reshape(-1)]


def _text(names: Sequence[str], values: Numbers) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([table_cell(name) for name in names])
    writer.writerows([repr(float(value)) for value in row] for row in values)
    return stream.getvalue().encode("utf-8")


def _holds(file: Path, data: bytes) -> bool:
    try:
        return file.read_bytes() == data
    except OSError:  # a folder, or closed to this user: in any case not this
        return False


def _write(files: dict[Path, bytes], overwrite: bool) -> None:
    """Write both files; the same contents again are no conflict, so that a script may run twice."""
    for file, data in files.items():
        if not overwrite and what_is_at(file) != "nothing" and not _holds(file, data):
            raise PathExists(
                say(f"The file is there already: {file}", f"文件已经存在：{file}"),
                hint=say("Delete or rename it, or pass overwrite=True.", "请删除或重命名它，或使用 overwrite=True。"),
            )
    write_together(files)
