"""Where in a folder the parts of an ImageNet data set are. ``imagenet.load`` calls it; no picture is opened.

Most of it is about folders that are nearly right: each is named, with the path or the renaming that makes it right.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from BaseDT.dataset.keypoint_files import annotation_files
from BaseDT.dataset.mask_layout import looks_masked
from BaseDT.dataset.scan import LABEL_FILES, PICTURES, folders_in, holds_pictures
from BaseDT.errors import DatasetInvalid, DatasetNotFound, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.files import what_is_at
from BaseDT.image import phone_formats
from BaseDT.language import english, say, system_reason
from BaseDT.listing import shortened
from BaseDT.pasted import as_meant

# The second is how the documents spell it.
TRAINING = ("training_set", "trainning_set")
_SPLITS = (*TRAINING, "val_set", "test_set")
_LIKE_A_SPLIT = re.compile(r"(train+|val|test)(ing|id|idation)?([ _-]?(set|data|images?))?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f]")
_EXPORTED = {"train": ("train",), "val": ("val", "valid", "validation"), "test": ("test",)}
_MEANT = {"train": "training_set", "val": "val_set", "test": "test_set"}


@dataclass(frozen=True)
class Layout:
    """The parts of a data set, as their names are spelled on disk.

    Attributes:
        root: The data set's folder, absolute.
        train: Name of the training folder; empty where the class folders lie in ``root`` itself.
        classes: Where ``train`` is empty: the class folders.
        val: Name of the validation folder, or None.
        test: Name of the test folder, or None.
        texts: Spelling on disk of ``classes.txt``, ``val.txt`` and ``test.txt``, where they are there.
    """

    root: Path
    train: str
    classes: tuple[str, ...]
    val: str | None
    test: str | None
    texts: Mapping[str, str]

    def text(self, name: str) -> Path | None:
        """Return the path of one of the text files, or None where it is missing."""
        return self.root / self.texts[name] if name in self.texts else None


def locate(path: object) -> Layout:
    """Find the parts of the data set in a folder.

    Args:
        path: What the user gave: text or a path object.

    Raises:
        DatasetInvalid: It is no path, no folder, or a folder of another shape.
        DatasetNotFound: There is no such folder.
    """
    root = folder_at(path)
    names = _names(root)
    texts = {name: names[name] for name in LABEL_FILES if name in names}
    training = [names[name] for name in TRAINING if name in names]
    if len(training) == 2:
        raise DatasetInvalid(
            say(
                f"{root} holds both {training[0]} and {training[1]}", f"{root} 中同时有 {training[0]} 和 {training[1]}"
            ),
            hint=say("Put all training pictures into one of them.", "请把训练图片都放进其中一个文件夹。"),
        )
    if not training and (exported := _exported(root)):
        return Layout(root, exported["train"], (), exported.get("val"), exported.get("test"), texts)
    if not training:
        texts.pop("val.txt", None)
        texts.pop("test.txt", None)
        return Layout(root, "", _class_folders(root), None, None, texts)
    split = {name: names.get(name) for name in ("val_set", "test_set")}
    for name in (*training, *split.values()):
        if name is not None and not (root / name).is_dir():
            raise DatasetInvalid(
                say(f"{name} is a file, not a folder", f"{name} 是文件，不是文件夹"),
                hint=say("Make it a folder of pictures.", "它应当是存放图片的文件夹。"),
            )
    return Layout(root, training[0], (), split["val_set"], split["test_set"], texts)


def is_divided(root: Path) -> bool:
    """Tell whether a folder has training pictures in a folder of their own, by one of the names that are read."""
    return any(name.lower() in TRAINING for name in folders_in(root)) or bool(_exported(root))


def _exported(root: Path) -> dict[str, str]:
    """Return the folders ``train``, ``val`` and ``test`` of Roboflow or Ultralytics; none where it is no such export.

    Where other folders hold pictures, ``train`` may be a class like them.
    """
    folders = folders_in(root)
    split_of = {alias: split for split, aliases in _EXPORTED.items() for alias in aliases}
    found = {split_of[name.lower()]: name for name in reversed(folders) if name.lower() in split_of}
    others = [name for name in folders if name not in found.values()]
    if "train" not in found or holds_pictures(root / found["train"]) or any(holds_pictures(root / n) for n in others):
        return {}
    classes = [root / found["train"] / name for name in folders_in(root / found["train"])]
    named_parts = {"images", "labels", "annotations"}
    if any(path.name.lower() in named_parts for path in classes) or not any(map(_holds_pictures, classes)):
        return {}
    return found


def _names(root: Path) -> dict[str, str]:
    """Return what lies in a folder, by lower-case name: a set behaves the same on Windows and on Linux."""
    try:
        present = sorted(os.listdir(root))  # noqa: PTH208
    except OSError as error:
        raise DatasetInvalid(
            say(
                f"The folder cannot be read: {root}: {english(system_reason(error))}",
                f"无法读取文件夹：{root}：{system_reason(error)}",
            ),
            hint=say("Check that you may open it.", "请检查是否有权限打开这个文件夹。"),
        ) from error
    names = {name.lower(): name for name in present}
    return names | {name: name for name in present if name in names}


def folder_at(path: object) -> Path:
    """Turn the user's argument into an absolute path of a folder that exists.

    Raises:
        DatasetInvalid: It is no path, or no folder.
        DatasetNotFound: There is no such folder.
    """
    if not isinstance(path, (str, os.PathLike)) or isinstance(os.fspath(path), bytes):
        raise DatasetInvalid(
            say(
                f"The dataset must be given as a path, not as {type(path).__name__}: {quoted(path)}",
                f"数据集应以路径给出，而不是 {type(path).__name__}：{quoted(path)}",
            ),
            hint=_example(),
        )
    text = os.fspath(path)
    if not text:
        raise DatasetNotFound(
            say("No such dataset directory: the path is empty", "找不到数据集文件夹：路径为空"), hint=_example()
        )
    folder = as_meant(text).absolute()
    kind = what_is_at(folder)
    if _CONTROL.search(text) and kind == "nothing":
        _broken_text(text)
    if kind == "folder":
        return folder
    if kind == "file":
        raise DatasetInvalid(
            say(f"The dataset must be a folder, but this is a file: {path}", f"数据集应为文件夹，而这是文件：{path}"),
            hint=say(
                f"Unpack it, if it is an archive; or give its folder: {folder.parent}",
                f"如果是压缩包，请先解压；或者改用它所在的文件夹：{folder.parent}",
            ),
        )
    raise DatasetNotFound(
        say(f"No such dataset directory: {path}", f"找不到数据集文件夹：{path}"), hint=_where_it_ends(folder)
    )


def _example() -> str:
    return say("Write it as text, for example 'dataset/cls/hand_gray'.", "请写成文本，例如 'dataset/cls/hand_gray'。")


def _broken_text(text: str) -> NoReturn:
    """Name the best-known trap of Windows paths: in ``'C:\\new\\test'`` Python reads ``\\n`` and ``\\t``."""
    raise DatasetNotFound(
        say(f"No such dataset directory: {quoted(text)}", f"找不到数据集文件夹：{quoted(text)}"),
        hint=say(
            r"Write the path with / in place of \, or with an r before the quote: r'C:\data\test'.",
            r"请用 / 代替 \，或在引号前加 r，例如 r'C:\data\test'。",
        ),
    )


def _where_it_ends(folder: Path) -> str:
    """Say how far a path exists, and what lies there with a similar name."""
    missing, parent = folder, folder.parent
    while what_is_at(parent) != "folder" and parent != parent.parent:
        missing, parent = parent, parent.parent
    near = did_you_mean(missing.name, folders_in(parent))
    return say(
        f"There is no '{missing.name}' in {parent}. {near}", f"{parent} 中没有 '{missing.name}'。{near}"
    ).rstrip()


def _class_folders(root: Path) -> tuple[str, ...]:
    """Return the class folders of a root without ``training_set``, or say what is wrong with it."""
    folders = folders_in(root)
    if better := _better_root(root, folders):
        raise DatasetInvalid(
            say(f"There is no training_set in {root}", f"{root} 中没有 training_set"),
            hint=say(f"Give this path: {better}", f"数据集路径应写成：{better}"),
        )
    if annotation_files(root):
        raise DatasetInvalid(
            say(
                f"This is a dataset of keypoints, not for classification: {root}",
                f"这是关键点（姿态）的数据集，不是图像分类的：{root}",
            ),
            hint=say("Use MMPose for it.", "请改用 MMPose。"),
        )
    if {"images", "annotations"} <= {name.lower() for name in folders}:
        raise DatasetInvalid(
            say(
                f"This is a dataset for detection (images, annotations), not for classification: {root}",
                f"这是目标检测的数据集（images、annotations），不是图像分类的：{root}",
            ),
            hint=say("Use MMDetection for it.", "请改用 MMDetection。"),
        )
    if looks_masked(root):
        raise DatasetInvalid(
            say(
                f"This is a dataset for segmentation (pictures and masks), not for classification: {root}",
                f"这是图像分割的数据集（图片和掩码），不是图像分类的：{root}",
            ),
            hint=say("Use MMSegmentation for it.", "请改用 MMSegmentation。"),
        )
    with_pictures = tuple(name for name in folders if _holds_pictures(root / name))
    splits = [name for name in folders if _LIKE_A_SPLIT.fullmatch(name)]
    if set(with_pictures) <= set(splits):
        _no_training_set(root, folders, splits)
    return with_pictures


def _holds_pictures(folder: Path) -> bool:
    """Tell whether a folder may be a class: one of telephones' pictures that nothing decodes is named later."""
    return holds_pictures(folder, PICTURES | phone_formats.SUFFIXES.keys())


def _better_root(root: Path, folders: list[str]) -> Path | None:
    """Find the data set whose part, or whose parent, the user pointed at."""
    for name in folders:
        if any(inner.lower() in TRAINING for inner in folders_in(root / name)):
            return root / name
    real = root.resolve()
    part = next((folder for folder in (real, real.parent) if folder.name.lower() in _SPLITS), None)
    return part.parent if part else None


def _no_training_set(root: Path, folders: list[str], splits: list[str]) -> NoReturn:
    """Say that the training pictures are missing, and which folder they may be meant to be in."""
    there = shortened(folders) or say("no folder", "没有文件夹")
    renames = [(name, meant) for name in splits if (meant := _MEANT[_start(name)]) != name.lower()]
    hint = say(
        "Expected: training_set/<class name>/<pictures>, one folder for each class.",
        "应当是：training_set/类别名/图片，每个类别一个文件夹。",
    )
    if renames:
        pairs = ", ".join(f"{name} -> {meant}" for name, meant in renames)
        hint = say(f"Rename: {pairs}", f"请重命名：{pairs}")
    raise DatasetInvalid(
        say(
            f"There is no training_set in {root} (found: {english(there)})",
            f"{root} 中没有 training_set（其中有：{there}）",
        ),
        hint=hint,
    )


def _start(name: str) -> str:
    return next(start for start in _MEANT if name.lower().startswith(start))
