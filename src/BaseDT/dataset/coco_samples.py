"""What a data set for detection is, once read: pictures with boxes. ``coco`` makes it, all may hold it.

Plain data and questions about it; nothing here knows how folders or annotation files are laid out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Category

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
