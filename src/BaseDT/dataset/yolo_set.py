"""A set in the format of YOLO as a data set for detection, where it lies: nothing is copied. ``coco.load`` calls it."""

from __future__ import annotations

from pathlib import Path

from BaseDT.dataset.boxes import BoxTally
from BaseDT.dataset.coco_samples import CocoDataset, CocoImage, no_validation
from BaseDT.dataset.dividing import SPLITS, TRAIN
from BaseDT.dataset.formats.source import Source
from BaseDT.dataset.placed import placed
from BaseDT.errors import AnnotationMissing
from BaseDT.language import say


def as_coco(root: Path, source: Source, *, with_masks: bool) -> CocoDataset:
    """Return the pictures of a set with their boxes in pixels; one that is not divided is for training.

    Args:
        root: Its folder.
        source: What was read of it, in shares.
        with_masks: Whether the objects' masks are needed.

    Raises:
        AnnotationMissing: There is no picture to train with (-701).
    """
    tally = BoxTally()
    parts: list[list[CocoImage]] = [[] for _ in SPLITS]
    images, _ = placed(source, tally)
    for picture, image in zip(source.pictures, images, strict=True):
        parts[TRAIN if picture.split is None else picture.split].append(image)
    train, val, test = map(tuple, parts)
    if not train:
        raise AnnotationMissing(
            say(f"There are no training pictures in {root}", f"{root} 中没有训练图片"),
            hint=say("Put them into images/train.", "请放入 images/train。"),
        )
    notes = source.notes if val else (*source.notes, no_validation())
    return CocoDataset(root, source.categories, train, val, test, with_masks=with_masks).with_notes(notes, tally)
