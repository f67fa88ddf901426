"""COCO with all pictures in one folder: ``images/`` and ``annotations/*.json``, one file or several.

The files name the classes; a ``classes.txt`` beside them is not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Annotations, Category, Entry
from BaseDT.dataset.coco_json import read as read_json
from BaseDT.dataset.formats.source import (
    Picture,
    Source,
    divided,
    divided_by_folder,
    files_in,
    numbered,
    refuse_empty,
    subfolder,
)
from BaseDT.dataset.pictures import PictureFolder, find_pictures, unnamed_pictures
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say

_BESIDE = "_annotations.coco.json"


def read(src: Path) -> Source:
    """Read a data set in COCO's format. Masks and areas are kept; pictures that no file names are left out.

    Raises:
        DatasetInvalid: The layout or a file is wrong, a picture is not there, or two files name the same one.
        AnnotationMissing: There is no annotation file, or something in one belongs to nothing.
    """
    beside = sorted(src.glob(f"*/{_BESIDE}"))
    if beside:
        return from_annotations([_in_folder(file) for file in beside], PictureFolder(src, src.name))
    folder = subfolder(src, "annotations")
    files = files_in(folder, ".json")
    refuse_empty(files, folder, ".json")
    annotations = [read_json(file) for file in files]
    pictures = PictureFolder(subfolder(src, "images"), "images")
    return from_annotations(annotations, pictures)


def _in_folder(file: Path) -> Annotations:
    """Read a file that lies beside its pictures, as Roboflow writes it: names with their folder, which is the split."""
    annotations = read_json(file)
    entries = (replace(entry, file_name=f"{file.parent.name}/{entry.file_name}") for entry in annotations.entries)
    return replace(annotations, entries=tuple(entries))


def from_annotations(annotations: Sequence[Annotations], pictures: PictureFolder) -> Source:
    """Put the pictures of several annotation files together; classes of the same name are the same class."""
    categories = _merged(annotations)
    label_of = {category.name: label for label, category in enumerate(categories)}
    pictures_by_key: dict[str, Picture] = {}
    named_by: dict[str, str] = {}
    for annotation_file in annotations:
        labels = [label_of[category.name] for category in annotation_file.categories]
        keys = find_pictures(annotation_file.name, _names(annotation_file, pictures), pictures)
        for entry, key in zip(annotation_file.entries, keys, strict=True):
            if key in pictures_by_key:
                _refuse_twice(key, named_by[key], annotation_file.name)
            named_by[key] = annotation_file.name
            pictures_by_key[key] = Picture(pictures.path(key), key, _boxes(entry, labels), _size(entry))
    names = ", ".join(annotation_file.name for annotation_file in annotations[:3]) + (
        ", ..." if len(annotations) > 3 else ""
    )
    notes = tuple(unnamed_pictures(names, pictures, tuple(pictures_by_key)))
    keys = sorted(pictures_by_key)
    stems = [named_by[key].rpartition("/")[2].rpartition(".")[0] for key in keys]
    pictures_of_all = divided([pictures_by_key[key] for key in keys], stems)
    return Source(categories, divided_by_folder(pictures_of_all), notes=notes)


def _names(annotation_file: Annotations, pictures: PictureFolder) -> list[str]:
    """Return what a file calls its pictures; ``train.json`` means those in ``images/train``, where there is one."""
    stem = annotation_file.name.rpartition("/")[2].rpartition(".")[0]
    inside = f"{stem}/" if any(key.startswith(f"{stem}/") for key in pictures.keys) else ""
    return [inside + entry.file_name for entry in annotation_file.entries]


def _merged(annotations: Sequence[Annotations]) -> tuple[Category, ...]:
    """Return the classes of all files: with their own ids where the files agree, else numbered anew."""
    of_name: dict[str, Category] = {}
    for annotation_file in annotations:
        for category in annotation_file.categories:
            of_name.setdefault(category.name, category)
    agreed = all(
        of_name[category.name].id == category.id
        for annotation_file in annotations
        for category in annotation_file.categories
    )
    if agreed and len({category.id for category in of_name.values()}) == len(of_name):
        return tuple(sorted(of_name.values(), key=lambda category: category.id))
    renumbered = zip(numbered(of_name), of_name.values(), strict=True)
    return tuple(replace(new, supercategory=old.supercategory) for new, old in renumbered)


def _boxes(entry: Entry, labels: Sequence[int]) -> tuple[Box, ...]:
    return tuple(replace(box, label=labels[box.label]) for box in entry.boxes)


def _size(entry: Entry) -> tuple[int, int] | None:
    return None if entry.height is None or entry.width is None else (entry.height, entry.width)


def _refuse_twice(key: str, first: str, second: str) -> None:
    raise DatasetInvalid(
        say(f"The picture {key} is named by {first} and by {second}", f"图片 {key} 同时被 {first} 和 {second} 引用"),
        hint=say(
            "Pictures of the same name in several files are not told apart: keep one of the files, or rename.",
            "无法区分多个标注文件中的同名图片：请只保留一个文件，或重命名图片。",
        ),
    )
