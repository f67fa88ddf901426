"""The names of the classes and their order: ``classes.txt`` against the folders. ``imagenet.load`` calls it.

A line and a folder that do not belong together are an error that names the first such place; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from BaseDT.dataset.class_order import by_number
from BaseDT.dataset.scan import Split
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid, did_you_mean
from BaseDT.image import phone_formats
from BaseDT.language import english, say
from BaseDT.names import composed

_SHOWN = 12
# Control characters, and what Python puts for bytes that are no text in the file system's encoding.
_UNREADABLE = re.compile("[\x00-\x1f\ud800-\udfff]")


@dataclass(frozen=True)
class Classes:
    """The classes of a data set; the index in each tuple is the label.

    Attributes:
        names: What to call them.
        folders: The folder of each in the training set.
        note: A line for the user, or an empty text.
    """

    names: tuple[str, ...]
    folders: tuple[str, ...]
    note: str = ""

    def label_of(self) -> dict[str, int]:
        """Return the label of each folder."""
        return {folder: label for label, folder in enumerate(self.folders)}


def from_folders(train: Split) -> Classes:
    """Return the classes where there is no ``classes.txt``: the folders in alphabetical order.

    Raises:
        DatasetInvalid: There are fewer than two, or a name cannot be written.
    """
    folders = tuple(train.classes)
    if len(folders) < 2:
        _too_few(train)
    for folder in folders:
        if _UNREADABLE.search(folder):
            raise DatasetInvalid(
                say(
                    f"The name of a class folder cannot be read: {folder!a} in {train.name}",
                    f"无法识别 {train.name} 中类别文件夹的名称：{folder!a}",
                ),
                hint=say(
                    "Rename the folder; or unpack the archive again with the right encoding.",
                    "请重命名这个文件夹，或用正确的编码重新解压。",
                ),
            )
    names = tuple(" ".join(folder.split()) for folder in folders)  # as a text file holds them
    return Classes(names if len(set(names)) == len(names) else folders, folders)


def _too_few(train: Split) -> NoReturn:
    actual = (
        say(f"found one: '{next(iter(train.classes))}'", f"只有一个：'{next(iter(train.classes))}'")
        if train.classes
        else say("found no pictures in class folders", "类别文件夹中没有图片")
    )
    empty = say(
        f" Without pictures: {', '.join(train.empty[:_SHOWN])}.",
        f"没有图片的文件夹：{'、'.join(train.empty[:_SHOWN])}。",
    )
    others = say(f" No supported pictures: {_suffixes(train)}.", f"不支持的文件：{_suffixes(train)}。")
    raise DatasetInvalid(
        say(
            f"A classifier needs at least two classes, {english(actual)} in {train.name}",
            f"图像分类至少需要两个类别，{train.name} 中{actual}",
        ),
        hint=say(
            f"Make one folder of pictures for each class directly in {train.name}.",
            f"请在 {train.name} 中为每个类别建一个文件夹，直接放入图片。",
        )
        + (empty if train.empty else "")
        + (others if train.ignored.others else "")
        + (f" {phone_formats.way_out()}" if train.ignored.others.keys() & phone_formats.SUFFIXES.keys() else ""),
    )


def _suffixes(split: Split) -> str:
    return ", ".join(f"{suffix or '?'} ({count})" for suffix, count in split.ignored.others.most_common(3))


def read_classes(file: Path, train: Split) -> Classes:
    """Return the classes as ``classes.txt`` orders or names them.

    The names of the folders, in any order: the line is the label. As many lines, none of them a folder's name: names to
    show for the folders in their order; numbers in their names count as such.

    Raises:
        DatasetInvalid: Lines and folders disagree in any other way.
    """
    folders = from_folders(train).folders
    texts = [composed(line.strip()) for line in read_lines(file, folders)]
    lines = [(number, text) for number, text in enumerate(texts, 1) if text]
    names = tuple(name for _, name in lines)
    for plain in (composed, _folded):
        by_name = {plain(folder): folder for folder in folders}
        if len(by_name) == len(folders) and sorted(map(plain, names)) == sorted(by_name):
            return Classes(names, tuple(by_name[plain(name)] for name in names))
    _refuse_repeated(file.name, lines)
    folder_names = {_folded(folder) for folder in (*folders, *train.empty)}
    if len(names) != len(folders) or folder_names & set(map(_folded, names)):
        _disagree(file.name, lines, train)
    return _display_names(file.name, names, folders)


def _folded(name: str) -> str:
    return " ".join(composed(name).split()).casefold()  # a text file keeps no blanks at the ends


def _display_names(file: str, names: tuple[str, ...], folders: tuple[str, ...]) -> Classes:
    folders = tuple(sorted(folders, key=by_number))
    pairs = [f"{folder} = {name}" for folder, name in zip(folders, names, strict=True)]
    listed = ", ".join(pairs[:_SHOWN]) + (", ..." if len(pairs) > _SHOWN else "")
    note = say(f"{file} gives the folders their names: {listed}", f"{file} 为文件夹命名：{listed}")
    return Classes(names, folders, note)


def _refuse_repeated(file: str, lines: list[tuple[int, str]]) -> None:
    first: dict[str, int] = {}
    for number, name in lines:
        earlier = first.setdefault(_folded(name), number)
        if earlier != number:
            raise DatasetInvalid(
                say(
                    f"{file}:{number}: '{name}' is there twice (first in line {earlier})",
                    f"{file}:{number}：'{name}' 出现了两次（第一次在第 {earlier} 行）",
                ),
                hint=say("Each class has one line.", "每个类别只占一行。"),
            )


def _disagree(file: str, lines: list[tuple[int, str]], train: Split) -> NoReturn:
    """Raise the error for the first place where the lines and the folders disagree."""
    folder_names = {_folded(folder) for folder in train.classes}
    counts = say(
        f"{file} has {len(lines)} lines, {train.name} has {len(train.classes)} classes",
        f"{file} 有 {len(lines)} 行，{train.name} 有 {len(train.classes)} 个类别",
    )
    way_out = say(
        f"Correct it, or delete {file}: it is then made anew from the folders.",
        f"请改正，或删除 {file}，程序会按文件夹重新生成。",
    )
    for number, name in lines:
        if _folded(name) in map(_folded, train.empty):
            raise DatasetInvalid(
                say(
                    f"{file}:{number}: there is no picture in {train.name}/{name}",
                    f"{file}:{number}：{train.name}/{name} 中没有图片",
                ),
                hint=say(
                    "Put pictures into the folder, or delete it and the line.", "请放入图片，或删除这个文件夹和这一行。"
                ),
            )
        if _folded(name) not in folder_names:
            near = did_you_mean(name, train.classes)
            raise DatasetInvalid(
                say(
                    f"{file}:{number}: there is no folder '{name}' in {train.name} ({english(counts)})",
                    f"{file}:{number}：{train.name} 中没有文件夹 '{name}'（{counts}）",
                ),
                hint=f"{near} {way_out}".strip(),
            )
    listed = {_folded(name) for _, name in lines}
    exact = {name for _, name in lines}
    missing = next(
        (folder for folder in train.classes if _folded(folder) not in listed),
        next(folder for folder in train.classes if folder not in exact),
    )
    raise DatasetInvalid(
        say(
            f"{file} has no line for the folder {train.name}/{missing} ({english(counts)})",
            f"{file} 中没有文件夹 {train.name}/{missing} 对应的行（{counts}）",
        ),
        hint=way_out,
    )
