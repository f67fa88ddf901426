"""YOLO: a text file for each picture, a line ``class cx cy width height`` for each object, in shares of the picture.

``images/``, ``annotations/*.txt`` (or ``labels/``), such folders in ``train/`` and ``valid/``, or pictures and labels
beside each other (labelImg; CVAT's ``obj_train_data``). ``classes.txt`` in the folder or beside the labels, or
``obj.names``, or ``data.yaml`` names the classes. An outline gives a box and a mask. Shares are those of the upright
picture, as browsers show it and as Ultralytics' trainer reads it, whatever a camera stored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.dividing import split_named
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
from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseDT.names import composed

_NO_LABELS = frozenset({"classes.txt", "readme.txt", "readme.dataset.txt", "readme.roboflow.txt"})
# Rounding puts some numbers a little outside of 0 to 1; what lies farther out is no share.
_SLACK = 0.01


@dataclass(frozen=True)
class _Part:
    """Pictures, the folder and files of their labels, and what their keys begin with."""

    pictures: PictureFolder
    labels: Path
    files: list[Path]
    prefix: str


def read(src: Path) -> Source:
    """Read a data set in the format of YOLO.

    Pictures without a label file show no object: that is how this format says it.

    Raises:
        DatasetInvalid: The layout or a line is wrong, or ``classes.txt`` is missing.
        AnnotationMissing: There is no label file.
    """
    parts = _parts(src)
    if not any(part.files for part in parts):
        refuse_empty([], parts[0].labels, ".txt")
    classes = class_list(src / "classes.txt", parts[0].labels / "classes.txt", src / "obj.names")
    classes = classes or names_of_yaml(src)
    if classes is None:
        raise DatasetInvalid(
            say(f"There is no classes.txt in {src}", f"{src} 中没有 classes.txt"),
            hint=say(
                "YOLO labels are numbers: write their names into classes.txt, one a line, from number 0 on.",
                "YOLO 的标签是数字：请编写 classes.txt，从 0 号类别起每行一个名称。",
            ),
        )
    matches = [(part, Matched(part.pictures, part.labels, part.files)) for part in parts]
    pictures = tuple(
        Picture(matched.pictures.path(key), part.prefix + key, _boxes(matched.of.get(key), len(classes)))
        for part, matched in matches
        for key in matched.pictures.keys
    )
    corners = [box.corners for picture in pictures for box in picture.boxes]
    numbers = [((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1) for x1, y1, x2, y2 in corners]
    refuse_corners(parts[0].labels.name, numbers, [(1.0, 1.0)] * len(numbers), centred=True)
    return Source(numbered(classes), divided_by_folder(pictures), relative=True, notes=tuple(_backgrounds(matches)))


def looks_like_yolo(src: Path) -> bool:
    """Tell whether a folder is a set of YOLO's that names its classes: as Ultralytics, Roboflow or CVAT write it."""
    named = any((src / name).is_file() for name in ("classes.txt", "obj.names")) or names_of_yaml(src) is not None
    if not named:
        return False
    folders = {name.lower() for name in folders_in(src)}
    return {"images", "labels"} <= folders or "obj_train_data" in folders or bool(_split_folders(src))


def _parts(src: Path) -> list[_Part]:
    """Find pictures and labels: in folders of their own, in such folders of each split, or beside each other."""
    if splits := _split_folders(src):
        return [_part(subfolder(src / name, "images"), subfolder(src / name, "labels"), f"{name}/") for name in splits]
    present = {name.lower(): name for name in folders_in(src)}
    if labels := next((present[name] for name in ("annotations", "labels") if name in present), None):
        return [_part(subfolder(src, "images"), src / labels)]
    together = src / next((present[name] for name in ("obj_train_data", "images") if name in present), "")
    if not _beside(together):
        return [_part(subfolder(src, "images"), subfolder(src, "annotations", "labels"))]
    return [_part(together, together)]


def _split_folders(src: Path) -> list[str]:
    """Return the folders of splits that have pictures and labels in folders of their own."""
    splits = [name for name in folders_in(src) if split_named(name) is not None]
    return [name for name in splits if {"images", "labels"} <= {inner.lower() for inner in folders_in(src / name)}]


def _part(images: Path, labels: Path, prefix: str = "") -> _Part:
    files = [file for file in files_in(labels, ".txt") if file.name.lower() not in _NO_LABELS]
    pictures = PictureFolder(images, f"{prefix}{images.name}")
    if images == labels:  # there may be lists and notes beside
        files = [file for file in files if pictures.of_stem(file.relative_to(labels).with_suffix("").as_posix())]
    return _Part(pictures, labels, files, prefix)


def _beside(folder: Path) -> bool:
    return bool(_part(folder, folder).files)


def names_of_yaml(src: Path) -> tuple[str, ...] | None:
    """Return the classes that a ``data.yaml`` (or another YAML file beside it) names, by number; None where none does.

    Only what these files hold is read: ``names`` as a list or as numbers with names, in one line or in several.

    Raises:
        DatasetInvalid: Such a list is there and cannot be read (-201).
    """
    files = sorted((*src.glob("*.yaml"), *src.glob("*.yml")), key=lambda file: (file.stem != "data", file.name))
    for file in files:
        text = "\n".join(read_lines(file))
        if found := re.search(r"^names[ ]*:[ ]*(.*(?:\n(?:[ \t-].*)?)*)", text, re.MULTILINE):
            names = _names(found[1])
            if not names or len(set(names)) < len(names):
                raise DatasetInvalid(
                    say(
                        f"{file.name}: the list 'names' cannot be read, is empty, or has a name twice",
                        f"{file.name}：列表 'names' 无法读取、为空，或有重复的名称",
                    ),
                    hint=say("Write: names: ['cat', 'dog']", "请写成：names: ['cat', 'dog']"),
                )
            return names
    return None


def _names(text: str) -> tuple[str, ...]:
    if text.lstrip().startswith(("[", "{")):
        inner = re.match(r"\s*[\[{]([^\]}]*)[\]}]", text)
        items = re.findall(r"""(?:'[^']*'|"[^"]*"|[^,'"])+""", inner[1]) if inner else []
    else:
        items = [re.sub(r"^\s*-\s+", "", line) for line in text.split("\n")]
    items = [re.sub(r"\s+#.*$", "", item).strip() for item in items]
    numbered_items = [re.fullmatch(r"(\d+)\s*:\s+(.*)", item) for item in items if item]
    if numbered_items and all(numbered_items):
        pairs = sorted((int(found[1]), found[2]) for found in numbered_items if found)
        if [number for number, _ in pairs] != list(range(len(pairs))):
            return ()
        items = [name for _, name in pairs]
    return tuple(composed(item.strip("'\"").strip()) for item in items if item.strip("'\""))


def _backgrounds(matches: Sequence[tuple[_Part, Matched]]) -> Iterator[str]:
    if keys := [part.prefix + key for part, matched in matches for key in matched.without()]:
        yield say(
            f"{len(keys)} pictures have no label file (e.g. {keys[0]}): taken as pictures without objects.",
            f"{len(keys)} 张图片没有标签文件（如 {keys[0]}），视为不含目标的图片。",
        )


def _boxes(file: Path | None, classes: int) -> tuple[Box, ...]:
    if file is None:
        return ()
    return tuple(_box(f"{file.name}:{n}", line, classes) for n, line in enumerate(read_lines(file), 1) if line.strip())


def _box(where: str, line: str, classes: int) -> Box:
    numbers = _numbers(line)
    outline = len(numbers) >= 7 and len(numbers) % 2 == 1
    if len(numbers) not in (5, 6) and not outline:
        raise DatasetInvalid(
            say(
                f"{where}: expected five numbers, found '{line.strip()[:60]}'",
                f"{where}：应为五个数，却是 '{line.strip()[:60]}'",
            ),
            hint=say(
                "A line is: class cx cy width height; or class x1 y1 x2 y2 x3 y3 ... of an outline.",
                "每行应为：类别 中心x 中心y 宽 高；或轮廓：类别 x1 y1 x2 y2 x3 y3 ……",
            ),
        )
    label = numbers[0]
    if not label.is_integer() or not 0 <= label < classes:
        raise DatasetInvalid(
            say(
                f"{where}: there is no class {label:g}: classes.txt has {classes}, 0 to {classes - 1}",
                f"{where}：没有类别 {label:g}：classes.txt 有 {classes} 个类别，编号 0 到 {classes - 1}",
            ),
            hint=say("Correct the number, or complete classes.txt.", "请改正类别编号，或补全 classes.txt。"),
        )
    if not all(-_SLACK <= share <= 1 + _SLACK for share in numbers[1:]):
        raise DatasetInvalid(
            say(
                f"{where}: a number is not between 0 and 1: '{line.strip()[:60]}'",
                f"{where}：有数字不在 0 到 1 之间：'{line.strip()[:60]}'",
            ),
            hint=say(
                "Centre and size are shares of the picture's width and height, not pixels.",
                "中心和宽高应为相对图片宽高的比例（0 到 1），不是像素。",
            ),
        )
    if outline:
        xs, ys = numbers[1::2], numbers[2::2]
        return Box(int(label), (min(xs), min(ys), max(xs), max(ys)), segmentation=[numbers[1:]])
    cx, cy, width, height = numbers[1:5]  # a sixth is how sure a model was
    return Box(int(label), (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2))


def _numbers(line: str) -> list[float]:
    """Return the finite numbers of a line; none where a part of it is something else."""
    try:
        numbers = [float(part) for part in line.split()]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []
