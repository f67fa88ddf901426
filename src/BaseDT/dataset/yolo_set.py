"""A set in the format of YOLO as a data set for detection, where it lies: nothing is copied. ``coco.load`` calls it."""

from __future__ import annotations

from pathlib import Path

from BaseDT.dataset.boxes import BoxTally, fitted, in_pixels
from BaseDT.dataset.coco_samples import CocoDataset, CocoImage
from BaseDT.dataset.dividing import SPLITS, TRAIN
from BaseDT.dataset.formats.source import Source
from BaseDT.dataset.upright import heads_of
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
    heads = heads_of([picture.path for picture in source.pictures])
    for number, (picture, head) in enumerate(zip(source.pictures, heads, strict=True), 1):
        # A file whose head cannot be read is named by the check of the pictures.
        height, width = (1, 1) if head is None else head.upright
        written = tuple(in_pixels(box, width, height) for box in picture.boxes)
        boxes = fitted(written, width, height, tally)
        split = TRAIN if picture.split is None else picture.split
        parts[split].append(CocoImage(picture.path, number, width, height, boxes, written))
    train, val, test = map(tuple, parts)
    if not train:
        raise AnnotationMissing(
            say(f"There are no training pictures in {root}", f"{root} 中没有训练图片"),
            hint=say("Put them into images/train.", "请放入 images/train。"),
        )
    notes = source.notes if val else (*source.notes, say("There are no validation pictures.", "没有验证图片。"))
    return CocoDataset(root, source.categories, train, val, test, with_masks=with_masks).with_notes(notes, tally)
