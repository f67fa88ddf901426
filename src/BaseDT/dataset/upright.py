"""Boxes and pictures the same way up: what a camera noted about its rotation, against what the annotation file says.

Whoever loads pictures with boxes calls ``upright`` once. Only the heads of the files are read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin

from BaseDT.dataset.boxes import Box, BoxTally, fitted
from BaseDT.dataset.coco_samples import CocoDataset, CocoImage
from BaseDT.dataset.directions import Head, Labelled, directions
from BaseDT.errors import DatasetInvalid
from BaseDT.geometry import masks
from BaseDT.image import phone_formats
from BaseDT.language import in_this_context

_NOTES = ("exif", "Raw profile type exif")  # the second is ImageMagick's
_ORIENTATION = 0x0112
_TIFF_WIDTH, _TIFF_HEIGHT = 0x0100, 0x0101
_NOTE_WITHIN = 1 << 18  # other notes (a profile of colours) may come before it


def upright(data: CocoDataset, heads: Sequence[Head | None] | None = None) -> CocoDataset:
    """Return the data set with sizes and boxes of the pictures as they are read: upright.

    Boxes and masks that were drawn on the stored picture are turned as the picture is (``directions`` tells), and
    notes count them. Files whose head cannot be read are left to the check of the pictures.

    Args:
        data: As ``coco.load`` returns it.
        heads: Of its pictures, training, validation and test, where somebody has read them already.

    Raises:
        DatasetInvalid: Pictures have another size than their annotations say; they are named (-201).
    """
    images = [*data.train, *data.val, *data.test]
    heads = heads_of([image.path for image in images]) if heads is None else heads
    known = [
        Labelled(f"{image.path.parent.name}/{image.path.name}", head, (image.height, image.width), image.as_written)
        for image, head in zip(images, heads, strict=True)
    ]
    stored, notes = directions(known)
    if not notes:
        return data
    tally = BoxTally()
    rest = iter([_placed(*known, tally) for known in zip(images, heads, stored, strict=True)])
    train, val, test = (tuple(islice(rest, len(part))) for part in (data.train, data.val, data.test))
    return replace(data, train=train, val=val, test=test).with_notes((*data.reading, *notes), tally)


def heads_of(paths: Sequence[Path]) -> list[Head | None]:
    """Read the heads of picture files; None where one cannot be read."""
    with ThreadPoolExecutor(max(2, min(8, os.cpu_count() or 2)), thread_name_prefix="heads") as pool:
        return list(pool.map(in_this_context(head_of), paths))


def head_of_decoded(path: Path, data: bytes, size: tuple[int, int]) -> Head | None:
    """Return the head of a picture that was decoded; Pillow is asked only where a camera may have left a note.

    Args:
        path: Of the file.
        data: What is in it.
        size: (height, width) as it was decoded: upright.
    """
    plain = data.startswith(b"\xff\xd8") and b"Exif" not in data[:_NOTE_WITHIN]
    plain = plain or (data.startswith(b"\x89PNG") and b"eXIf" not in data and b"exif" not in data)
    return Head(*size) if plain else head_of(path)


def head_of(path: Path) -> Head | None:
    """Read the head of a picture's file; None where it cannot be read."""
    try:
        phone_formats.load_decoder(path.suffix)
        with Image.open(path) as picture:
            # Asking a PNG without the note in its head would decode all of it.
            noted = picture.format != "PNG" or any(name in picture.info for name in _NOTES)
            orientation = picture.getexif().get(_ORIENTATION, 1) if noted else 1
            height, width = picture.height, picture.width
            if isinstance(picture, TiffImagePlugin.TiffImageFile):  # its size may be that of the upright picture
                height, width = picture.tag_v2.get(_TIFF_HEIGHT, height), picture.tag_v2.get(_TIFF_WIDTH, width)
            return Head(height, width, orientation if orientation in range(1, 9) else 1)
    except Exception:  # noqa: BLE001 (Pillow raises anything on broken bytes; the check of the pictures says what)
        return None


def _placed(image: CocoImage, head: Head | None, stored: bool, tally: BoxTally) -> CocoImage:
    """Fit a picture's boxes into it as it is read; what does not fit is counted."""
    boxes = image.as_written
    height, width = (image.height, image.width) if head is None else head.upright
    if head is not None and stored:
        boxes = tuple(turned_box(box, head) for box in boxes)
    return replace(image, height=height, width=width, boxes=fitted(boxes, width, height, tally))


def turned_box(box: Box, head: Head) -> Box:
    """Turn a box of the stored picture as its note turns the picture."""
    corners = np.array(box.corners, dtype=np.float64).reshape(2, 2)
    points = masks.turned_points(corners, head.orientation, head.height, head.width)
    low, high = points.min(axis=0), points.max(axis=0)
    mask = box.segmentation and _turned_mask(box.segmentation, head)
    return replace(box, corners=(float(low[0]), float(low[1]), float(high[0]), float(high[1])), segmentation=mask)


def _turned_mask(segmentation: object, head: Head) -> object:
    try:
        return masks.turned(segmentation, head.orientation, head.height, head.width)
    except DatasetInvalid:
        return segmentation  # broken: whoever needs masks has refused it, and nobody else looks at it
