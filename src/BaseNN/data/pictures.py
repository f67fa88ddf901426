"""Class folders become pictures in memory: uint8, all of one size. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import checked_name
from BaseDT.dataset.layout import folder_at
from BaseDT.dataset.scan import Split, scan
from BaseDT.errors import ClassCountMismatch, DatasetInvalid, MemoryExhausted, ParameterInvalid, XEduError
from BaseDT.image import read
from BaseDT.language import english, in_this_context, say
from BaseDT.listing import shortened
from BaseNN.data import transforms
from BaseNN.data.training_data import TrainingData

_THREADS = 4
_NAMED = 5
_TRAINING = ("training_set", "trainning_set", "train")
_SHARE_OF_MEMORY = 0.7
"""Of what is free: pictures stay in memory, and a network needs some, too."""


@dataclass(frozen=True)
class Found:
    """Pictures of class folders.

    Attributes:
        files: Their paths.
        labels: (N,) int64.
        classes: Names by label.
        notes: What the user should know.
    """

    files: Sequence[Path]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    notes: Sequence[str] = ()


def checked_color(color: object) -> str:
    """Return ``RGB`` or ``grayscale``.

    Raises:
        ParameterInvalid: It is neither (-305).
    """
    names = {"rgb": "RGB", "bgr": "RGB", "grayscale": "grayscale", "gray": "grayscale", "grey": "grayscale"}
    return checked_name("color", color, names)


def read_folders(path: object, classes: Sequence[str], transform: Mapping[str, Any], color: str) -> TrainingData:
    """Read pictures from class folders, sorted by name.

    Args:
        path: Their folder; of a divided set its training part.
        classes: Names by label; empty takes those of the folders.
        transform: Checked.
        color: ``RGB`` or ``grayscale``.

    Raises:
        DatasetNotFound, DatasetInvalid: No such folder; no class folders, or pictures that cannot be read (-101, -201).
        ClassCountMismatch: There are more or fewer folders than classes (-306).
        ParameterInvalid: The pictures are not of one size, and nothing resizes them (-305).
    """
    found = find(path, classes)
    gray = color == "grayscale" or "Grayscale" in transform
    inputs, full = _decoded(found, transform, gray)
    return TrainingData(
        kind="img",
        inputs=inputs,
        targets=found.labels,
        classes=found.classes,
        color="grayscale" if gray else "RGB",
        transform=full,
        source=str(path),
        notes=found.notes,
    )


def find(path: object, classes: Sequence[str]) -> Found:
    """Find the pictures of class folders; see ``read_folders``."""
    root = folder_at(path)
    split, notes = scan(root, root.name), []
    inner = next((name for name in _TRAINING if any(key.lower() == name for key in split.classes)), None)
    if inner is not None and any((root / inner).iterdir()):
        root = root / inner
        split = scan(root, inner)
        notes.append(say(f"The pictures of {inner} are read.", f"读取的是 {inner} 中的图片。"))
    folders = [name for name, files in split.classes.items() if files]
    if len(folders) < 2:
        raise _no_classes(root, split)
    order, names = _named(folders, classes)
    files = [root / name for folder in order for name in split.classes[folder]]
    labels = np.repeat(np.arange(len(order)), [len(split.classes[folder]) for folder in order]).astype(np.int64)
    return Found(files, labels, names, notes)


def _named(folders: Sequence[str], classes: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    """Return folders in the order of their labels, and the names of the classes."""
    if not classes:
        return folders, tuple(folders)
    if set(classes) == set(folders) and len(classes) == len(folders):
        return classes, tuple(classes)
    if len(classes) == len(folders):
        return folders, tuple(classes)
    raise ClassCountMismatch(
        say(
            f"classes names {len(classes)} classes, but there are {len(folders)} folders with pictures: "
            f"{english(shortened(folders))}.",
            f"classes 给出了 {len(classes)} 个类别，但有图片的文件夹有 {len(folders)} 个：{shortened(folders)}。",
        ),
        hint=say("Leave classes out to take the folders' names.", "省略 classes 即使用文件夹的名称。"),
    )


def _no_classes(root: Path, split: Split) -> DatasetInvalid:
    loose = len(split.loose)
    beside = say(f" {loose} pictures lie beside them.", f"另有 {loose} 张图片不在类别文件夹中。") if loose else ""
    return DatasetInvalid(
        say(
            f"{root} has {len(split.classes)} folders with pictures, and two are needed.{english(beside)}",
            f"{root} 中有图片的文件夹有 {len(split.classes)} 个，至少需要两个。{beside}",
        ),
        hint=say(
            "Give the folder that holds one folder for each class: cats/, dogs/ …",
            "请给出包含各类别文件夹的目录：每个类别一个文件夹，例如 cats/、dogs/。",
        ),
    )


def _decoded(found: Found, transform: Mapping[str, Any], gray: bool) -> tuple[npt.NDArray[np.uint8], dict[str, Any]]:
    """Return pictures (N, C, H, W), and the transform with its sizes."""
    first = _first(found, gray)
    full = transforms.of_pictures(transform, (first.shape[0], first.shape[1]))
    recipe = transforms.preprocess(full, gray, (first.shape[0], first.shape[1]))
    shape = (len(found.files), recipe.channels, *recipe.size)
    if int(np.prod(shape, dtype=np.int64)) > _SHARE_OF_MEMORY * _free_bytes():
        raise _too_many(shape)
    out = np.empty(shape, np.uint8)
    resized = "Resize" in full

    def decode(index: int) -> str:
        try:
            picture = read(found.files[index], gray=gray)
        except XEduError as error:
            return f"{found.files[index].name}: {english(error.message)}"
        if not resized and picture.shape[:2] != first.shape[:2]:
            height, width = picture.shape[:2]
            raise _mixed(found.files[index], (height, width), (first.shape[0], first.shape[1]))
        out[index] = recipe.pixels(picture).transpose(2, 0, 1)
        return ""

    with ThreadPoolExecutor(_THREADS) as pool:
        faults = [fault for fault in pool.map(in_this_context(decode), range(len(out))) if fault]
    if faults:
        raise _damaged(faults)
    return out, full


def _free_bytes() -> float:
    """Return how much memory is free; without end where nobody can tell."""
    try:
        import psutil  # of the training part
    except ImportError:
        return float("inf")
    return float(psutil.virtual_memory().available)


def _first(found: Found, gray: bool) -> npt.NDArray[np.uint8]:
    """Return the first picture that can be read; the others are named when all are read."""
    for file in found.files:
        try:
            return read(file, gray=gray)
        except XEduError:
            continue
    return read(found.files[0], gray=gray)


def _mixed(file: Path, size: tuple[int, int], first: tuple[int, int]) -> ParameterInvalid:
    return ParameterInvalid(
        say(
            f"The pictures are not of one size: {file.name} has {size[0]}×{size[1]}, the first {first[0]}×{first[1]}.",
            f"图片尺寸不一致：{file.name} 为 {size[0]}×{size[1]}，第一张为 {first[0]}×{first[1]}（高×宽）。",
        ),
        hint=say(
            "Bring them to one size: transform={'Resize': (128, 128)}.",
            "请统一尺寸：transform={'Resize': (128, 128)}。",
        ),
    )


def _damaged(faults: Sequence[str]) -> DatasetInvalid:
    more = ["…"] if len(faults) > _NAMED else []
    listed = "\n".join(f"  {fault}" for fault in [*faults[:_NAMED], *more])
    return DatasetInvalid(
        say(f"{len(faults)} pictures cannot be read:\n{listed}", f"有 {len(faults)} 张图片无法读取：\n{listed}"),
        hint=say("Repair or remove them.", "请修复或删除这些图片。"),
    )


def _too_many(shape: Sequence[int]) -> MemoryExhausted:
    count, size = shape[0], f"{shape[2]}×{shape[3]}"
    return MemoryExhausted(
        say(f"{count} pictures of {size} do not fit into memory.", f"{count} 张 {size} 的图片无法全部放入内存。"),
        hint=say("Make them smaller: transform={'Resize': (64, 64)}.", "请缩小图片：transform={'Resize': (64, 64)}。"),
    )
