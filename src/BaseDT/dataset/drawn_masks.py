"""Sets of objects with outlines as sets for segmentation: COCO, YOLO, labelme. ``segmentation.load`` calls it.

Class 0 is the background, the set's own classes follow. Of objects that overlap the smaller one, and of equal ones the
later one, lies on top. Crowds are ignored, and so is the box of an object without an outline: nobody knows its pixels.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from BaseDT.dataset import coco, yolo_set
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_samples import CocoDataset, CocoImage, no_validation
from BaseDT.dataset.dividing import SPLITS, TRAIN, VAL
from BaseDT.dataset.formats import labelme
from BaseDT.dataset.formats.guess import is_labelme, looks_like
from BaseDT.dataset.formats.source import Source, files_in
from BaseDT.dataset.mask_codes import IGNORE
from BaseDT.dataset.mask_layout import Pair
from BaseDT.dataset.mask_lists import held_out, held_out_note
from BaseDT.dataset.mask_notes import content_notes
from BaseDT.dataset.masked import DrawnMask, MaskedImage, SegmentationDataset, relative
from BaseDT.dataset.upright import upright
from BaseDT.errors import AnnotationMissing
from BaseDT.language import say
from BaseDT.results.segmentation import is_background

BACKGROUND = "background"


def of_coco(root: Path, *, complete: bool = True, **paths: str | os.PathLike[str] | None) -> SegmentationDataset:
    """Read a set in COCO's layout, or in YOLO's; see ``coco.load``.

    Raises:
        DatasetInvalid, AnnotationMissing: As ``coco.load`` does; or no object has an outline (-201, -701).
    """
    return _of_objects(upright(coco.load(root, with_masks=True, **paths)), complete=complete)


def of_labelme(root: Path, *, complete: bool = True) -> SegmentationDataset:
    """Read what labelme left. Rectangles and circles are shapes like polygons.

    Raises:
        DatasetInvalid, AnnotationMissing: As ``formats.labelme.read`` does; or there is no shape (-201, -701).
    """
    source = labelme.read(root, outlines=True)
    return of_source(root, source, complete=complete)


def of_source(root: Path, source: Source, *, complete: bool = True) -> SegmentationDataset:
    """Return what a reader of a format made of a folder as a set for segmentation."""
    data = yolo_set.as_coco(root, source, with_masks=True)
    return replace(_of_objects(data, complete=complete), keeps=source.keeps)


def looks_like_labelme(root: Path) -> bool:
    """Tell whether there are JSON files of labelme in a folder, or beside its pictures."""
    form = looks_like(root)
    if form or coco.looks_like_coco(root):
        return form == "LABELME"
    files = files_in(root, ".json")
    return bool(files) and is_labelme(files[0])


def _of_objects(data: CocoDataset, *, complete: bool) -> SegmentationDataset:
    names, label_of = _classes(data.classes)
    parts = (data.train, data.val, data.test)
    objects = [box for part in parts for picture in part for box in picture.boxes if not box.crowd]
    _refuse_boxes(data.root, objects)
    of_path = {picture.path: picture for part in parts for picture in part}
    keys = {relative(path, data.root): path for path in of_path}
    shown = {
        key: frozenset({0, *(label_of[box.label] for box in of_path[path].boxes if _counts(box))})
        for key, path in keys.items()
    }
    pairs = tuple(
        Pair(relative(picture.path, data.root), picture.path, picture.path, split)
        for split, part in enumerate(parts)
        for picture in part
    )
    divided, held = held_out(pairs, shown) if complete else (pairs, 0)
    images = {path: _image(picture, label_of) for path, picture in of_path.items()}
    train, val, test = (tuple(images[p.picture] for p in divided if p.split == split) for split in range(len(SPLITS)))
    notes = [note for note in data.notes if note not in _about_detection(data)]
    notes += _boxes_note(objects)
    if complete and (held or not val):
        notes.append(held_out_note(held, len(train) + held))
    labels = [[shown[pair.key] for pair in divided if pair.split == split] for split in (TRAIN, VAL, VAL + 1)]
    notes += content_notes(names, labels)
    return SegmentationDataset(data.root, names, train, val, test, tuple(notes), holds_out=held > 0)


def _about_detection(data: CocoDataset) -> frozenset[str]:
    """Return the notes that are about boxes: what cannot be learned or measured is said of pixels here."""
    reading = frozenset(data.reading)
    of_boxes = frozenset(note for note in data.notes if note not in reading)
    return of_boxes | {no_validation(), no_validation("valid")}


def _classes(own: Sequence[str]) -> tuple[tuple[str, ...], dict[int, int]]:
    """Return the names with the background first, and the new label of each class; one that is the background is it."""
    background = next((label for label, name in enumerate(own) if is_background(name)), None)
    rest = [label for label in range(len(own)) if label != background]
    names = (BACKGROUND if background is None else own[background], *(own[label] for label in rest))
    label_of = {label: number for number, label in enumerate(rest, 1)}
    return names, label_of if background is None else {**label_of, background: 0}


def _counts(box: Box) -> bool:
    return bool(box.segmentation) and not box.crowd


def _image(picture: CocoImage, label_of: Mapping[int, int]) -> MaskedImage:
    large_first = sorted(picture.boxes, key=lambda box: -box.counted_area)
    ignored = [replace(box, label=IGNORE) for box in large_first if not _counts(box)]
    drawn = [replace(box, label=label_of[box.label]) for box in large_first if _counts(box)]
    return MaskedImage(picture.path, picture.height, picture.width, DrawnMask((*ignored, *drawn)))


def _refuse_boxes(root: Path, objects: Sequence[Box]) -> None:
    if any(box.segmentation for box in objects):
        return
    raise AnnotationMissing(
        say(
            f"No object in {root} has an outline: there are {len(objects)} boxes",
            f"{root} 中没有任何目标带有轮廓：只有 {len(objects)} 个标注框",
        ),
        hint=say(
            "Segmentation learns pixels: draw polygons (labelme, CVAT, Roboflow). For boxes use MMDetection.",
            "分割需要逐像素的标注：请画多边形（labelme、CVAT、Roboflow 等）。只有标注框时请用 MMDetection。",
        ),
    )


def _boxes_note(objects: Sequence[Box]) -> Iterator[str]:
    if number := sum(not box.segmentation for box in objects):
        yield say(
            f"{number} of {len(objects)} objects have no outline: the pixels in their boxes are ignored.",
            f"{len(objects)} 个目标中有 {number} 个没有轮廓：其标注框内的像素将被忽略。",
        )
