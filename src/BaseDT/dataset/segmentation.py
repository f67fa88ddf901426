"""Folders of pictures with masks: ``load`` turns one into pictures with a label for each pixel. Tasks call it.

``images/``, ``labels/*.png``, ``splits/train.txt``, ``classes.txt``; VOC; masks beside pictures (``mask_layout``); and
sets for detection whose objects have outlines: COCO, YOLO, labelme (``drawn_masks``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from BaseDT.dataset import class_colours, coco, drawn_masks, mask_layout, mask_values
from BaseDT.dataset.dividing import SPLITS
from BaseDT.dataset.formats.guess import looks_like
from BaseDT.dataset.layout import folder_at
from BaseDT.dataset.mask_directions import Drawn, orientations
from BaseDT.dataset.mask_layout import Found, Pair
from BaseDT.dataset.mask_lists import held_out, held_out_note, listed
from BaseDT.dataset.mask_notes import content_notes, left_over
from BaseDT.dataset.masked import MaskedImage, MaskFile, SegmentationDataset, short_name
from BaseDT.dataset.region_files import NAMES, is_regions
from BaseDT.dataset.scan import folders_in, holds_pictures
from BaseDT.dataset.upright import heads_of
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.language import english, say
from BaseDT.listing import shortened

__all__ = ["MaskedImage", "SegmentationDataset", "load", "looks_like_segmentation"]

PathLike: TypeAlias = str | os.PathLike[str]


def load(
    path: PathLike,
    *,
    complete: bool = True,
    classes: Sequence[str] | None = None,
    refuse: bool = True,
    **paths: PathLike | None,
) -> SegmentationDataset:
    """Read a data set for segmentation.

    Masks are not decoded, but for a few, and for all of them where no file says what classes there are. Pictures
    without a mask and masks without a picture are counted in ``notes``.

    Args:
        path: Its folder.
        complete: Whether pictures are held out where there are none for validation.
        classes: The names where the folder has no list of them: those of a model that is judged by it.
        refuse: Whether a mask is refused whose values have no class, among the few that are looked at: a check, which
            opens all of them, names all.
        **paths: ``train_json``, ``train_images``, ``val_json``, ``val_images`` of COCO's folders of another shape.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: Its layout, a list, a size or a value is wrong (-201).
        AnnotationMissing: There are no masks, or none belongs to a picture (-701).
    """
    root = folder_at(path)
    elsewhere = any(place is not None for place in paths.values())
    if not elsewhere and _has_masks(root):
        return _of_files(root, complete=complete, classes=classes, refuse=refuse)
    if not elsewhere and drawn_masks.looks_like_labelme(root):
        return drawn_masks.of_labelme(root, complete=complete)
    if elsewhere or coco.looks_like_coco(root):
        return drawn_masks.of_coco(root, complete=complete, **paths)
    raise _no_masks(root)


def looks_like_segmentation(root: Path) -> bool:
    """Tell whether a folder has pictures with masks; sets of COCO, YOLO and labelme stay those of detection."""
    return not coco.looks_like_coco(root) and mask_layout.looks_masked(root)


def _has_masks(root: Path) -> bool:
    if mask_layout.looks_masked(root):
        return True
    if coco.looks_like_coco(root):
        return False
    return bool(mask_layout.places(root) or mask_layout.nested(root))


def _of_files(root: Path, *, complete: bool, classes: Sequence[str] | None, refuse: bool) -> SegmentationDataset:
    found = mask_layout.find(root)
    listing = listed(root, found.pairs, found.without_mask, to_train=complete)
    masks = [pair.mask for pair in listing.pairs]
    if classes is None and masks and all(is_regions(mask.name) for mask in masks):
        classes = NAMES
    meaning = mask_values.meaning(masks, class_colours.read(root), classes, refuse=refuse)
    labels_of = mask_values.presence(meaning.seen, meaning.codes)
    labels = {pair.key: present for pair in listing.pairs if (present := labels_of(pair.mask)) is not None}
    pairs, held = held_out(listing.pairs, labels or None) if complete else (listing.pairs, 0)
    training = sum(pair.split in (None, 0) for pair in pairs)
    images, turned = _images(pairs, meaning)
    parts: list[list[MaskedImage]] = [[] for _ in SPLITS]
    of_part: list[list[frozenset[int] | None]] = [[] for _ in SPLITS]
    for pair, image in zip(pairs, images, strict=True):
        parts[pair.split or 0].append(image)
        of_part[pair.split or 0].append(labels.get(pair.key))
    notes = [*meaning.notes, *_about(found, by_lists=listing.by_lists), *listing.notes, *turned]
    if complete and (held or not parts[1]):
        notes.append(held_out_note(held, training + held))
    notes += content_notes(meaning.names, of_part)
    train, val, test = map(tuple, parts)
    return SegmentationDataset(root, meaning.names, train, val, test, tuple(notes), meaning.colours, holds_out=held > 0)


def _about(found: Found, *, by_lists: bool) -> list[str]:
    # Where lists choose the pictures, nobody expects masks of the others (VOC has 17,125 pictures and 2,913 masks).
    return list(left_over(() if by_lists else found.without_mask, found.without_picture))


def _images(pairs: Sequence[Pair], meaning: mask_values.Meaning) -> tuple[list[MaskedImage], tuple[str, ...]]:
    """Return the pictures with their masks, turned where they must be, and what there is to say of it."""
    heads = heads_of([pair.picture for pair in pairs] + [pair.mask for pair in pairs])
    pictures, masks = heads[: len(pairs)], heads[len(pairs) :]
    drawn = [Drawn(short_name(p.mask), own, mask) for p, own, mask in zip(pairs, pictures, masks, strict=True)]
    turns, notes = orientations(drawn)
    images = []
    for pair, own, mask, orientation in zip(pairs, pictures, masks, turns, strict=True):
        # A file whose head cannot be read is left to the check of the pictures.
        height, width = own.upright if own else mask.upright if mask else (1, 1)
        images.append(MaskedImage(pair.picture, height, width, MaskFile(pair.mask, meaning.codes, orientation)))
    return images, notes


def _no_masks(root: Path) -> DatasetInvalid | AnnotationMissing:
    there = shortened(folders_in(root)) or say("no folder", "没有文件夹")
    like = looks_like(root)
    hint = say(
        "Expected: images/ with the pictures, labels/ with a PNG of the same name for each, whose values are numbers "
        "of classes; classes.txt with their names, line 1 for value 0.",
        "应当是：images/ 存放图片；labels/ 存放同名的 PNG 掩码，像素值为类别编号；classes.txt 写类别名，"
        "第 1 行对应值 0。",
    )
    if like:
        hint = say(
            f"It looks like a data set for detection in the format {like}: boxes tell no pixels.",
            f"它看起来是 {like} 格式的目标检测数据集：标注框不能说明每个像素的类别。",
        )
    pictures = holds_pictures(root) or any(holds_pictures(root / name) for name in folders_in(root))
    return (AnnotationMissing if pictures else DatasetInvalid)(
        say(f"There are no masks in {root} (found: {english(there)})", f"{root} 中没有掩码（其中有：{there}）"),
        hint=hint,
    )
