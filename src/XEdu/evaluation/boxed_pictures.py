"""Pictures with boxes in a folder, in whichever format: a data set as it is trained on, or as a tool left it.

Nothing is written into the folder. A set with test pictures is judged on these, else on those for validation.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

from BaseDT.dataset import coco
from BaseDT.dataset.boxes import BoxTally
from BaseDT.dataset.coco import CocoDataset
from BaseDT.dataset.dividing import SPLITS, TEST, VAL, split_named
from BaseDT.dataset.formats import coco as all_in_one
from BaseDT.dataset.formats import labelme, voc, yolo
from BaseDT.dataset.formats.guess import looks_like
from BaseDT.dataset.formats.source import Source, files_in
from BaseDT.dataset.layout import folder_at
from BaseDT.dataset.placed import placed
from BaseDT.dataset.scan import folders_in, holds_pictures
from BaseDT.dataset.upright import upright
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.language import say
from XEdu.evaluation.kind import LabelledSet, Part
from XEdu.evaluation.reading import folders_found

_READERS: dict[str, Callable[[Path], Source]] = {
    "VOC": voc.read,
    "LABELME": labelme.read,
    "YOLO": yolo.read,
    "COCO": all_in_one.read,
}
_PARTS: dict[str, Part] = {"train": "train", "val": "val", "test": "test"}


def read(path: str | os.PathLike[str]) -> LabelledSet:
    """Find the pictures of a folder, and their boxes.

    Args:
        path: A set in COCO's layout, VOC, YOLO or LabelMe, an export of Roboflow or Ultralytics, or a part of one.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: It has no boxes in a form that is known, or cannot be read (-201).
        AnnotationMissing: An annotation file, or what one of its annotations belongs to, is missing (-701).
    """
    root = folder_at(path)
    number = split_named(root.name)
    if number is not None and not folders_in(root) and coco.looks_like_coco(root.parent):
        return _of_set(root.parent, SPLITS[number])
    form = _form(root)
    if form == "trained on":
        return _of_set(root, None)
    if form:
        return _of_source(root, _READERS[form](root))
    raise _without_boxes(root)


def _form(root: Path) -> str:
    """Return the format of a folder: one of ``_READERS``, that of the sets that are trained on, or none."""
    form = looks_like(root)
    if form in ("VOC", "LABELME"):
        return form
    if coco.looks_like_coco(root):
        return "trained on" if _has_training(root) else form or "COCO"
    if form:
        return form
    # labelme leaves its files beside the pictures.
    if holds_pictures(root) and any(b'"shapes"' in file.read_bytes()[:65536] for file in files_in(root, ".json")[:1]):
        return "LABELME"
    return ""


def _has_training(root: Path) -> bool:
    """Whether ``coco.load`` finds training pictures: a set for tests alone has none."""
    try:
        coco.class_names(root)
    except (AnnotationMissing, DatasetInvalid):
        return False
    return True


def _of_set(root: Path, wanted: str | None) -> LabelledSet:
    """Read a part of a set that is trained on: the wanted one, else the test pictures, those for validation, all."""
    dataset = upright(coco.load(root))
    parts = {"test": dataset.test, "val": dataset.val, "train": dataset.train}
    wanted = wanted if wanted is not None and parts[wanted] else next(name for name in parts if parts[name])
    part: Part = "all" if wanted == "train" and not (dataset.val or dataset.test) else _PARTS[wanted]
    fingerprints = functools.partial(_fingerprints, dataset)
    return LabelledSet(root, part, parts[wanted], dataset.classes, dataset.reading, dataset, fingerprints)


def _fingerprints(dataset: CocoDataset) -> tuple[str, ...]:
    return tuple(dataset.fingerprint(with_masks=masks) for masks in (False, True))


def _of_source(root: Path, source: Source) -> LabelledSet:
    """Take the test pictures of a set that its owner divided, else those for validation; all of another."""
    tally = BoxTally()
    images, turned = placed(source, tally)
    by_split = {
        split: tuple(image for image, picture in zip(images, source.pictures, strict=True) if picture.split == split)
        for split in (TEST, VAL)
    }
    split = next((split for split in (TEST, VAL) if by_split[split]), None)
    names = tuple(category.name for category in source.categories)
    notes = (*source.notes, *turned, *tally.notes())
    if split is None:
        return LabelledSet(root, "all", images, names, notes, keeps=source.keeps)
    return LabelledSet(root, _PARTS[SPLITS[split]], by_split[split], names, notes, keeps=source.keeps)


def _without_boxes(root: Path) -> DatasetInvalid:
    found = folders_found(root)
    return DatasetInvalid(
        say(
            f"There are no boxes in {root} in a form that is known{found}: nothing says where the objects are.",
            f"{root} 中没有可识别的标注框{found}，无法知道目标的位置。",
        ),
        hint=say(
            "Expected: annotations/ and images/ (COCO, VOC), images/ and labels/ (YOLO), LabelMe's files beside the "
            "pictures, or an export of Roboflow. Class folders are for classifiers.",
            "应为：annotations/ 与 images/（COCO、VOC），images/ 与 labels/（YOLO），图片旁的 LabelMe 文件，"
            "或 Roboflow 导出的数据集。按类别分的文件夹用于分类模型。",
        ),
    )
