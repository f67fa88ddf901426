"""Folders in COCO's layout: ``load`` turns one into pictures with boxes. Detection and ``DataSet`` call it.

``annotations/train.json, valid.json, test.json`` and ``images/train, valid, test``; without ``images/valid``, the
pictures of ``valid.json`` lie in ``images/test``. No picture is opened here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from BaseDT.arguments import checked_path
from BaseDT.dataset import yolo_set
from BaseDT.dataset.boxes import Box, BoxTally, fitted
from BaseDT.dataset.coco_json import Annotations, Category, Entry, read
from BaseDT.dataset.coco_samples import CocoDataset, CocoImage, CocoSplit, no_validation
from BaseDT.dataset.formats import yolo
from BaseDT.dataset.keypoint_files import annotation_files
from BaseDT.dataset.layout import folder_at
from BaseDT.dataset.mask_layout import looks_masked
from BaseDT.dataset.pictures import PictureFolder, find_pictures, unnamed_pictures
from BaseDT.dataset.scan import folders_in, holds_only_pictures
from BaseDT.errors import AnnotationMissing, DatasetInvalid, did_you_mean
from BaseDT.files import what_is_at
from BaseDT.language import english, say
from BaseDT.listing import shortened

__all__ = [
    "Box",
    "Category",
    "CocoDataset",
    "CocoImage",
    "CocoSplit",
    "class_names",
    "load",
    "looks_like_coco",
]

PathLike: TypeAlias = str | os.PathLike[str]
# What the files of a split are called; the first is the documented name.
_NAMES: dict[str, tuple[str, ...]] = {"train": ("train",), "val": ("valid", "val"), "test": ("test",)}
# Where a split's pictures may lie instead: the documents have those of valid.json in images/test, too.
_INSTEAD = {"val": ("test",)}
# As Roboflow hands sets out: a folder for each split, pictures and this file in it.
_BESIDE = "_annotations.coco.json"


@dataclass(frozen=True)
class _SplitFiles:
    """Where the annotations and the pictures of a split lie; None where they do not."""

    json: Path | None
    images: Path | None


def load(
    path: PathLike,
    *,
    train_json: PathLike | None = None,
    train_images: PathLike | None = None,
    val_json: PathLike | None = None,
    val_images: PathLike | None = None,
    with_masks: bool = False,
) -> CocoDataset:
    """Read a folder in COCO's layout.

    Boxes without area are dropped, boxes that leave their picture are cut, and both are counted in ``notes``, as are
    pictures that no annotation file names. Pictures without boxes stay.

    Args:
        path: The data set's folder.
        train_json: For folders of another shape: the annotation file, relative to ``path`` or absolute.
        train_images: Likewise: the folder of the pictures.
        val_json: Likewise, for validation.
        val_images: Likewise.
        with_masks: Whether the objects' masks are needed: then broken ones are refused and those that are not there are
            counted in ``notes``; else nobody looks at them.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: Its layout or one of its files is wrong, or a named picture or a mask (-201).
        AnnotationMissing: An annotation file is missing, or what one of its annotations belongs to (-701).
    """
    root = folder_at(path)
    given = (train_json, train_images, val_json, val_images)
    if all(part is None for part in given) and _is_yolo(root):
        return yolo_set.as_coco(root, yolo.read(root), with_masks=with_masks)
    splits = {
        "train": _files_of_split(root, "train", train_json, train_images),
        "val": _files_of_split(root, "val", val_json, val_images),
        "test": _files_of_split(root, "test", None, None),
    }
    _refuse_without_training(root, splits["train"])
    if splits["test"].json is None and splits["test"].images == splits["val"].images:
        splits["test"] = _SplitFiles(None, None)  # they are the validation's
    tally = BoxTally()
    categories: tuple[Category, ...] = ()
    images: dict[str, tuple[CocoImage, ...]] = dict.fromkeys(splits, ())
    notes: list[str] = []
    for name, files in splits.items():
        if files.json is None or files.images is None:
            notes += _missing_notes(name, files)
            continue
        annotations = read(files.json, with_masks=with_masks)
        notes += _empty_outlines(annotations)
        categories = categories or annotations.categories
        images[name], lines = _images(_relabelled(annotations, categories), files.images, tally)
        shares = any(files.images == other.images for key, other in splits.items() if key != name)
        notes += () if shares else lines  # of one folder for two files, neither names all
    data = CocoDataset(root, categories, images["train"], images["val"], images["test"], with_masks=with_masks)
    return data.with_notes(tuple(notes), tally)


def class_names(root: Path) -> tuple[str, ...]:
    """Read the classes of a folder in COCO's layout, by label, as ``load`` names them: those of its training file.

    Raises:
        AnnotationMissing: There is no such file, or it describes no category (-701).
        DatasetInvalid: The file is broken (-201).
    """
    file = _beside(root, "train") or _entry_of(_entry_of(root, "annotations"), "train.json")
    if file is None and yolo.looks_like_yolo(root):
        return tuple(category.name for category in yolo.read(root).categories)
    if file is None:
        raise AnnotationMissing(
            say(f"There is no annotations/train.json in {root}", f"{root} 中没有 annotations/train.json"),
            hint=_layout(),
        )
    return tuple(category.name for category in read(file).categories)


def looks_like_coco(root: Path) -> bool:
    """Tell whether ``load`` knows the shape of a folder.

    The folders ``annotations`` and ``images``; or an export of Roboflow, in COCO's format or in YOLO's. Where the
    annotations are pictures, it is a set for segmentation.
    """
    annotations = _entry_of(root, "annotations")
    documented = _has_documented_folders(root) and not (annotations and holds_only_pictures(annotations))
    return documented or _beside(root, "train") is not None or yolo.looks_like_yolo(root)


def _has_documented_folders(root: Path) -> bool:
    return {"annotations", "images"} <= {name.lower() for name in folders_in(root)}


def _is_yolo(root: Path) -> bool:
    return not _has_documented_folders(root) and _beside(root, "train") is None and yolo.looks_like_yolo(root)


def _beside(root: Path, split: str) -> Path | None:
    """Return the annotation file that lies beside a split's pictures."""
    if _has_documented_folders(root):
        return None
    return next(filter(None, (_entry_of(_entry_of(root, name), _BESIDE) for name in _NAMES[split])), None)


def _files_of_split(root: Path, split: str, json: PathLike | None, images: PathLike | None) -> _SplitFiles:
    """Find the parts of a split: where the user says, else where they are by custom."""
    names = _NAMES[split]
    file, folder = _at(root, f"{split}_json", json), _at(root, f"{split}_images", images)
    if file is None and folder is None and (beside := _beside(root, split)) is not None:
        return _SplitFiles(beside, beside.parent)
    annotations, pictures = _entry_of(root, "annotations"), _entry_of(root, "images")
    if file is None:
        file = next(filter(None, (_entry_of(annotations, f"{name}.json") for name in names)), None)
    folders = (*names, *_INSTEAD.get(split, ())) if file is not None else names
    if folder is None:
        folder = next(filter(None, (_entry_of(pictures, name) for name in folders)), None)
    if file is not None and folder is None:
        raise DatasetInvalid(
            say(
                f"There is {file.name}, but no folder images/{names[0]} in {root}",
                f"有 {file.name}，但 {root} 中没有文件夹 images/{names[0]}",
            ),
            hint=say(f"Put its pictures into images/{names[0]}.", f"请把图片放进 images/{names[0]}。"),
        )
    for path, kind in ((file, "file"), (folder, "folder")):
        if path is not None and what_is_at(path) != kind:
            raise DatasetInvalid(say(f"No such file or folder: {path}", f"没有该文件或文件夹：{path}"), hint=_layout())
    return _SplitFiles(file, folder)


def _at(root: Path, name: str, path: PathLike | None) -> Path | None:
    return None if path is None else root / checked_path(name, path)


def _entry_of(folder: Path | None, name: str) -> Path | None:
    """Return what a folder holds under this name, whatever its letter case."""
    if folder is None or what_is_at(folder) != "folder":
        return None
    exact = folder / name
    if exact.exists():
        return exact
    return next((path for path in sorted(folder.iterdir()) if path.name.lower() == name), None)


def _layout() -> str:
    return say(
        "Expected: annotations/train.json, annotations/valid.json, images/train, images/valid.",
        "应当是：annotations/train.json、annotations/valid.json、images/train、images/valid。",
    )


def _refuse_without_training(root: Path, files: _SplitFiles) -> None:
    if files.json is not None:
        return
    if files.images is not None:
        raise AnnotationMissing(
            say(f"There is no annotations/train.json in {root}", f"{root} 中没有 annotations/train.json"),
            hint=_layout(),
        )
    there = shortened(folders_in(root)) or say("no folder", "没有文件夹")
    way_out = say(
        f" DataSet('new_folder').make_dataset({str(root)!r}, src_format=…) makes such a set.",
        f"可用 DataSet('新文件夹').make_dataset({str(root)!r}, src_format=…) 制作。",
    )
    if annotation_files(root):
        way_out = say(" It has keypoints: use MMPose for it.", "其中有关键点标注：请改用 MMPose。")
    elif looks_masked(root):
        way_out = say(
            " It has pictures and masks: use MMSegmentation for it.", "其中有图片和掩码：请改用 MMSegmentation。"
        )
    raise DatasetInvalid(
        say(
            f"This is no data set in COCO's layout: {root} (found: {english(there)})",
            f"这不是 COCO 格式的数据集：{root}（其中有：{there}）",
        ),
        hint=_layout() + way_out,
    )


def _missing_notes(split: str, files: _SplitFiles) -> Iterator[str]:
    """Say what a split lacks; validation pictures without annotations are a mistake, test pictures may be so."""
    name = _NAMES[split][0]
    if files.images is not None:
        if split == "val":
            raise AnnotationMissing(
                say(
                    f"There is images/{name}, but no annotations/{name}.json",
                    f"有 images/{name}，但没有 annotations/{name}.json",
                ),
                hint=_layout(),
            )
        yield say(
            f"The pictures in images/{name} have no annotations/{name}.json: not used.",
            f"images/{name} 中的图片没有 annotations/{name}.json，不使用。",
        )
    elif split == "val":
        yield no_validation(name)


def _relabelled(annotations: Annotations, categories: Sequence[Category]) -> Annotations:
    """Return the annotations with the labels of the training file; a category of no box may be another."""
    if annotations.categories == tuple(categories):
        return annotations
    by_id = {category.id: label for label, category in enumerate(categories)}
    labels = {}
    for file_label in {box.label: None for entry in annotations.entries for box in entry.boxes}:
        category = annotations.categories[file_label]
        label = by_id.get(category.id)
        if label is None or categories[label].name != category.name:
            expected = say("no such id", "没有这个 id") if label is None else f"'{categories[label].name}'"
            raise DatasetInvalid(
                say(
                    f"{annotations.name} has the category {category.id} '{category.name}', "
                    f"train.json has {english(expected)}",
                    f"{annotations.name} 中有类别 {category.id} '{category.name}'，而 train.json 中是：{expected}",
                ),
                hint=say(
                    "All annotation files need the same categories. ", "所有标注文件的类别（categories）必须一致。"
                )
                + did_you_mean(category.name, (expected_category.name for expected_category in categories)),
            )
        labels[file_label] = label
    return replace(annotations, entries=tuple(_with_labels(entry, labels) for entry in annotations.entries))


def _with_labels(entry: Entry, labels: Mapping[int, int]) -> Entry:
    return replace(entry, boxes=tuple(replace(box, label=labels[box.label]) for box in entry.boxes))


def _empty_outlines(annotations: Annotations) -> Iterator[str]:
    if number := annotations.empty_outlines:
        yield say(
            f"{annotations.name}: the segmentation of {number} objects encloses nothing of their boxes (empty, two "
            "corners only, or shares of 1): not used.",
            f"{annotations.name} 中有 {number} 个目标的分割标注在标注框内没有内容"
            "（为空、只有两个角，或为 0 到 1 的比例），不使用。",
        )


def _images(annotations: Annotations, folder: Path, tally: BoxTally) -> tuple[tuple[CocoImage, ...], list[str]]:
    """Return the pictures of a split, and what there is to say about them."""
    pictures = PictureFolder(folder, f"{folder.parent.name}/{folder.name}")
    keys = find_pictures(annotations.name, [entry.file_name for entry in annotations.entries], pictures)
    images = []
    for entry, key in zip(annotations.entries, keys, strict=True):
        if entry.width is None or entry.height is None:
            raise DatasetInvalid(
                say(
                    f"{annotations.name}: the picture '{entry.file_name}' has no width or height",
                    f"{annotations.name}：图片 '{entry.file_name}' 没有宽和高",
                ),
                hint=say(
                    "Export the file anew; or DataSet(…).make_dataset(…, src_format='COCO') measures the pictures.",
                    "请重新导出；或用 DataSet(…).make_dataset(…, src_format='COCO')，它会读取图片尺寸。",
                ),
            )
        boxes = fitted(entry.boxes, entry.width, entry.height, tally)
        images.append(CocoImage(pictures.path(key), entry.id, entry.width, entry.height, boxes, entry.boxes))
    return tuple(images), list(unnamed_pictures(annotations.name, pictures, keys))
