"""Pictures with one label or several in a folder: tables of labels, class folders, folders that share.

Both kinds of classifier read their sets here and then take them as their own kind needs them. Nothing is written.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from BaseDT.dataset import labelled, linked_folders, multi_label, multi_label_notes
from BaseDT.dataset.label_table_files import tables_of
from BaseDT.dataset.labels import Labelled
from BaseDT.dataset.layout import folder_at, is_divided
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset, MultiLabelSample, Sample
from BaseDT.errors import DatasetInvalid, XEduError
from BaseDT.language import say
from XEdu.evaluation import class_folders
from XEdu.evaluation.kind import LabelledSet, Part


def read(path: str | os.PathLike[str]) -> LabelledSet:
    """Find the pictures of a folder, and their labels: ``MultiLabelSample`` of tables and links, else ``Sample``.

    Args:
        path: What ``class_folders.read`` takes; or a folder with ``labels.csv``, with ``train.csv``, ``val.csv``,
            ``test.csv`` (one of them does), or an export of Roboflow with ``_classes.csv``, or a part of one.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: It holds no pictures with labels, or a set that cannot be read (-201).
        AnnotationMissing: A table labels nothing (-701).
    """
    root = folder_at(path)
    tables = tables_of(root, for_training=False)
    if tables and not (is_divided(root) and any(table.folder == root for table in tables)):
        return _of_tables(root, multi_label.load_for_tests(root, tables))
    return _shared(class_folders.read(path))


def _of_tables(root: Path, data: MultiLabelDataset) -> LabelledSet:
    """Take the test pictures, else those for validation, else all."""
    part, pictures = _part(data)
    trained = _training_set(root)
    return LabelledSet(root, part, pictures, data.classes, data.notes, trained, functools.partial(_marks, trained))


def _part(data: MultiLabelDataset) -> tuple[Part, tuple[MultiLabelSample, ...]]:
    if data.test:
        return "test", data.test
    return ("val", data.val) if data.val else ("all", data.train)


def _training_set(root: Path) -> ImageNetDataset | MultiLabelDataset | None:
    """Return the set as a training reads it; None where it cannot be trained on."""
    try:
        return labelled.load(root)
    except XEduError:
        return None


def _marks(data: ImageNetDataset | MultiLabelDataset | None) -> tuple[str, ...]:
    return () if data is None else data.fingerprints()


def _shared(found: LabelledSet) -> LabelledSet:
    """Return a set with every picture once, where links put some into several class folders."""
    data = found.dataset
    if data is not None:
        parts = [(*data.train, *data.val), data.test] if found.part in ("held_out", "all") else [found.pictures]
        if not linked_folders.find_in([_keys(data.root, part) for part in (*parts, data.train)]).are_linked:
            return found
        whole = labelled.load(data.root)
        return _of_links(found, whole) if isinstance(whole, MultiLabelDataset) else found
    folder, pictures = _keys(found.root, found.pictures)
    shared = linked_folders.find_in([(folder, pictures)])
    if not shared.are_linked:
        return found
    merged = linked_folders.merged(folder, pictures, shared.groups[0])
    note = multi_label_notes.linked(len(shared.groups[0]), len(found.classes))
    return replace(found, pictures=tuple(merged), notes=(note, *found.notes))


def _of_links(found: LabelledSet, whole: MultiLabelDataset) -> LabelledSet:
    parts = {"train": whole.train, "val": whole.val, "held_out": whole.val, "test": whole.test}
    pictures = parts.get(found.part, (*whole.train, *whole.val, *whole.test))
    fingerprints = functools.partial(_marks, whole)
    return replace(found, pictures=pictures, classes=whole.classes, dataset=whole, fingerprints=fingerprints)


def _keys(folder: Path, pictures: Sequence[Sample]) -> tuple[Path, list[Labelled]]:
    start = len(str(folder).rstrip(os.sep)) + 1  # ten times as fast as relative_to
    return folder, [(str(picture.path)[start:].replace(os.sep, "/"), picture.label) for picture in pictures]


def with_several(found: LabelledSet) -> tuple[tuple[MultiLabelSample, ...], bool]:
    """Return the pictures for a model of several labels, and whether class folders alone say what they show."""
    by_folders = any(isinstance(picture, Sample) for picture in found.pictures)
    return tuple(MultiLabelSample(picture.path, tuple(picture.labels)) for picture in found.pictures), by_folders


def with_one(found: LabelledSet) -> LabelledSet:
    """Return the set for a model of one class a picture.

    Raises:
        DatasetInvalid: Some pictures have several labels, or none (-201).
    """
    others = sum(len(picture.labels) != 1 for picture in found.pictures)
    if others:
        raise _several_labels(others, len(found.pictures))
    pictures = (
        picture if isinstance(picture, Sample) else Sample(picture.path, picture.labels[0])
        for picture in found.pictures
    )
    return replace(found, pictures=tuple(pictures))


def _several_labels(others: int, total: int) -> DatasetInvalid:
    return DatasetInvalid(
        say(
            f"{others} of the {total} pictures of this set have several labels or none, and this model gives one class "
            "a picture.",
            f"该数据集的 {total} 张图片中有 {others} 张带有多个标签或没有标签，而该模型每张图片只给出一个类别。",
        ),
        hint=say(
            "Give a set with one class for each picture, or a model that was trained on several labels.",
            "请给出每张图片只有一个类别的数据集，或用多标签数据训练的模型。",
        ),
    )
