"""The names of a segmentation set's classes, and their colours where a file says them. ``segmentation`` calls it.

``classes.txt`` (a name a line; or name red green blue), CVAT's ``labelmap.txt``, tables ``name,r,g,b`` as
``class_dict.csv``, ``palette.txt``, and Roboflow's ``_classes.csv`` (pixel value, class).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from BaseDT.dataset.formats.source import class_list
from BaseDT.dataset.mask_codes import MOST_CLASSES
from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid
from BaseDT.escaping import one_line
from BaseDT.image.values import Colour
from BaseDT.language import say
from BaseDT.names import composed

_NAMES = "classes.txt"
# In the order in which they are asked; the first that is there counts.
_FILES = (
    *(_NAMES, "labelmap.txt", "palette.txt", "palette.csv", "class_dict.csv", "classes.csv", "label_colors.txt"),
    *("class_names.txt", "labels.txt", "codes.txt"),
)
_VALUES = "_classes.csv"
_NUMBERS_BEHIND = re.compile(r"(?P<name>.*?\S)[\s,:;]+(?P<r>\d{1,3})[\s,;]+(?P<g>\d{1,3})[\s,;]+(?P<b>\d{1,3})[\s,:;]*")
_NUMBERS_BEFORE = re.compile(r"(?P<r>\d{1,3})[\s,;]+(?P<g>\d{1,3})[\s,;]+(?P<b>\d{1,3})[\s,:;]+(?P<name>\S.*?)")
_HEX = re.compile(r"(?P<name>.*?\S)[\s,:;]+#(?P<hex>[0-9a-fA-F]{6})")
# CVAT: label:color_rgb:parts:actions
_CVAT = re.compile(r"(?P<name>[^:]+):(?P<r>\d{1,3}),(?P<g>\d{1,3}),(?P<b>\d{1,3}):.*")
_HEADER = re.compile(r"(name|class|label)s?\W.*(r|red|color|colour)\b.*", re.IGNORECASE)


@dataclass(frozen=True)
class ClassList:
    """What a file says of the classes.

    Attributes:
        file: Its name.
        names: The index is the label.
        colours: Of each; none where the file names none.
    """

    file: str
    names: tuple[str, ...]
    colours: tuple[Colour, ...] = ()


def read(root: Path) -> ClassList | None:
    """Read the classes that a set lists; None where it lists none.

    Raises:
        DatasetInvalid: A list is empty, has a name or colour twice, or has too many (-201).
    """
    files = {path.name.lower(): path for path in _candidates(root)}
    listed = next((_read(files[name]) for name in _FILES if name in files), None)
    if listed is None and _VALUES in files:
        listed = _of_values(files[_VALUES])
    if listed is not None and len(listed.names) > MOST_CLASSES:
        raise DatasetInvalid(
            say(
                f"{listed.file} names {len(listed.names)} classes; masks hold at most {MOST_CLASSES}",
                f"{listed.file} 中有 {len(listed.names)} 个类别；掩码最多 {MOST_CLASSES} 类",
            ),
            hint=say("Put rare classes together.", "请合并少见的类别。"),
        )
    return listed


def _candidates(root: Path) -> list[Path]:
    """Return the text files that may list classes: in the folder, else in its parts and in the masks' folder."""
    folders = [*(root / name for name in reversed(folders_in(root))), root]
    paths: list[Path] = []
    for folder in folders:
        try:
            paths += [path for path in sorted(folder.iterdir()) if path.suffix.lower() in (".txt", ".csv")]
        except OSError:
            continue
    return [path for path in paths if path.is_file() and path.name.lower() in {*_FILES, _VALUES}]


def _read(file: Path) -> ClassList:
    lines = [line.strip() for line in read_lines(file)]
    rows = [line for line in lines if line and not line.startswith("# ") and not _HEADER.fullmatch(line)]
    coloured = [_coloured(line) for line in rows]
    with_colours = [row for row in coloured if row is not None]
    if with_colours and len(with_colours) == len(rows):
        names, colours = zip(*with_colours, strict=True)
        _refuse_twice(file.name, [one_line(name) for name in names], say("name", "名称"))
        _refuse_twice(file.name, [" ".join(map(str, colour)) for colour in colours], say("colour", "颜色"))
        return ClassList(file.name, names, colours)
    if len(with_colours) > (file.name.lower() == _NAMES):  # one class may be called 'Boeing 7 4 7'
        line = rows[coloured.index(None)]
        raise DatasetInvalid(
            say(
                f"{file.name}: a line has no name and three numbers: '{line[:60]}'",
                f"{file.name}：有一行不是“名称 + 三个数”：'{line[:60]}'",
            ),
            hint=say(
                "Write: name red green blue, e.g. road 128 64 128.", "请写成：名称 红 绿 蓝，如 road 128 64 128。"
            ),
        )
    return ClassList(file.name, class_list(file) or ())


def _coloured(line: str) -> tuple[str, Colour] | None:
    if found := _HEX.fullmatch(line):
        number = int(found["hex"], 16)
        return composed(found["name"].strip()), (number >> 16, number >> 8 & 255, number & 255)
    found = _CVAT.fullmatch(line) or _NUMBERS_BEHIND.fullmatch(line) or _NUMBERS_BEFORE.fullmatch(line)
    if not found:
        return None
    red, green, blue = int(found["r"]), int(found["g"]), int(found["b"])
    return (composed(found["name"].strip()), (red, green, blue)) if max(red, green, blue) <= 255 else None


def _of_values(file: Path) -> ClassList:
    """Read Roboflow's table: a line ``value, class`` each."""
    rows: dict[int, str] = {}
    for line in read_lines(file):
        value, _, name = line.partition(",")
        if value.strip().isdigit() and name.strip():
            rows[int(value)] = composed(name.strip())
    if sorted(rows) != list(range(len(rows))) or not rows:
        raise DatasetInvalid(
            say(
                f"{file.name} does not list pixel values from 0 on, one a line",
                f"{file.name} 没有从 0 开始逐行列出像素值",
            ),
            hint=say("Write: 0, background; 1, cat; a line each.", "请每行写一个：0, background；1, cat。"),
        )
    names = tuple(rows[value] for value in range(len(rows)))
    _refuse_twice(file.name, names, say("name", "名称"))
    return ClassList(file.name, names)


def _refuse_twice(file: str, values: Sequence[str], what: str) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise DatasetInvalid(
            say(f"{file}: {twice} is there twice", f"{file}：{what} {twice} 出现了两次"),
            hint=say("Each class has a name and a colour of its own.", "每个类别的名称和颜色都应各不相同。"),
        )
