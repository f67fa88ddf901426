"""The labels of validation and test pictures: ``val.txt``, ``test.txt`` and the folders. ``imagenet.load`` calls it.

Nothing is repaired silently: the first line that is wrong is named, and how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from BaseDT.dataset.classes import Classes
from BaseDT.dataset.scan import Split
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid, did_you_mean
from BaseDT.language import english, say, with_name
from BaseDT.names import composed

# A picture: its posix path relative to the split's folder, and its label.
Labelled = tuple[str, int]

_NUMBER = re.compile(r"-?[0-9]{1,9}")


class _WrongLine(Exception):
    """What is wrong with one line."""


def from_folders(split: Split, classes: Classes) -> list[Labelled]:
    """Return the pictures of the class folders with their labels, in the order of the labels.

    Raises:
        DatasetInvalid: A class folder is none of the training set's.
    """
    label_of = classes.label_of()
    for folder in split.classes:
        if folder not in label_of:
            near = did_you_mean(folder, label_of)
            raise DatasetInvalid(
                say(
                    f"{split.name} has a class that the training set has no pictures of: '{folder}'",
                    f"{split.name} 中有训练集没有图片的类别：'{folder}'",
                ),
                hint=say(
                    f"{near} Every class needs training pictures: add some, or delete {split.name}/{folder}.",
                    f"{near}每个类别都要有训练图片：请补上，或删除 {split.name}/{folder}。",
                ).strip(),
            )
    return [(image, label) for label, folder in enumerate(classes.folders) for image in split.classes.get(folder, ())]


def as_text(pictures: Iterable[Labelled]) -> str:
    """Return the contents of a label file: one line ``class/file label`` for each picture."""
    return "".join(f"{image} {label}\n" for image, label in pictures)


def read_labels(file: Path, split: Split, classes: Classes) -> list[Labelled]:
    """Return the pictures of a split with the labels of its label file, in the order of label and name.

    A line is ``name label``; the name is the picture's own, or ``class/file``, with either slash.

    Raises:
        DatasetInvalid: A line and the pictures disagree (the first place is named), or a picture has no line.
    """
    pictures = _Pictures(split, classes)
    problems: list[str] = []
    lines = 0
    for number, line in enumerate(read_lines(file, pictures.names()), 1):
        if not line:
            continue
        lines += 1
        try:
            pictures.take(line, number)
        except _WrongLine as problem:
            problems.append(with_name(f"{file.name}:{number}", problem.args[0]))
    problems += [
        say(f"{split.name}/{image} has no line in {file.name}", f"{split.name}/{image} 在 {file.name} 中没有对应的行")
        for image in pictures.without_line()
    ]
    if problems:
        _refuse(file.name, lines, split, problems)
    return sorted(pictures.labels.items(), key=lambda item: (item[1], item[0]))


def _refuse(file: str, lines: int, split: Split, problems: list[str]) -> None:
    images = split.count()
    counts = (
        say(
            f"{file} has {lines} lines, {split.name} has {images} pictures: ",
            f"{file} 有 {lines} 行，{split.name} 有 {images} 张图片：",
        )
        if lines != images
        else ""
    )
    more = say(f" (and {len(problems) - 1} more)", f"（另有 {len(problems) - 1} 处）") if len(problems) > 1 else ""
    raise DatasetInvalid(
        say(f"{english(counts)}{english(problems[0])}{english(more)}", f"{counts}{problems[0]}{more}"),
        hint=_way_out(file, split),
    )


def _way_out(file: str, split: Split) -> str:
    if not split.count():
        return say(
            f"Put the pictures into {split.name}, or delete {file}.", f"请把图片放进 {split.name}，或删除 {file}。"
        )
    form = say(
        "One line for each picture: name, space, label; labels start at 0.",
        "每张图片一行：文件名、空格、标签（从 0 开始）。",
    )
    if not split.classes:
        return form
    return form + say(
        f" Correct it, or delete {file}: it is then made anew from the folders.",
        f"请改正，或删除 {file}，程序会按文件夹重新生成。",
    )


class _Pictures:
    """The pictures of a split, as the lines of a label file take them one by one."""

    def __init__(self, split: Split, classes: Classes) -> None:
        self.labels: dict[str, int] = {}
        self._line_of: dict[str, int] = {}
        self._split = split
        self._names = classes.names
        self._folder_label: dict[str, int | None] = dict.fromkeys(split.loose)
        for image, label in from_folders(split, classes):
            self._folder_label[image] = label
        self._by_key = {_key(image): image for image in self._folder_label}
        self._by_base: dict[str, list[str]] = {}
        for key, image in self._by_key.items():
            self._by_base.setdefault(key.rpartition("/")[2], []).append(image)

    def take(self, line: str, number: int) -> None:
        """Give the picture that a line means its label."""
        name, label = self._parse(line)
        image = self._find(name, label)
        if image in self._line_of:
            raise _WrongLine(
                say(
                    f"'{name}' has a line already (line {self._line_of[image]})",
                    f"'{name}' 已经有一行了（第 {self._line_of[image]} 行）",
                )
            )
        self._line_of[image] = number
        expected = self._folder_label[image]
        if expected not in (None, label):
            raise _WrongLine(
                say(
                    f"label {label} is '{self._names[label]}', but '{image}' lies in the folder of "
                    f"'{self._names[expected]}', label {expected}",
                    f"标签 {label} 是 '{self._names[label]}'，但 '{image}' 在 '{self._names[expected]}'（标签 "
                    f"{expected}）的文件夹中",
                )
            )
        self.labels[image] = label

    def names(self) -> Iterable[str]:
        """Return what the lines may call them: class folders, then the pictures' own names."""
        return (*self._split.classes, *self._by_base)

    def without_line(self) -> list[str]:
        """Return the pictures that no line meant."""
        return sorted(self._folder_label.keys() - self._line_of.keys())

    def _parse(self, line: str) -> tuple[str, int]:
        name, *rest = line.rsplit(None, 1)
        if not rest or not _NUMBER.fullmatch(rest[0]):
            raise _WrongLine(
                say(f"expected a name and a number, found '{line.strip()}'", f"应为文件名和数字，却是 '{line.strip()}'")
            )
        label = int(rest[0])
        if not 0 <= label < len(self._names):
            raise _WrongLine(
                say(
                    f"label {label} is out of range: there are {len(self._names)} classes, 0 to {len(self._names) - 1}",
                    f"标签 {label} 超出范围：有 {len(self._names)} 个类别，编号 0 到 {len(self._names) - 1}",
                )
            )
        return name, label

    def _find(self, name: str, label: int) -> str:
        """Return the picture that a name means; of several with the same name, the one in the label's folder."""
        key = _key(name)
        for prefix in ("./", f"{_key(self._split.name)}/"):
            key = key.removeprefix(prefix)
        if key in self._by_key:
            return self._by_key[key]
        matches = [i for i in self._by_base.get(key.rpartition("/")[2], ()) if _key(i).endswith(f"/{key}")]
        if not matches:
            raise _WrongLine(
                say(f"there is no picture '{name}' in {self._split.name}", f"{self._split.name} 中没有图片 '{name}'")
            )
        fitting = [i for i in matches if self._folder_label[i] == label]
        return next((i for i in fitting if i not in self._line_of), (fitting or matches)[0])


def _key(name: str) -> str:
    """The same text for the same file: either slash, letters composed or not (macOS)."""
    plain = name.replace("\\", "/").lstrip()
    return composed(plain)
