"""A table of pictures and points: ``file, nose_x, nose_y, left_eye_x, left_eye_y, …`` or ``file, x1, y1, x2, y2, …``.

A line is a person; a picture with several has several lines. Columns ``…_v`` say what one sees (0, 1, 2), ``xmin, ymin,
xmax, ymax`` are a box, ``split`` divides, ``class`` names what is no person. Empty cells, NaN and negative numbers are
points that nobody labelled. Tables of DeepLabCut (rows ``bodyparts`` and ``coords``) are read, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from BaseDT.dataset.dividing import split_named
from BaseDT.dataset.encodings import decoded
from BaseDT.dataset.keypoint_samples import UNLABELLED, VISIBLE
from BaseDT.dataset.keypoint_source import KeypointSource, Person, PosedPicture, divided_by_folder, with_middles
from BaseDT.dataset.label_cells import plain
from BaseDT.dataset.label_table import FILE_COLUMNS, SPLIT_COLUMNS, lines_of
from BaseDT.dataset.pictures import PictureFolder, unnamed_pictures
from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import DatasetInvalid, XEduError, did_you_mean
from BaseDT.escaping import one_line, quoted
from BaseDT.language import say

_CLASSES = frozenset({"label", "class", "category", "标签", "类别"})
_BOX = (("xmin", "ymin", "xmax", "ymax"), ("x_min", "y_min", "x_max", "y_max"), ("left", "top", "right", "bottom"))
_NUMBERED = re.compile(r"(?P<axis>[xyv])[ _.-]?(?P<name>[0-9]{1,4})", re.IGNORECASE)
_NAMED = re.compile(r"(?P<name>.+?)[ _.-](?P<axis>x|y|v|vis|visible|visibility)", re.IGNORECASE)
_FIRST = re.compile(r"(?P<axis>x|y|v)[ _.-](?P<name>.+)", re.IGNORECASE)
_NOTHING = frozenset({"", "nan", "none", "null", "na", "n/a", "-"})
_SHOWN = 5
_HEAD = 1 << 16
_PERSON = "person"


@dataclass(frozen=True)
class _Columns:
    """Numbers of the columns: of the pictures, of x, y and v (None: there is none) of each point, and of the others."""

    file: int
    names: tuple[str, ...]
    points: tuple[tuple[int, int, int | None], ...]
    box: tuple[int, int, int, int] | None
    split: int | None
    label: int | None


@dataclass(frozen=True, eq=False)
class _Row:
    """One line that was read: where it stands, the picture's name, the class, the person, the split if it tells one."""

    where: str
    file: str
    label: str
    person: Person
    split: int | None


def tables_of(src: Path) -> list[Path]:
    """Return the tables of points that lie in a folder; only their heads are read."""
    try:
        files = sorted(path for path in src.iterdir() if path.suffix.lower() in (".csv", ".tsv") and path.is_file())
    except OSError:
        return []
    return [file for file in files if _describes_points(file)]


def _describes_points(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
        text = decoded(head[: head.rfind(b"\n") + 1] if len(head) == _HEAD else head)
        columns, body = _split_off(lines_of(file.name, text or ""))
    except (XEduError, OSError):
        return False
    # x1, y1, x2, y2 are rather two corners.
    return columns is not None and not (columns.names == ("1", "2") and _look_like_corners(columns, body))


def _look_like_corners(columns: _Columns, body: Sequence[tuple[int, list[str]]]) -> bool:
    if columns.label is not None:
        return True
    try:
        rows = [[float(cells[number]) for point in columns.points for number in point[:2]] for _, cells in body]
    except (ValueError, IndexError):
        return False
    return all(x1 < x2 and y1 < y2 for x1, y1, x2, y2 in rows)


def read(src: Path) -> KeypointSource:
    """Read the tables of a folder; their pictures lie in ``images``, or beside them.

    Raises:
        DatasetInvalid: A table, a cell or a picture's name is wrong (-201).
    """
    files = tables_of(src)
    if not files:
        raise DatasetInvalid(say(f"There is no table of points in {src}", f"{src} 中没有关键点表格"), hint=_form())
    images = next((name for name in folders_in(src) if name.lower() == "images"), "")
    pictures = PictureFolder(src / images, images or src.name)
    names: tuple[str, ...] = ()
    rows: list[_Row] = []
    for file in files:
        columns, own = _rows(file, len(files) > 1)
        if names and columns.names != names:
            raise DatasetInvalid(
                say(
                    f"{files[0].name} and {file.name} have different points",
                    f"{files[0].name} 与 {file.name} 的关键点不同",
                ),
                hint=say("All tables need the same columns.", "所有表格的列必须一致。"),
            )
        names = columns.names
        rows += own
    classes = tuple(sorted({row.label for row in rows})) or (_PERSON,)
    posed, used = _pictures(rows, pictures, classes)
    listed = ", ".join(file.name for file in files)
    notes = tuple(unnamed_pictures(listed, pictures, used))
    return KeypointSource(classes, names, pictures=divided_by_folder(with_middles(posed)), notes=notes).with_sides()


def _pictures(
    rows: Sequence[_Row], pictures: PictureFolder, classes: Sequence[str]
) -> tuple[list[PosedPicture], list[str]]:
    """Return the pictures with their persons, and their keys."""
    keys = [_key(row, pictures) for row in rows]
    if missing := [row for row, key in zip(rows, keys, strict=True) if key is None]:
        raise _not_there(missing, len(rows), pictures)
    people: dict[str, list[Person]] = {}
    splits: dict[str, int | None] = {}
    for row, key in zip(rows, keys, strict=True):
        assert key is not None
        if splits.setdefault(key, row.split) != row.split:
            raise DatasetInvalid(
                say(
                    f"{row.where}: the picture is in two parts: {one_line(key)}",
                    f"{row.where}：图片同时属于两个部分：{one_line(key)}",
                ),
                hint=say("Keep it in one of them.", "请只保留在一个部分中。"),
            )
        people.setdefault(key, []).append(replace(row.person, label=classes.index(row.label)))
    posed = [PosedPicture(pictures.path(key), key, tuple(own), None, splits[key]) for key, own in people.items()]
    return posed, list(people)


def _key(row: _Row, pictures: PictureFolder) -> str | None:
    """Return the picture that a cell means, with or without its suffix."""
    if (key := pictures.named(row.file)) is not None:
        return key
    of_stem = pictures.of_stem(row.file.replace("\\", "/"))
    return of_stem[0] if len(of_stem) == 1 else None


def _not_there(missing: Sequence[_Row], total: int, pictures: PictureFolder) -> DatasetInvalid:
    listed = ", ".join(one_line(row.file) for row in missing[:_SHOWN]) + (", …" if len(missing) > _SHOWN else "")
    return DatasetInvalid(
        say(
            f"{missing[0].where}: {len(missing)} of {total} pictures are not in {pictures.name}: {listed}",
            f"{missing[0].where}：{total} 张图片中有 {len(missing)} 张不在 {pictures.name} 中：{listed}",
        ),
        hint=did_you_mean(missing[0].file, pictures.keys)
        or say("Add them, or delete their lines.", "请补上这些图片，或删除对应的行。"),
    )


def _rows(file: Path, several: bool) -> tuple[_Columns, list[_Row]]:
    columns, body = _read_columns(file)
    if columns is None:
        raise DatasetInvalid(
            say(f"{file.name} has no columns of points", f"{file.name} 中没有关键点的列"), hint=_form()
        )
    of_file = split_named(file.stem) if several else None
    return columns, [_row(f"{file.name}:{line}", cells, columns, of_file) for line, cells in body]


def _row(where: str, cells: Sequence[str], columns: _Columns, split: int | None) -> _Row:
    def cell(number: int | None) -> str:
        return plain(cells[number]) if number is not None and number < len(cells) else ""

    def number(column: int) -> float | None:
        text = cell(column)
        if text.lower() in _NOTHING:
            return None
        try:
            value = float(text)
        except ValueError:
            raise DatasetInvalid(
                say(f"{where}: {quoted(text, 20)} is no number", f"{where}：{quoted(text, 20)} 不是数字"),
                hint=say("Leave the cell empty where a point is not labelled.", "未标注的点请留空。"),
            ) from None
        return value if np.isfinite(value) else None

    if not cell(columns.file):
        raise DatasetInvalid(say(f"{where}: the picture's name is missing", f"{where}：缺少图片文件名"), hint=_form())
    points = np.zeros((len(columns.points), 3))
    for index, (x_column, y_column, v_column) in enumerate(columns.points):
        x, y = number(x_column), number(y_column)
        seen = VISIBLE if v_column is None else number(v_column)
        if x is not None and y is not None and x >= 0 and y >= 0 and seen:
            points[index] = x, y, 1 if seen == 1 else VISIBLE
    points[points[:, 2] == UNLABELLED] = 0
    corners = [number(column) for column in columns.box or ()]
    edges = [edge for edge in corners if edge is not None]
    x1, y1, x2, y2 = edges if len(edges) == 4 else (0.0, 0.0, 0.0, 0.0)
    box = (x1, y1, x2, y2) if x2 > x1 and y2 > y1 else None
    told = split_named(cell(columns.split)) if columns.split is not None else None
    label = cell(columns.label) or _PERSON
    return _Row(where, cell(columns.file), label, Person(points, box), split if told is None else told)


def _read_columns(file: Path) -> tuple[_Columns | None, list[tuple[int, list[str]]]]:
    """Return what the columns of a table are, None where it is none of points, and the lines below their names."""
    return _split_off(lines_of(file.name, read_text(file)))


def _split_off(lines: list[tuple[int, list[str]]]) -> tuple[_Columns | None, list[tuple[int, list[str]]]]:
    """Part the names of the columns from the lines below."""
    if not lines:
        return None, []
    if plain(lines[0][1][0]).lower() == "scorer" and len(lines) > 2:
        parts, coords = lines[1][1], lines[2][1]
        head = ["file", *(f"{part}_{_deep(axis)}" for part, axis in zip(parts[1:], coords[1:], strict=False))]
        return _columns(head), lines[3:]
    return _columns([plain(cell) for cell in lines[0][1]]), lines[1:]


def _deep(axis: str) -> str:
    """Return what DeepLabCut calls an axis; how sure it was is no visibility."""
    return axis if axis in ("x", "y") else "unread"


def _columns(head: Sequence[str]) -> _Columns | None:
    lower = [name.casefold() for name in head]
    file = next((n for n, name in enumerate(lower) if name in FILE_COLUMNS or name in ("name", "image_id")), None)
    if file is None:
        return None
    box = next((tuple(map(lower.index, names)) for names in _BOX if set(names) <= set(lower)), None)
    others = set() if box is None else set(box)
    axes: dict[str, dict[str, int]] = {}
    for column, name in enumerate(head):
        if column == file or column in others:
            continue
        if found := _axis(name):
            axes.setdefault(found[0], {})[found[1]] = column
    points = {name: own for name, own in axes.items() if {"x", "y"} <= set(own) and not _is_box(name, lower)}
    if not points:
        return None
    return _Columns(
        file,
        tuple(points),
        tuple((own["x"], own["y"], own.get("v")) for own in points.values()),
        None if box is None else (box[0], box[1], box[2], box[3]),
        next((n for n, name in enumerate(lower) if name in SPLIT_COLUMNS), None),
        next((n for n, name in enumerate(lower) if name in _CLASSES), None),
    )


def _is_box(name: str, columns: Sequence[str]) -> bool:
    """Whether x and y of this name have a width beside them, or are called a box."""
    plain_name = name.casefold()
    sides = {f"{plain_name}{mark}{side}" for mark in " _.-" for side in ("w", "width")}
    return plain_name in ("bbox", "box") or bool(sides & set(columns))


def _axis(name: str) -> tuple[str, str] | None:
    """Return the point that a column is of, and which of its numbers it holds; None where it is of none."""
    found = _NUMBERED.fullmatch(name) or _NAMED.fullmatch(name) or _FIRST.fullmatch(name)
    return (found["name"], found["axis"][0].lower()) if found else None


def _form() -> str:
    return say(
        "Expected: a first line 'file,nose_x,nose_y,left_eye_x,left_eye_y' and a line for each person.",
        "应为：第一行 file,nose_x,nose_y,left_eye_x,left_eye_y，之后每人一行。",
    )
