"""Pictures with classes in a folder, however it is laid out: a data set, a part of one, or class folders alone.

Nothing is written into the folder. A set with test pictures is judged on these, else on those for validation.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from BaseDT.dataset import coco, imagenet, notes
from BaseDT.dataset.dividing import SPLITS, split_named
from BaseDT.dataset.formats.guess import looks_like
from BaseDT.dataset.imagenet import ImageNetDataset, Sample
from BaseDT.dataset.layout import Layout, folder_at, is_divided, locate
from BaseDT.dataset.scan import Split, folders_in, scan
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from XEdu.evaluation.kind import LabelledSet, Part

_PARTS: dict[str, Part] = {"train": "train", "val": "val", "test": "test"}


def read(path: str | os.PathLike[str]) -> LabelledSet:
    """Find the pictures of a folder, and their classes.

    Args:
        path: An ImageNet-style set, an export with ``train``, ``valid``, ``test``, one part of such, or class folders.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: It holds no pictures in class folders, or a set that cannot be read (-201).
    """
    root = folder_at(path)
    named = _part_named(root.name)
    if is_divided(root):
        return _of_set(root, None)
    if named is not None and is_divided(root.parent):
        return _of_set(root.parent, named)
    _refuse_other_forms(root)
    for part in ("test", "val"):
        folder = next((root / name for name in folders_in(root) if _part_named(name) == part), None)
        if folder is not None and _only_parts(root) and scan(folder, folder.name).classes:
            return _of_folders(folder, _PARTS[part])
    return _of_tree(root)


def _part_named(name: str) -> str | None:
    """Return ``"train"``, ``"val"`` or ``"test"`` where a folder is called so, or in the documents' way."""
    plain = name.lower().removesuffix("_set")
    if plain in ("training", "trainning"):
        return "train"
    number = split_named(plain)
    return None if number is None else SPLITS[number]


def _only_parts(root: Path) -> bool:
    return all(_part_named(name) is not None for name in folders_in(root))


def _refuse_other_forms(root: Path) -> None:
    """Say what else a folder is: labelled with boxes, or one folder too far up."""
    if better := next((root / name for name in folders_in(root) if is_divided(root / name)), None):
        raise DatasetInvalid(
            say(f"There are no class folders in {root}.", f"{root} 中没有类别文件夹。"),
            hint=say(f"Give this path: {better}", f"路径应写成：{better}"),
        )
    if coco.looks_like_coco(root) or looks_like(root):
        raise DatasetInvalid(
            say(
                f"The pictures in {root} are labelled with boxes, and this model classifies whole pictures.",
                f"{root} 中的图片标注的是检测框，而该模型是图像分类模型。",
            ),
            hint=say("Give class folders, or the file of a detector.", "请给出按类别分好的文件夹，或检测模型的文件。"),
        )


def _of_set(root: Path, wanted: str | None) -> LabelledSet:
    """Read a part of a divided set: the wanted one, else the test pictures, else those for validation."""
    layout = locate(root)
    folders = {"train": layout.train, "val": layout.val, "test": layout.test}
    if wanted is None:
        wanted = next((name for name in ("test", "val") if folders[name]), "val")
    folder = folders[wanted]
    if folder and wanted != "train" and _has_foreign_folders(layout, root / folder):
        return _of_folders(root / folder, _PARTS[wanted])
    dataset = imagenet.load(root, write=False)
    if wanted == "test" and not dataset.test and dataset.val:
        wanted = "val"  # test pictures often come without labels
    pictures = {"train": dataset.train, "val": dataset.val, "test": dataset.test}[wanted]
    part: Part = "held_out" if wanted == "val" and not layout.val else _PARTS[wanted]
    if not pictures:
        raise _unlabelled(root / folder if folder else root)
    return LabelledSet(
        root, part, pictures, dataset.classes, _worth_knowing(dataset, part), dataset, dataset.fingerprints
    )


def _has_foreign_folders(layout: Layout, folder: Path) -> bool:
    """Whether a part has a class that nobody trains on: a good question for a model, and no fault of the set."""
    trained = set(folders_in(layout.root / layout.train))
    return any(name not in trained for name in folders_in(folder))


def _worth_knowing(dataset: ImageNetDataset, part: Part) -> tuple[str, ...]:
    """Of the notes of a set those that its readers need; of held-out pictures the part itself tells."""
    return () if part == "held_out" else tuple(dataset.notes)


def _of_tree(root: Path) -> LabelledSet:
    """Read class folders that lie directly in a folder; a ``classes.txt`` there may name them."""
    split = scan(root, root.name)
    if not split.classes:
        raise _unlabelled(root, len(split.loose), " ".join(notes.ignored([split])))
    try:
        dataset = imagenet.load(root, write=False)
    except DatasetInvalid:  # one class alone cannot be learned, but recognised
        return _of_split(split, "all")
    everything = tuple(sorted((*dataset.train, *dataset.val), key=lambda sample: (sample.label, sample.path)))
    lines = tuple(notes.ignored([split]))
    return LabelledSet(root, "all", everything, dataset.classes, lines, dataset, dataset.fingerprints)


def _of_folders(folder: Path, part: Part) -> LabelledSet:
    return _of_split(scan(folder, folder.name), part)


def _of_split(split: Split, part: Part) -> LabelledSet:
    names = tuple(split.classes)
    pictures = tuple(
        Sample(split.folder / image, label) for label, name in enumerate(names) for image in split.classes[name]
    )
    if not pictures:
        raise _unlabelled(split.folder, len(split.loose))
    lines = [*notes.ignored([split]), *([notes.outside_classes(split)] if split.loose else [])]
    return LabelledSet(split.folder, part, pictures, names, tuple(lines))


def _unlabelled(folder: Path, loose: int = 0, passed_over: str = "") -> DatasetInvalid:
    """Make the error of a folder whose pictures, if it has any, have no classes."""
    has_some = say(f"{loose} pictures, but ", f"有 {loose} 张图片，但") if loose else ""
    return DatasetInvalid(
        say(
            f"{folder} holds {has_some}no class folders with pictures: nothing says what they show.",
            f"{folder} 中{has_some}没有存放图片的类别文件夹，无法知道图片的类别。",
        ),
        hint=say(
            "Sort the pictures into folders that are called like the classes, or write a table labels.csv "
            "(file,labels); or give a data set's own folder.",
            "请把图片按类别放入同名文件夹，或编写表格 labels.csv（file,labels）；或给出数据集所在的文件夹。",
        )
        + (f" {passed_over}" if passed_over else ""),
    )


def labels_of(pictures: Sequence[Sample]) -> set[int]:
    """Return the labels that occur."""
    return {sample.label for sample in pictures}
