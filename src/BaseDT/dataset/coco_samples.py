"""What a data set for detection is, once read: pictures with boxes. ``coco`` makes it, all may hold it.

Plain data and questions about it; nothing here knows how folders or annotation files are laid out.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from BaseDT.dataset.boxes import Box, BoxTally
from BaseDT.dataset.coco_json import Category
from BaseDT.dataset.samples import Listed
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say

CocoSplit = Literal["train", "val", "test"]
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class CocoImage:
    """One picture.

    Attributes:
        path: Where it lies, absolute.
        id: Its number in the annotation file.
        width: In pixels, as the annotation file says.
        height: Likewise.
        boxes: Its objects, each with an area and inside the picture; none for a picture that shows no object.
        written: As the annotation file has them, not fitted into a picture; None where ``boxes`` are those.
    """

    path: Path
    id: int
    width: int
    height: int
    boxes: tuple[Box, ...]
    written: tuple[Box, ...] | None = field(default=None, repr=False, compare=False)

    @property
    def as_written(self) -> tuple[Box, ...]:
        """The boxes as the annotation file has them, not fitted into a picture."""
        return self.boxes if self.written is None else self.written


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
        reading: Those of ``notes`` that were written while files were read: they do not follow from the boxes.
        with_masks: Whether the objects' masks are needed.
    """

    root: Path
    categories: tuple[Category, ...]
    train: tuple[CocoImage, ...]
    val: tuple[CocoImage, ...]
    test: tuple[CocoImage, ...]
    notes: tuple[str, ...] = ()
    reading: tuple[str, ...] = field(default=(), repr=False, compare=False)
    with_masks: bool = field(default=False, repr=False, compare=False)

    def with_notes(self, reading: tuple[str, ...], tally: BoxTally) -> CocoDataset:
        """Return the same data set with these notes, and with those that follow from its boxes.

        Args:
            reading: What was said while files were read.
            tally: What was counted while the boxes were fitted into their pictures.
        """
        return replace(self, reading=reading, notes=(*reading, *tally.notes(), *content_notes(self)))

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

    def listed(self) -> list[Listed]:
        """Return the pictures of all parts, for whoever looks for copies."""
        parts: dict[CocoSplit, tuple[CocoImage, ...]] = {"train": self.train, "val": self.val, "test": self.test}
        return [Listed(picture.path, split) for split, part in parts.items() for picture in part]

    def fingerprint(self, *, with_masks: bool) -> str:
        """Return a hash of classes, names, sizes and boxes of training and validation; the place does not count.

        Args:
            with_masks: Whether masks count, too: where they are learned.
        """
        digest = hashlib.sha256("\0".join(self.classes).encode())
        for part in (self.train, self.val):
            digest.update(b"\n\n")
            for picture in part:
                relative = _relative(picture.path, self.root)
                boxes = [(box.label, box.corners, box.crowd) for box in picture.boxes]
                line = f"{relative}\0{picture.width}\0{picture.height}\0{boxes}\n"
                if with_masks:
                    line += f"{[box.segmentation for box in picture.boxes]}\n"
                # A name that is no text in the file system's encoding holds surrogates.
                digest.update(line.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def without_validation(self) -> CocoDataset:
        """Return the data set itself: none of its pictures were taken from the training pictures to validate with."""
        return self

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
            raise DatasetInvalid(say("No usable training picture is left.", "没有剩下可用的训练图片。"), hint=hint)
        return less


def no_validation(name: str = "") -> str:
    """Say that nothing validates; ``name``: of the part, where it has one."""
    en, zh = (f" ({name})", f"（{name}）") if name else ("", "")
    return say(f"There are no validation pictures{en}.", f"没有验证图片{zh}。")


def content_notes(data: CocoDataset) -> Iterator[str]:
    """Say what cannot be learned, what cannot be measured and, where masks are needed, which are not there."""
    yield from _without_training(data)
    yield from _without_measure(data)
    if data.with_masks:
        yield from _without_masks(data)


def _without_training(data: CocoDataset) -> Iterator[str]:
    """Name the classes that cannot be learned."""
    unseen = [name for name, number in zip(data.classes, data.counts("train"), strict=True) if not number]
    if unseen:
        listed = ", ".join(unseen[:_NAMES_SHOWN]) + (", ..." if len(unseen) > _NAMES_SHOWN else "")
        yield say(f"No training boxes of: {listed}.", f"以下类别没有训练标注框：{listed}。")


def _without_measure(data: CocoDataset) -> Iterator[str]:
    # A crowd is neither to be found nor wrong.
    if data.val and all(box.crowd for image in data.val for box in image.boxes):
        number = len(data.val)
        yield say(
            f"The {number} validation pictures have no box: validation can measure nothing, mAP stays 0.",
            f"{number} 张验证图片都没有标注框：验证无法衡量效果，mAP 将一直为 0。",
        )


def _without_masks(data: CocoDataset) -> Iterator[str]:
    boxes = [box for image in (*data.train, *data.val) for box in image.boxes if not box.crowd]
    number = sum(not box.segmentation for box in boxes)
    if number:
        yield say(
            f"{number} of {len(boxes)} objects have no segmentation: their whole boxes are taken for their masks.",
            f"{len(boxes)} 个目标中有 {number} 个没有分割标注（segmentation），将以整个标注框作为掩码。",
        )


def _relative(path: Path, root: Path) -> str:
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:  # on another drive (Windows)
        return path.as_posix()
