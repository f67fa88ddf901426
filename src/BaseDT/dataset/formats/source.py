"""What every reader of a foreign format returns, and the questions that all of them ask. For the files beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass, replace
from pathlib import Path

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Category
from BaseDT.dataset.dividing import TRAIN, split_named
from BaseDT.dataset.pictures import PictureFolder, folded
from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import AnnotationMissing, DatasetInvalid, did_you_mean
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.names import composed

_SHOWN = 5


@dataclass(frozen=True)
class Picture:
    """One picture of a foreign data set.

    Attributes:
        path: Where it lies.
        key: Its posix path in the folder of pictures: names and splits follow from it, not from the disk.
        boxes: Its objects, not yet fitted into the picture; in classification one without corners gives the class.
        size: (height, width) that the annotation claims, in pixels; None where it claims none.
        split: The split that its owner has put it into (``dividing``); None where the set is not divided.
    """

    path: Path
    key: str
    boxes: tuple[Box, ...]
    size: tuple[int, int] | None = None
    split: int | None = None


@dataclass(frozen=True)
class Source:
    """A foreign data set.

    Attributes:
        categories: Its classes, in the order of the labels.
        pictures: In the order of their keys.
        relative: Corners are shares of width and height, not pixels.
        notes: Lines for the user.
        keeps: What must stay as long as the pictures are needed: a temporary folder with some of them.
    """

    categories: tuple[Category, ...]
    pictures: tuple[Picture, ...]
    relative: bool = False
    notes: tuple[str, ...] = ()
    keeps: object = None


def divided(pictures: Sequence[Picture], names: Sequence[str]) -> tuple[Picture, ...]:
    """Return pictures with the splits that names say; as they are where the names do not divide the whole set.

    Args:
        pictures: All of a set.
        names: What each picture's split may be called: of a folder, or of an annotation file. ``train`` and others.
    """
    splits = [split_named(name) for name in names]
    if any(picture.split is not None for picture in pictures):
        return tuple(pictures)
    if TRAIN not in splits or None in splits or len(set(splits)) < 2:
        return tuple(pictures)
    return tuple(replace(picture, split=split) for picture, split in zip(pictures, splits, strict=True))


def divided_by_folder(pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """Return pictures with the splits that the first folders of their keys name."""
    return divided(pictures, [picture.key.partition("/")[0] for picture in pictures])


def numbered(names: Iterable[str]) -> tuple[Category, ...]:
    """Return categories of these names, numbered from 1."""
    return tuple(Category(number, name) for number, name in enumerate(names, 1))


def subfolder(src: Path, *names: str) -> Path:
    """Return the first of these folders that a data set has, whatever its letter case.

    Raises:
        DatasetInvalid: It has none of them.
    """
    present = folders_in(src)
    for name in names:
        if (folder_name := next((folder for folder in present if folder.lower() == name), None)) is not None:
            return src / folder_name
    there = shortened(present) or say("no folder", "没有文件夹")
    raise DatasetInvalid(
        say(
            f"There is no folder '{names[0]}' in {src} (found: {english(there)})",
            f"{src} 中没有文件夹 '{names[0]}'（其中有：{there}）",
        ),
        hint=say(
            "Expected: images/ with the pictures, annotations/ with the labels, classes.txt with the classes.",
            "应当是：images/ 存放图片，annotations/ 存放标注，classes.txt 写类别。",
        ),
    )


def files_in(folder: Path, suffix: str) -> list[Path]:
    """Return the files of a suffix below a folder, in the order of their posix paths; hidden ones do not count."""
    paths = (path for path in folder.rglob("*") if path.suffix.lower() == suffix and path.is_file())
    visible = ((path.relative_to(folder), path) for path in paths)
    visible_files = [
        (inner.as_posix(), path) for inner, path in visible if not any(p.startswith(".") for p in inner.parts)
    ]
    return [path for _, path in sorted(visible_files)]


def class_list(*files: Path) -> tuple[str, ...] | None:
    """Return the classes of the first of these files that is there, one a line; None where none is.

    Raises:
        DatasetInvalid: It is empty, or a class is there twice.
    """
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        return None
    # YOLO: the number is the line. Only blank lines at the end may be left out.
    lines = [composed(line.strip()) for line in read_lines(file)]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise DatasetInvalid(
            say(f"{file.name} is empty", f"{file.name} 是空的"), hint=say("One class a line.", "每行写一个类别。")
        )
    first: dict[str, int] = {}
    for number, name in enumerate(lines, 1):
        if not name:
            raise DatasetInvalid(
                say(f"{file.name}:{number} is blank", f"{file.name}:{number} 是空行"),
                hint=say("One class a line.", "每行写一个类别。"),
            )
        if (earlier := first.setdefault(name, number)) != number:
            raise DatasetInvalid(
                say(
                    f"{file.name}:{number}: '{name}' is there twice (first in line {earlier})",
                    f"{file.name}:{number}：'{name}' 出现了两次（第一次在第 {earlier} 行）",
                ),
                hint=say("Each class has one line.", "每个类别只占一行。"),
            )
    return tuple(lines)


def refuse_empty(files: Sized, folder: Path, kind: str) -> None:
    """Raise AnnotationMissing (-701) where there is no annotation file at all."""
    if not files:
        raise AnnotationMissing(
            say(f"There is no {english(kind)} file in {folder}", f"{folder} 中没有 {kind} 文件"),
            hint=say(
                "Check src_format: VOC has .xml, COCO and LABELME .json, YOLO .txt files.",
                "请检查 src_format：VOC 为 .xml，COCO 与 LABELME 为 .json，YOLO 为 .txt 文件。",
            ),
        )


class Matched:
    """Which picture each annotation file belongs to.

    Attributes:
        pictures: The folder of pictures.
        of: The annotation file of a picture's key.
    """

    def __init__(self, pictures: PictureFolder, folder: Path, files: Sequence[Path]) -> None:
        """Match by path and name without suffix, then by name alone.

        Raises:
            DatasetInvalid: A file has no picture, or several, or shares one with another file.
        """
        self.pictures = pictures
        self.of: dict[str, Path] = {}
        lost: list[str] = []
        for file in files:
            inner = file.relative_to(folder).with_suffix("").as_posix()
            keys = pictures.of_stem(inner)
            if not keys:
                lost.append(file.name)
                continue
            if len(keys) > 1 or keys[0] in self.of:
                self._refuse_ambiguous(file, keys)
            self.of[keys[0]] = file
        if lost:
            self._refuse_lost(folder, lost)

    def without(self) -> list[str]:
        """Return the pictures without an annotation file."""
        return [key for key in self.pictures.keys if key not in self.of]

    def _refuse_ambiguous(self, file: Path, keys: Sequence[str]) -> None:
        others = [*keys, *([self.of[keys[0]].name] if keys[0] in self.of else [])]
        raise DatasetInvalid(
            say(
                f"Which picture {file.name} belongs to is not clear: {', '.join(others[:_SHOWN])}",
                f"不清楚 {file.name} 属于哪张图片：{', '.join(others[:_SHOWN])}",
            ),
            hint=say(
                "Give each picture a name of its own, and its annotation the same name.",
                "请让每张图片的文件名各不相同，标注文件与图片同名。",
            ),
        )

    def _refuse_lost(self, folder: Path, lost: Sequence[str]) -> None:
        more = say(f" (and {len(lost) - 1} more)", f"（另有 {len(lost) - 1} 个）") if len(lost) > 1 else ""
        stems = [folded(key).rpartition("/")[2] for key in self.pictures.keys]
        raise DatasetInvalid(
            say(
                f"There is no picture for {folder.name}/{lost[0]}{english(more)} in {self.pictures.name}",
                f"{self.pictures.name} 中没有 {folder.name}/{lost[0]}{more} 对应的图片",
            ),
            hint=f"{did_you_mean(lost[0], stems)} "
            + say("An annotation has the name of its picture.", "标注文件应与图片同名。"),
        )
