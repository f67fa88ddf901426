"""Data sets of keypoints: ``load`` turns a folder into persons with points. Pose and ``DataSet`` call it.

COCO's keypoint format with any number of points, in the documented layout and in those of other tools
(``keypoint_files``); YOLO's for poses, labelme's points, tables. No picture is decoded here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from BaseDT.arguments import checked_path
from BaseDT.dataset import keypoint_files, keypoint_json
from BaseDT.dataset.dividing import SPLITS, TEST, TRAIN, VAL, hold_out
from BaseDT.dataset.formats import keypoint_table, labelme_points, yolo_pose
from BaseDT.dataset.keypoint_files import annotation_files, by_split, pictures_of
from BaseDT.dataset.keypoint_fitting import fitted
from BaseDT.dataset.keypoint_samples import KeypointsDataset, PosedObject, content_notes
from BaseDT.dataset.keypoint_source import KeypointSource, PosedPicture, with_middles
from BaseDT.dataset.layout import folder_at
from BaseDT.dataset.pictures import PictureFolder, find_pictures, unnamed_pictures
from BaseDT.dataset.scan import folders_in
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.files import what_is_at
from BaseDT.language import english, say
from BaseDT.listing import shortened

__all__ = ["KeypointsDataset", "PosedObject", "load", "looks_like_keypoints"]

PathLike: TypeAlias = str | os.PathLike[str]
# Asked in this order where no annotation file of COCO's has keypoints.
_OTHER_FORMS: tuple[tuple[Callable[[Path], object], Callable[[Path], KeypointSource]], ...] = (
    (yolo_pose.looks_like_yolo_pose, yolo_pose.read),
    (labelme_points.looks_like_labelme_points, labelme_points.read),
    (keypoint_table.tables_of, keypoint_table.read),
)


def load(
    path: PathLike,
    *,
    train_json: PathLike | None = None,
    train_images: PathLike | None = None,
    val_json: PathLike | None = None,
    val_images: PathLike | None = None,
) -> KeypointsDataset:
    """Read a folder of keypoints; pictures, boxes and points are upright.

    Persons without a labelled point are left out and counted, as are pictures without a person. Where no picture is
    for validation, a fifth of the training pictures is kept for it, chosen by their names.

    Args:
        path: The data set's folder.
        train_json: For folders of another shape: the annotation file, relative to ``path`` or absolute.
        train_images: Likewise: the folder of the pictures.
        val_json: Likewise, for validation.
        val_images: Likewise.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: Its layout or one of its files is wrong, or a named picture is not there (-201).
        AnnotationMissing: There are no keypoints, no training persons, or an annotation belongs to nothing (-701).
    """
    root = folder_at(path)
    given = {TRAIN: (train_json, train_images), VAL: (val_json, val_images)}
    return as_dataset(root, read_source(root, given))


def looks_like_keypoints(root: Path) -> bool:
    """Tell whether ``load`` finds keypoints in a folder; of large files only the ends are read."""
    return bool(annotation_files(root)) or any(knows(root) for knows, _ in _OTHER_FORMS)


def read_source(root: Path, given: dict[int, tuple[PathLike | None, PathLike | None]] | None = None) -> KeypointSource:
    """Read a folder as ``load`` does, not yet fitted into its pictures.

    Args:
        root: The folder.
        given: The annotation file and the pictures of training and validation, where the user names them.
    """
    named = any(path is not None for paths in (given or {}).values() for path in paths)
    if not named and not annotation_files(root):
        reader = next((read for knows, read in _OTHER_FORMS if knows(root)), None)
        if reader is not None:
            return reader(root)
    files, notes = _files(root, given or {})
    return _of_coco(root, files, notes, {split: folder for split, (_, folder) in (given or {}).items()})


def _files(root: Path, given: dict[int, tuple[PathLike | None, PathLike | None]]) -> tuple[dict[int, Path], list[str]]:
    """Find the annotation files by split: where the user says, else where they are by custom."""
    named = {
        split: _existing(root, f"{SPLITS[split]}_json", file, "file")
        for split, (file, _) in given.items()
        if file is not None
    }
    if TRAIN in named:
        return named, []
    found = annotation_files(root) or annotation_files(root, by_name=True)
    if not found and not named:
        raise _nothing_found(root)
    files, notes = by_split(root, found) if found else ({}, [])
    files |= named
    if TRAIN not in files:
        raise AnnotationMissing(
            say(f"There is no train.json in {root}", f"{root} 中没有 train.json"), hint=keypoint_files.layout()
        )
    return files, notes


def _existing(root: Path, name: str, path: PathLike, kind: str) -> Path:
    found = root / checked_path(name, path)
    if what_is_at(found) != kind:
        raise DatasetInvalid(
            say(f"No such file or folder: {found}", f"没有该文件或文件夹：{found}"), hint=keypoint_files.layout()
        )
    return found


def _nothing_found(root: Path) -> AnnotationMissing:
    there = shortened(folders_in(root)) or say("no folder", "没有文件夹")
    return AnnotationMissing(
        say(
            f"There is no annotation file with keypoints in {root} (found: {english(there)})",
            f"{root} 中没有带关键点的标注文件（其中有：{there}）",
        ),
        hint=keypoint_files.layout(),
    )


def _of_coco(
    root: Path, files: dict[int, Path], notes: Sequence[str], folders: dict[int, PathLike | None]
) -> KeypointSource:
    splits = sorted(files)
    read = keypoint_json.read([files[split] for split in splits])
    first = read[0]
    lines = [*notes, *dict.fromkeys(line for file in read for line in file.notes)]
    pictures: list[PosedPicture] = []
    used: dict[Path, tuple[PictureFolder, list[str], list[str]]] = {}
    for split, file in zip(splits, read, strict=True):
        names = [entry.file_name for entry in file.entries]
        told = folders.get(split)
        folder = (
            pictures_of(root, files[split], split, names)
            if told is None
            else PictureFolder(_existing(root, f"{SPLITS[split]}_images", told, "folder"), os.fspath(told))
        )
        keys = find_pictures(file.name, names, folder)
        entries = keypoint_json.relabelled(file, first.classes)
        for entry, key in zip(entries, keys, strict=True):
            path = folder.path(key)
            pictures.append(PosedPicture(path, _key(path, root), entry.people, entry.size, split))
        if not keys:
            continue  # nothing tells where its pictures would lie
        _, sources, known = used.setdefault(folder.folder, (folder, [], []))
        sources.append(file.name)
        known += keys
    for folder, sources, known in used.values():
        lines += unnamed_pictures(", ".join(sources), folder, known)
    if not any(file.in_places for file in read):
        pictures = list(with_middles(pictures))
    if len(files) == 1:  # whatever its name, its pictures may be divided
        pictures = [replace(picture, split=None) for picture in pictures]
    source = KeypointSource(
        first.classes, first.names, first.skeleton, pictures=tuple(pictures), notes=tuple(lines)
    ).with_sides()
    return source if first.flip_pairs is None else replace(source, flip_pairs=first.flip_pairs, mirrors=True)


def _key(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def as_dataset(root: Path, source: KeypointSource) -> KeypointsDataset:
    """Return the data set of what was read: fitted, divided.

    Raises:
        DatasetInvalid: Points or sizes do not fit the pictures (-201).
        AnnotationMissing: There is no person to train with (-701).
    """
    placed = fitted(source, say("The annotations", "标注"))
    shown = [picture for picture, people in zip(source.pictures, placed.people, strict=True) if people]
    if not shown:
        raise _nobody(source)
    splits = {picture.path: TRAIN if picture.split is None else picture.split for picture in source.pictures}
    held: frozenset[str] = frozenset()
    training = [picture for picture in shown if splits[picture.path] == TRAIN]
    if VAL not in {splits[picture.path] for picture in shown}:
        held = hold_out([picture.key for picture in training])
        splits |= {picture.path: VAL for picture in training if picture.key in held}
    parts: list[list[PosedObject]] = [[], [], []]
    empty = [0, 0, 0]
    for picture, people in zip(source.pictures, placed.people, strict=True):
        split = splits[picture.path]
        parts[split] += people
        empty[split] += not people
    if not parts[TRAIN]:
        raise AnnotationMissing(
            say("No training picture shows a person with points.", "训练图片中没有带关键点的人。"),
            hint=say("Label points in the training pictures.", "请在训练图片中标注关键点。"),
        )
    train, val, test = map(tuple, parts)
    data = KeypointsDataset(
        root,
        source.classes,
        source.names,
        source.skeleton,
        source.flip_pairs,
        source.mirrors,
        train,
        val,
        test,
        whole_pictures=placed.whole_pictures,
        holds_out=bool(held),
        empty={"train": empty[TRAIN], "val": empty[VAL], "test": empty[TEST]},
        keeps=source.keeps,
    )
    notes = (*source.notes, *placed.notes, *_division_notes(data, len(held), len(training)), *content_notes(data))
    return replace(data, notes=notes)


def _nobody(source: KeypointSource) -> AnnotationMissing:
    people = sum(len(picture.people) for picture in source.pictures)
    if not people:
        return AnnotationMissing(
            say("No picture shows a person with keypoints.", "没有任何图片带有关键点标注。"),
            hint=say("Label points in the pictures.", "请在图片中标注关键点。"),
        )
    return AnnotationMissing(
        say(
            f"None of the {people} persons has a labelled point that can be used (v is 0 everywhere, or all lie "
            "outside).",
            f"{people} 个人都没有可用的关键点（v 全为 0，或都在图片之外）。",
        ),
        hint=say(
            "Write v = 2 for points that are visible and 1 for hidden ones.",
            "可见的关键点请写 v = 2，被遮挡的写 v = 1。",
        ),
    )


def _division_notes(data: KeypointsDataset, held: int, training: int) -> Iterator[str]:
    if number := sum(data.empty.values()):
        yield say(
            f"{number} pictures show no person with points: not used.", f"{number} 张图片中没有带关键点的人，不使用。"
        )
    if held:
        yield say(
            f"No validation pictures: {held} of the {training} training pictures, chosen by name, are kept for it.",
            f"没有验证图片：从 {training} 张训练图片中按文件名留出 {held} 张用于验证。",
        )
    elif not data.val:
        yield say(
            "No validation pictures, and too few training pictures to keep any for it.",
            "没有验证图片，训练图片太少，也无法留出一部分。",
        )
