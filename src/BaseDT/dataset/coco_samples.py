"""What a data set for detection is, once read: pictures with boxes. ``coco`` makes it, all may hold it.

Plain data and questions about it; nothing here knows how folders or annotation files are laid out.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Category
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say

CocoSplit = Literal["train", "val", "test"]


@dataclass(frozen=True)
class CocoImage:
    """One picture.

    Attributes:
        path: Where it lies, absolute.
        id: Its number in the annotation file.
        width: In pixels, as the annotation file says.
        height: Likewise.
        boxes: Its objects, each with an area and inside the picture; none for a picture that shows no object.
    """

    path: Path
    id: int
    width: int
    height: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class CocoDataset:
    """A data set for detection.

    Attributes:
        root: Its folder, absolute.
        categories: In the order of their ids; the index is the label.
        train: Training pictures, in the order of the annotation file.
        val: Validation pictures, likewise; often none.
        test: Test pictures, likewise; often none.
        notes: Lines for the user, in the user's language.
    """

    root: Path
    categories: tuple[Category, ...]
    train: tuple[CocoImage, ...]
    val: tuple[CocoImage, ...]
    test: tuple[CocoImage, ...]
    notes: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """The names; the index is the label."""
        return tuple(category.name for category in self.categories)

    def split(self, name: CocoSplit) -> tuple[CocoImage, ...]:
        """Return the pictures of ``'train'``, ``'val'`` or ``'test'``."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]

    def counts(self, name: CocoSplit) -> tuple[int, ...]:
        """Return the number of boxes of each class in a split."""
        numbers = [0] * len(self.categories)
        for image in self.split(name):
            for box in image.boxes:
                numbers[box.label] += 1
        return tuple(numbers)

    def fingerprint(self, *, with_masks: bool) -> str:
        """Return a hash of classes, names, sizes and boxes of training and validation; the place does not count.

        Args:
            with_masks: Whether masks count, too: where they are learned.
        """
        digest = hashlib.sha256("\0".join(self.classes).encode())
        for part in (self.train, self.val):
            digest.update(b"\n\n")
            for picture in part:
                relative = os.path.relpath(picture.path, self.root).replace(os.sep, "/")
                boxes = [(box.label, box.corners, box.crowd) for box in picture.boxes]
                line = f"{relative}\0{picture.width}\0{picture.height}\0{boxes}\n"
                if with_masks:
                    line += f"{[box.segmentation for box in picture.boxes]}\n"
                # A name that is no text in the file system's encoding holds surrogates.
                digest.update(line.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def without(self, paths: Collection[Path]) -> CocoDataset:
        """Return the same data set without some pictures.

        Raises:
            DatasetInvalid: No training picture would be left (-201).
        """
        unwanted = frozenset(paths)

        def rest(part: tuple[CocoImage, ...]) -> tuple[CocoImage, ...]:
            return tuple(picture for picture in part if picture.path not in unwanted)

        less = replace(self, train=rest(self.train), val=rest(self.val), test=rest(self.test))
        if not less.train:
            hint = say("Add whole pictures.", "请补充完好的图片。")
            raise DatasetInvalid("No usable training picture is left.", hint=hint)
        return less
