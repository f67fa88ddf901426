"""YOLO: a text file for each picture, a line ``class cx cy width height`` for each object, in shares of the picture.

``images/``, ``annotations/*.txt`` (or ``labels/``), and ``classes.txt`` in the folder or beside the labels. Shares are
those of the upright picture, as browsers show it and as Ultralytics' trainer reads it, whatever a camera stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.formats.source import (
    Matched,
    Picture,
    Source,
    class_list,
    divided_by_folder,
    files_in,
    numbered,
    refuse_empty,
    subfolder,
)
from BaseDT.dataset.pictures import PictureFolder
from BaseDT.dataset.plausible import refuse_corners
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say

_NO_LABELS = frozenset({"classes.txt", "readme.txt"})
# Rounding puts some numbers a little outside of 0 to 1; what lies farther out is no share.
_SLACK = 0.01


def read(src: Path) -> Source:
    """Read a data set in the format of YOLO.

    Pictures without a label file show no object: that is how this format says it.

    Raises:
        DatasetInvalid: The layout or a line is wrong, or ``classes.txt`` is missing.
        AnnotationMissing: There is no label file.
    """
    folder = subfolder(src, "annotations", "labels")
    files = [file for file in files_in(folder, ".txt") if file.name.lower() not in _NO_LABELS]
    refuse_empty(files, folder, ".txt")
    classes = class_list(src / "classes.txt", folder / "classes.txt")
    if classes is None:
        raise DatasetInvalid(
            f"There is no classes.txt in {src}",
            hint=say(
                "YOLO labels are numbers: write their names into classes.txt, one a line, from number 0 on.",
                "YOLO 的标签是数字：请编写 classes.txt，从 0 号类别起每行一个名称。",
            ),
        )
    matched = Matched(PictureFolder(subfolder(src, "images"), "images"), folder, files)
    pictures = tuple(
        Picture(matched.pictures.path(key), key, _boxes(matched.of[key], len(classes)) if key in matched.of else ())
        for key in matched.pictures.keys
    )
    corners = [box.corners for picture in pictures for box in picture.boxes]
    numbers = [((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1) for x1, y1, x2, y2 in corners]
    refuse_corners(folder.name, numbers, [(1.0, 1.0)] * len(numbers), centred=True)
    return Source(numbered(classes), divided_by_folder(pictures), relative=True, notes=tuple(_backgrounds(matched)))


def _backgrounds(matched: Matched) -> Iterator[str]:
    if keys := matched.without():
        yield say(
            f"{len(keys)} pictures have no label file (e.g. {keys[0]}): taken as pictures without objects.",
            f"{len(keys)} 张图片没有标签文件（如 {keys[0]}），视为不含目标的图片。",
        )


def _boxes(file: Path, classes: int) -> tuple[Box, ...]:
    return tuple(_box(f"{file.name}:{n}", line, classes) for n, line in enumerate(read_lines(file), 1) if line.strip())


def _box(where: str, line: str, classes: int) -> Box:
    numbers = _numbers(line)
    if len(numbers) != 5:
        raise DatasetInvalid(
            f"{where}: expected five numbers, found '{line.strip()[:60]}'",
            hint=say("A line is: class cx cy width height.", "每行应为：类别 中心x 中心y 宽 高。"),
        )
    label, cx, cy, width, height = numbers
    if not label.is_integer() or not 0 <= label < classes:
        raise DatasetInvalid(
            f"{where}: there is no class {label:g}: classes.txt has {classes}, 0 to {classes - 1}",
            hint=say("Correct the number, or complete classes.txt.", "请改正类别编号，或补全 classes.txt。"),
        )
    if not all(-_SLACK <= share <= 1 + _SLACK for share in numbers[1:]):
        raise DatasetInvalid(
            f"{where}: a number is not between 0 and 1: '{line.strip()[:60]}'",
            hint=say(
                "Centre and size are shares of the picture's width and height, not pixels.",
                "中心和宽高应为相对图片宽高的比例（0 到 1），不是像素。",
            ),
        )
    return Box(int(label), (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2))


def _numbers(line: str) -> list[float]:
    """Return the finite numbers of a line; none where a part of it is something else."""
    try:
        numbers = [float(part) for part in line.split()]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []
