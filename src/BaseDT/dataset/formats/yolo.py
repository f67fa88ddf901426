"""YOLO: a text file for each picture, a line ``class cx cy width height`` for each object, in shares of the picture.

``images/``, ``annotations/*.txt`` (or ``labels/``), such folders in ``train/`` and ``valid/``, or pictures and labels
beside each other (labelImg; CVAT's ``obj_train_data``). ``classes.txt`` in the folder or beside the labels, or
``obj.names``, or ``data.yaml`` names the classes. An outline gives a box and a mask. Shares are those of the upright
picture, as browsers show it and as Ultralytics' trainer reads it, whatever a camera stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.dividing import split_named
from BaseDT.dataset.formats import data_yaml, yaml_parts
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
from BaseDT.dataset.formats.yaml_parts import Place
from BaseDT.dataset.notes import undecodable
from BaseDT.dataset.pictures import PictureFolder, folded, stem_of
from BaseDT.dataset.plausible import refuse_corners
from BaseDT.dataset.scan import folders_in, holds_only_pictures
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid, XEduError
from BaseDT.language import say

_NO_LABELS = frozenset({"classes.txt", "readme.txt", "readme.dataset.txt", "readme.roboflow.txt"})
# Rounding puts some numbers a little outside of 0 to 1; what lies farther out is no share.
_SLACK = 0.01


@dataclass(frozen=True)
class _Part:
    """Pictures, the folder and files of their labels, what their keys begin with, and what they are for, if told."""

    pictures: PictureFolder
    labels: Path
    files: list[Path]
    prefix: str
    split: int | None = None


def read(src: Path) -> Source:
    """Read a data set in the format of YOLO.

    Pictures without a label file show no object: that is how this format says it.

    Raises:
        DatasetInvalid: The layout or a line is wrong, or ``classes.txt`` is missing.
        AnnotationMissing: There is no label file.
    """
    found = find(src)
    pictures = [
        replace(picture, boxes=_boxes(file, len(found.classes)))
        for picture, file in zip(found.pictures, found.labels, strict=True)
    ]
    corners = [box.corners for picture in pictures for box in picture.boxes]
    numbers = [((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1) for x1, y1, x2, y2 in corners]
    refuse_corners(found.folder, numbers, [(1.0, 1.0)] * len(numbers), centred=True)
    return Source(numbered(found.classes), divided_by_folder(pictures), relative=True, notes=found.notes)


@dataclass(frozen=True)
class Found:
    """The files of a set.

    Attributes:
        classes: Names by number.
        pictures: Without their boxes.
        labels: The label file of each; None where it has none.
        folder: What messages call the folder of labels.
        notes: Lines for the user.
    """

    classes: tuple[str, ...]
    pictures: tuple[Picture, ...]
    labels: tuple[Path | None, ...]
    folder: str
    notes: tuple[str, ...]


def find(src: Path) -> Found:
    """Find pictures, label files and classes; no label file is read.

    Raises:
        DatasetInvalid: The layout is wrong, or ``classes.txt`` is missing.
        AnnotationMissing: There is no label file.
    """
    parts, notes = _told_parts(src)
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
    label_of = {
        matched.pictures.path(key): matched.of.get(key)
        for _, matched in reversed(matches)
        for key in matched.pictures.keys
    }
    pictures, repeated = _once(
        Picture(matched.pictures.path(key), part.prefix + key, (), None, part.split)
        for part, matched in matches
        for key in matched.pictures.keys
    )
    labels = tuple(label_of[picture.path] for picture in pictures)
    lines = (*notes, *repeated, *_phones(matches), *_backgrounds(matches))
    return Found(classes, pictures, labels, parts[0].labels.name, lines)


def looks_like_yolo(src: Path) -> bool:
    """Tell whether a folder is a set of YOLO's that names its classes: as Ultralytics, Roboflow or CVAT write it."""
    named = any((src / name).is_file() for name in ("classes.txt", "obj.names")) or names_of_yaml(src) is not None
    if not named:
        return False
    folders = {name.lower() for name in folders_in(src)}
    if "labels" in folders and holds_only_pictures(subfolder(src, "labels")):
        return False  # masks: a set for segmentation
    if {"images", "labels"} <= folders or "obj_train_data" in folders or bool(_split_folders(src)):
        return True
    try:
        return any(yaml_parts.places(src, file) for file in data_yaml.files_of(src))
    except XEduError:
        return False


def _told_parts(src: Path) -> tuple[list[_Part], list[str]]:
    """Find pictures and labels where a ``data.yaml`` says, else where they usually are; and say which.

    Raises:
        DatasetInvalid, AnnotationMissing: It names what cannot be taken, and the usual folders are not there.
    """
    file = next((file for file in data_yaml.files_of(src)), None)
    if file is None:
        return _parts(src), []
    try:
        places = yaml_parts.places(src, file)
    except XEduError as error:
        if not _has_usual_folders(src):
            raise
        return _parts(src), [yaml_parts.usual_note(error)]
    if not places:
        return _parts(src), []
    return [_placed_part(src, place) for place in [*places, *_unnamed_places(src, places)]], []


def _unnamed_places(src: Path, places: Sequence[Place]) -> Iterator[Place]:
    """Return the usual folders of the parts that the file says nothing of: few name their test pictures."""
    named, told = {place.split for place in places}, {place.images for place in places}
    folders = [(name, subfolder(src / name, "images")) for name in _split_folders(src)]
    if {"images", "labels"} <= {name.lower() for name in folders_in(src)}:
        images = subfolder(src, "images")
        folders += [(name, images / name) for name in folders_in(images)]
    for name, folder in folders:
        split = split_named(name)
        if split is not None and split not in named and folder not in told:
            yield Place(split, folder)


def _has_usual_folders(src: Path) -> bool:
    present = {name.lower() for name in folders_in(src)}
    return bool(_split_folders(src)) or ("images" in present and bool({"labels", "annotations"} & present))


def _placed_part(src: Path, place: Place) -> _Part:
    """Return pictures and labels of a place; keys begin as those of the usual folders do."""
    inner = [part for part in place.images.relative_to(src).parts if part.lower() != "images"]
    part = _part(place.images, yaml_parts.labels_of(src, place.images), "".join(f"{name}/" for name in inner))
    if place.only is None:
        return replace(part, split=place.split)
    pictures = PictureFolder(place.images, part.pictures.name, only=place.only)
    files = [file for file in part.files if _is_of(file.relative_to(part.labels), pictures)]
    return replace(part, pictures=pictures, files=files, split=place.split)


def _is_of(inner: Path, pictures: PictureFolder) -> bool:
    """Whether a label file belongs to one of these pictures, by its whole path."""
    stem = folded(inner.with_suffix("").as_posix())
    return any(folded(stem_of(key)) == stem for key in pictures.of_stem(stem))


def _once(pictures: Iterable[Picture]) -> tuple[tuple[Picture, ...], list[str]]:
    """Leave out pictures that were named before, as by ``val`` where it is ``train`` again; and say how many."""
    first: dict[Path, Picture] = {}
    repeated = 0
    for picture in pictures:
        repeated += first.setdefault(picture.path, picture) is not picture
    if not repeated:
        return tuple(first.values()), []
    line = say(
        f"data.yaml names {repeated} pictures for two parts: they are used in the first alone.",
        f"data.yaml 把 {repeated} 张图片同时用于两个部分：只用于前一个部分。",
    )
    return tuple(first.values()), [line]


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

    Raises:
        DatasetInvalid: Such a list is there and cannot be read (-201).
    """
    return next((names for file in data_yaml.files_of(src) if (names := file.names) is not None), None)


def _phones(matches: Sequence[tuple[_Part, Matched]]) -> Iterator[str]:
    for part, _ in matches:
        yield from undecodable(part.pictures.ignored.others)


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
    numbers = numbers_of(line)
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


def numbers_of(line: str) -> list[float]:
    """Return the finite numbers of a line; none where a part of it is something else."""
    try:
        numbers = [float(part) for part in line.split()]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []
