"""A table of pictures and their labels, read: ``file,labels``, or a column of 0 and 1 for every label.

``multi_label`` calls it; which files there are and who trains on them is decided there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from BaseDT.dataset.dividing import split_named
from BaseDT.dataset.label_cells import mark, plain, separated
from BaseDT.dataset.scan import is_picture
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import DatasetInvalid
from BaseDT.escaping import one_line, quoted
from BaseDT.language import english, say
from BaseDT.listing import shortened

FILE_COLUMNS = (
    frozenset({"file", "filename", "file_name", "image", "image_name", "imagename", "img", "path", "filepath"})
    | frozenset({"image_path", "picture"})
    | frozenset({"文件", "文件名", "图片", "图片名", "图像", "路径"})
)
_FILE = FILE_COLUMNS | frozenset({"name", "image_id", "id"})
_LABELS = frozenset({"label", "labels", "tag", "tags", "class", "classes", "category", "categories"}) | frozenset(
    {"标签", "类别", "分类"}
)
SPLIT_COLUMNS = frozenset({"split", "set", "subset", "划分", "数据划分", "用途"})
_CHINESE_SPLITS = {"训练": 0, "训练集": 0, "验证": 1, "验证集": 1, "测试": 2, "测试集": 2}


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        line: Its number in the file, from 1.
        file: The picture, as the table calls it.
        labels: Names of its labels; none for a picture without any.
        split: What it is for (``dividing.TRAIN`` …); None where the table does not say.
    """

    line: int
    file: str
    labels: tuple[str, ...]
    split: int | None = None


@dataclass(frozen=True)
class LabelTable:
    """A table that was read.

    Attributes:
        name: Of its file, for messages.
        rows: In the order of the file.
        labels: Names of the labels in the order of the columns; empty where the cells name them.
        by_blanks: Whether blanks part the labels of a cell.
        unread: Names of columns that mean nothing here.
    """

    name: str
    rows: tuple[Row, ...]
    labels: tuple[str, ...] = ()
    by_blanks: bool = False
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        file: Number of the pictures' column, from 0.
        labels: Of the labels' column; None where every label has a column.
        split: Of the column that divides; None where there is none.
        marks: Numbers and names of the labels' own columns.
        unread: Names of the others.
    """

    file: int
    labels: int | None
    split: int | None = None
    marks: tuple[tuple[int, str], ...] = ()
    unread: tuple[str, ...] = field(default=())


def describes_pictures(file: Path) -> bool:
    """Tell whether a file is such a table, by its first two lines: other tables lie beside pictures, too."""
    try:
        lines = lines_of(file.name, read_text(file))
    except DatasetInvalid:
        return True  # by its name it is one; reading it says what is wrong
    return not lines or _columns(lines) is not None


def read(file: Path, name: str) -> LabelTable:
    """Read a table.

    Args:
        file: It.
        name: What messages call it.

    Raises:
        DatasetInvalid: It is no text, no such table, or a cell says nothing that it may (-201).
    """
    lines = lines_of(name, read_text(file))
    if not lines:
        raise DatasetInvalid(say(f"{name} is empty", f"{name} 是空的"), hint=_form())
    columns = _columns(lines)
    if columns is None:
        raise _no_columns(name, lines[0][1])
    _refuse_twins(name, lines[0][0], columns)
    headless = _is_headless(lines[0][1])
    body = lines if headless else lines[1:]
    if not body:
        text = say(f"{name} has a line of column names and no picture", f"{name} 只有表头，没有图片")
        raise DatasetInvalid(text, hint=_form())
    for line, cells in body:
        if not plain(cells[columns.file] if columns.file < len(cells) else ""):
            raise _wrong(name, line, say("the picture's name is missing", "缺少图片文件名"), _form())
    files = [plain(cells[columns.file]) for _, cells in body]
    splits = [_split(name, line, cells, columns) for line, cells in body]
    by_blanks = False
    if columns.labels is None:
        labels = [_marked(name, line, cells, columns) for line, cells in body]
    else:
        is_last = headless or columns.labels == len(lines[0][1]) - 1
        labels, by_blanks = separated([_cell_of_labels(cells, columns.labels, is_last=is_last) for _, cells in body])
    rows = (Row(line, *values) for (line, _), values in zip(body, zip(files, labels, splits, strict=True), strict=True))
    return LabelTable(name, tuple(rows), tuple(label for _, label in columns.marks), by_blanks, columns.unread)


def lines_of(name: str, text: str) -> list[tuple[int, list[str]]]:
    """Return the lines of a table that are not blank, each with its number, cut into cells.

    Raises:
        DatasetInvalid: It is no table (-201); ``name`` is what messages call it.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((character for character in ",\t;" if character in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        hint = say(
            "Are all quotes closed? Save it again as CSV (UTF-8).", "引号是否都已闭合？请重新另存为 CSV（UTF-8）。"
        )
        place, found = f"{name}:{reader.line_num}: ", str(error)
        raise DatasetInvalid(
            say(f"{place}it is no table ({found}).", f"{place}不是表格（{found}）。"), hint=hint
        ) from error


def _is_headless(first: Sequence[str]) -> bool:
    """Whether the first line is a picture already."""
    return is_picture(plain(first[0])) and not any(plain(cell).casefold() in _FILE for cell in first)


def _columns(lines: Sequence[tuple[int, list[str]]]) -> Columns | None:
    """Return what the columns are, by their names or by what stands in them; None where it is no such table."""
    head = [plain(cell) for cell in lines[0][1]]
    if _is_headless(head):
        return Columns(0, 1) if len(head) > 1 else None
    names = [name.casefold() for name in head]
    file = next((n for known in (FILE_COLUMNS, _FILE) for n, name in enumerate(names) if name in known), None)
    if file is None:
        second = lines[1][1] if len(lines) > 1 else []
        file = next((number for number, cell in enumerate(second[: len(head)]) if is_picture(plain(cell))), None)
    if file is None:
        return None
    labels = next((n for n, name in enumerate(names) if name in _LABELS and n != file), None)
    split = next((n for n, name in enumerate(names) if name in SPLIT_COLUMNS and n not in (file, labels)), None)
    others = [n for n, name in enumerate(head) if n not in (file, labels, split) and name]
    if labels is None and len(others) == 1 and not _holds_marks(lines[1:], others[0]):
        labels = others.pop()
    if labels is not None:
        return Columns(file, labels, split, unread=tuple(head[n] for n in others))
    return Columns(file, None, split, tuple((n, head[n]) for n in others)) if others else None


def _holds_marks(lines: Sequence[tuple[int, list[str]]], column: int) -> bool:
    return all(mark(cells[column]) is not None for _, cells in lines if column < len(cells))


def _cell_of_labels(cells: Sequence[str], column: int, *, is_last: bool) -> str:
    """Return the cell of the labels; commas that nobody quoted have cut it where it is the last one."""
    return ";".join(cells[column:]) if is_last else "".join(cells[column : column + 1])


def _marked(name: str, line: int, cells: Sequence[str], columns: Columns) -> tuple[str, ...]:
    labels = []
    for number, label in columns.marks:
        cell = cells[number] if number < len(cells) else ""
        says = mark(cell)
        if says is None:
            text = say(
                f"column '{label}' holds {quoted(cell, 20)}, and it should be 0 or 1",
                f"“{label}”列的值为 {quoted(cell, 20)}，应为 0 或 1",
            )
            raise _wrong(name, line, text, _form())
        if says:
            labels.append(label)
    return tuple(labels)


def _refuse_twins(name: str, line: int, columns: Columns) -> None:
    labels = [label for _, label in columns.marks]
    if twin := next((label for label in labels if labels.count(label) > 1), None):
        text = say(f"two columns have the name '{one_line(twin)}'", f"有两列都叫“{one_line(twin)}”")
        raise _wrong(name, line, text, say("Rename or delete one of them.", "请重命名或删除其中一列。"))


def _split(name: str, line: int, cells: Sequence[str], columns: Columns) -> int | None:
    if columns.split is None:
        return None
    cell = plain(cells[columns.split]) if columns.split < len(cells) else ""
    split = _CHINESE_SPLITS.get(cell, split_named(cell))
    if split is None:
        text = say(f"the split is {quoted(cell, 20)}", f"划分为 {quoted(cell, 20)}")
        raise _wrong(name, line, text, say("Write train, val or test.", "请写 train、val 或 test。"))
    return split


def _wrong(name: str, line: int, text: str, hint: str) -> DatasetInvalid:
    return DatasetInvalid(say(f"{name}:{line}: {english(text)}", f"{name}:{line}：{text}"), hint=hint)


def _no_columns(name: str, head: Sequence[str]) -> DatasetInvalid:
    cells = shortened((quoted(cell, 20) for cell in head), 6)
    return DatasetInvalid(
        say(
            f"{name} has no columns of pictures and their labels (its first line: {english(cells)})",
            f"{name} 中没有图片和标签的列（第一行：{cells}）",
        ),
        hint=_form(),
    )


def _form() -> str:
    return say(
        "Expected: a first line 'file,labels' and lines like 'a.jpg,cat;dog'; or a column of 0 and 1 for every label.",
        "应为：第一行 file,labels，之后每行如 a.jpg,cat;dog；或每个标签一列，填 0 或 1。",
    )
