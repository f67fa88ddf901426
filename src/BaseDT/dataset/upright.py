"""Boxes and pictures the same way up: what a camera noted about its rotation, against what the annotation file says.

Whoever loads pictures with boxes calls ``upright`` once. Only the heads of the files are read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco import CocoDataset, CocoImage
from BaseDT.errors import DatasetInvalid
from BaseDT.geometry import masks
from BaseDT.language import in_this_context, say

_ORIENTATION = 0x0112
_TURNS_OVER = range(5, 9)
_SHOWN = 5


@dataclass(frozen=True)
class Head:
    """What the head of a picture's file tells.

    Attributes:
        height: As it is stored, in pixels.
        width: Likewise.
        orientation: The camera's note, 1 to 8; 1 where there is none.
    """

    height: int
    width: int
    orientation: int = 1

    @property
    def upright(self) -> tuple[int, int]:
        """(height, width) as ``BaseDT.image`` reads it."""
        return (self.width, self.height) if self.orientation in _TURNS_OVER else (self.height, self.width)


def upright(data: CocoDataset) -> CocoDataset:
    """Return the data set with sizes and boxes of the pictures as they are read: upright.

    Where an annotation file has the size of the stored picture, its boxes and masks are turned as the picture is, and
    a note counts them. Files whose head cannot be read are left to the check of the pictures.

    Args:
        data: As ``coco.load`` returns it.

    Raises:
        DatasetInvalid: Pictures have another size than their annotations say; they are named (-201).
    """
    images = [*data.train, *data.val, *data.test]
    heads = heads_of([image.path for image in images])
    _refuse_changed(images, heads)
    fixed = [image if head is None else turned(image, head) for image, head in zip(images, heads, strict=True)]
    number = sum(upright_image is not other for upright_image, other in zip(fixed, images, strict=True))
    rest = iter(fixed)
    train, val, test = (tuple(islice(rest, len(part))) for part in (data.train, data.val, data.test))
    return replace(data, train=train, val=val, test=test, notes=(*data.notes, *_note(number)))


def heads_of(paths: Sequence[Path]) -> list[Head | None]:
    """Read the heads of picture files; None where one cannot be read."""
    with ThreadPoolExecutor(max(2, min(8, os.cpu_count() or 2)), thread_name_prefix="heads") as pool:
        return list(pool.map(in_this_context(head_of), paths))


def head_of(path: Path) -> Head | None:
    """Read the head of a picture's file; None where it cannot be read."""
    try:
        with Image.open(path) as picture:
            # Asking a PNG without the note in its head would decode all of it.
            noted = picture.format != "PNG" or "exif" in picture.info
            orientation = picture.getexif().get(_ORIENTATION, 1) if noted else 1
            return Head(picture.height, picture.width, orientation if orientation in range(1, 9) else 1)
    except Exception:  # noqa: BLE001 (Pillow raises anything on broken bytes; the check of the pictures says what)
        return None


def turned(image: CocoImage, head: Head) -> CocoImage:
    """Return a picture with its boxes as it is read; itself where its annotations are upright already."""
    if (image.height, image.width) == head.upright or (image.height, image.width) != (head.height, head.width):
        return image
    boxes = tuple(turned_box(box, head) for box in image.boxes)
    return replace(image, height=head.upright[0], width=head.upright[1], boxes=boxes)


def turned_box(box: Box, head: Head) -> Box:
    """Turn a box of the stored picture, whose note swaps height and width."""
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


def _note(number: int) -> Iterator[str]:
    if number:
        yield say(
            f"{number} pictures were labelled without the camera's rotation: their boxes were turned with them.",
            f"{number} 张图片标注时忽略了照片的旋转信息，标注框已随图片一起旋转。",
        )


def _refuse_changed(images: Sequence[CocoImage], heads: Sequence[Head | None]) -> None:
    changed = [
        f"{image.path.parent.name}/{image.path.name} is {head.upright[1]}×{head.upright[0]}, not "
        f"{image.width}×{image.height}"
        for image, head in zip(images, heads, strict=True)
        if head is not None and (image.height, image.width) not in (head.upright, (head.height, head.width))
    ]
    if changed:
        more = f"; and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        listed = "; ".join(changed[:_SHOWN]) + more
        raise DatasetInvalid(
            f"{len(changed)} pictures have another size than their annotations say: {listed}",
            hint=say(
                "Were they resized after labelling? Take the originals, or label them again.",
                "可能在标注后缩放过图片：请换回原图，或重新标注。",
            ),
        )
