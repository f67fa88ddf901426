"""Every picture of a segmentation set and its mask, decoded strictly and counted: what a check has to say of it.

``DataSet.check`` and the command line call it. Nothing is repaired; what is wrong is named, all of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from BaseDT import contents, draw, fonts, image
from BaseDT.dataset import copies
from BaseDT.dataset.check import Damaged, ReportProgress, check_images
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.mask_codes import IGNORE, histogram
from BaseDT.dataset.mask_notes import content_notes
from BaseDT.dataset.masked import MaskedImage, SegmentationDataset
from BaseDT.dataset.samples import Sample, SplitName
from BaseDT.errors import DatasetInvalid, XEduError
from BaseDT.escaping import one_line
from BaseDT.image import Pixels
from BaseDT.language import english, say
from BaseDT.results.segmentation import SegmentationResult, is_background

SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
# From this share on, hardly anything is left to learn.
_MOSTLY = 0.5
_RARE = 0.005
"""Share of the known pixels below which a class is rare: it takes many pictures to learn it."""
_TILES, _COLUMNS, _TILE = 20, 5, 240


@dataclass(frozen=True)
class MaskCheck:
    """What was found.

    Attributes:
        damaged: Pictures that cannot be used, as they or their masks cannot be read.
        wrong: Pictures whose masks have values without a class, or another size.
        pixels: Of each part the number of pixels of each class.
        ignored: Of each part the number of pixels that are ignored.
        pictures: Of each part the number of pictures that show each class.
        empty: Of each part the number of pictures that show the background alone.
        sizes: (height, width) of the pictures that were read, in no order.
        shown: Of each picture the classes that it shows; none of one that could not be read.
        marks: Of each picture, for ``BaseDT.dataset.copies``; None for a damaged one.
        bits: Of pictures of 16 bits; see ``depth.stored_bits``.
        notes: Lines for the user beyond those of the data set.
    """

    damaged: tuple[Damaged, ...]
    wrong: tuple[Damaged, ...]
    pixels: dict[SplitName, tuple[int, ...]]
    ignored: dict[SplitName, int]
    pictures: dict[SplitName, tuple[int, ...]]
    empty: dict[SplitName, int]
    sizes: tuple[tuple[int, int], ...]
    shown: tuple[frozenset[int], ...]
    marks: tuple[copies.Mark | None, ...]
    bits: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the set can be trained on as it is."""
        return not self.damaged and not self.wrong

    def copies(self, data: SegmentationDataset) -> copies.Copies:
        """Return the pictures of the set that are there more than once."""
        return copies.find(data.listed(), self.marks, self.bits)

    def shares(self) -> list[float]:
        """Return which share of the known pixels each class has."""
        of_class = [sum(numbers) for numbers in zip(*self.pixels.values(), strict=True)]
        return [number / max(1, sum(of_class)) for number in of_class]

    def content(self) -> dict[str, object]:
        """Return the numbers as plain data."""
        return {
            "pixels": {split: list(numbers) for split, numbers in self.pixels.items()},
            "ignored": dict(self.ignored),
            "pictures_with": {split: list(numbers) for split, numbers in self.pictures.items()},
            "without_objects": dict(self.empty),
            "damaged": [_plain(item) for item in self.damaged],
            "wrong": [_plain(item) for item in self.wrong],
        }

    def lines(self) -> list[str]:
        """Name what is wrong, a line each."""
        return [
            say(f"Wrong: {item.path}: {english(item.reason)}", f"有误：{item.path}：{item.reason}")
            for item in self.wrong
        ]


def _plain(item: Damaged) -> dict[str, str]:
    return {"path": str(item.path), "reason": english(item.reason)}


@dataclass
class _Counts:
    """What the threads found; each place is written once."""

    of_picture: list[tuple[int, ...] | None]
    marks: list[copies.Mark | None]
    sizes: list[tuple[int, int]] = field(default_factory=list)
    wrong: dict[int, Damaged] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def check_masks(
    data: SegmentationDataset,
    *,
    progress: ReportProgress | None = None,
    look: Callable[[int, Pixels], None] | None = None,
) -> MaskCheck:
    """Decode every picture and every mask, strictly, in threads.

    Args:
        data: The set.
        progress: As in ``check_images``.
        look: Sees each picture once, by its place in ``data.listed()``; called from several threads.
    """
    images = [picture for split in SPLITS for picture in data.split(split)]
    bits = stored_bits([picture.path for picture in images])
    counts = _Counts([None] * len(images), [None] * len(images))

    def visit(index: int, sample: Sample) -> None:
        content = contents.read_bytes(sample.path)
        pixels = image.decode(content, name=sample.path.name, strict=True, bits=bits or 16)
        counts.sizes.append((pixels.shape[0], pixels.shape[1]))
        counts.marks[index] = copies.mark(content, pixels)
        if look is not None:
            look(index, pixels)
        try:
            labels = images[index].read_mask(strict=True)
        except DatasetInvalid as error:
            with counts.lock:
                counts.wrong[index] = Damaged(sample.path, error.message)
            return
        counts.of_picture[index] = tuple(histogram(labels))

    damaged = check_images([Sample(picture.path, 0) for picture in images], visit, progress=progress)
    return _checked(data, counts, damaged, bits)


def _checked(data: SegmentationDataset, counts: _Counts, damaged: tuple[Damaged, ...], bits: int | None) -> MaskCheck:
    number, places = len(data.classes), iter(counts.of_picture)
    of_split = {split: [next(places) for _ in data.split(split)] for split in SPLITS}
    shown = {
        split: [None if counts is None else frozenset(np.flatnonzero(counts[:number]).tolist()) for counts in part]
        for split, part in of_split.items()
    }
    whole = {split: np.array([row for row in part if row] or [(0,) * 256]) for split, part in of_split.items()}
    seen = {split: [labels for labels in part if labels is not None] for split, part in shown.items()}
    background = {label for label, name in enumerate(data.classes) if is_background(name)}
    result = MaskCheck(
        damaged,
        tuple(counts.wrong[index] for index in sorted(counts.wrong)),
        {split: tuple(rows[:, :number].sum(axis=0).tolist()) for split, rows in whole.items()},
        {split: int(rows[:, IGNORE].sum()) for split, rows in whole.items()},
        {split: tuple((rows[:, :number] > 0).sum(axis=0).tolist()) for split, rows in whole.items()},
        {
            split: sum(bool(labels) and labels <= background for labels in part if labels is not None)
            for split, part in shown.items()
        },
        tuple(counts.sizes),
        tuple(labels or frozenset() for split in SPLITS for labels in shown[split]),
        tuple(counts.marks),
        bits,
    )
    notes = [note for note in content_notes(data.classes, list(seen.values())) if note not in data.notes]
    notes += _rare(data.classes, result.shares())
    blank = sum(not labels for part in seen.values() for labels in part)
    notes += [*_about_pixels(result, blank), *depth_notes(bits)]
    return replace(result, notes=tuple(notes))


def _rare(names: Sequence[str], shares: Sequence[float]) -> Iterator[str]:
    """Name the classes that few pixels show."""
    few = [one_line(name) for name, share in zip(names, shares, strict=True) if 0 < share < _RARE]
    if few:
        listed = ", ".join(few[:5]) + (", …" if len(few) > 5 else "")
        yield say(
            f"Less than {_RARE:.1%} of the pixels are: {listed}. More pictures with them help most.",
            f"像素占比不足 {_RARE:.1%} 的类别：{listed}。多加一些含有它们的图片最有效。",
        )


def _about_pixels(result: MaskCheck, blank: int) -> Iterator[str]:
    ignored, rest = sum(result.ignored.values()), sum(map(sum, result.pixels.values()))
    if ignored > _MOSTLY * (ignored + rest):
        share = ignored / (ignored + rest)
        yield say(
            f"{share:.0%} of all pixels are ignored (255): they are neither learned nor measured.",
            f"有 {share:.0%} 的像素是忽略（255）：既不参与训练，也不参与评估。",
        )
    if blank:
        yield say(f"{blank} masks are ignored all over (255).", f"{blank} 张掩码全部是忽略（255）。")
    if empty := sum(result.empty.values()):
        yield say(
            f"{empty} pictures show nothing but the background.",
            f"{empty} 张图片只有背景，没有任何目标。",
        )


def table(data: SegmentationDataset, result: MaskCheck) -> list[tuple[str | int, ...]]:
    """Return rows of cells, the heads first: the share of pixels of each class, and the pictures that show it."""
    parts = (say("train", "训练"), say("val", "验证"), say("test", "测试"))
    rows: list[tuple[str | int, ...]] = [(say("class", "类别"), say("pixels", "像素占比"), *parts)]
    for label, (name, share) in enumerate(zip(data.classes, result.shares(), strict=True)):
        rows.append((name, f"{share:.1%}", *(result.pictures[split][label] for split in SPLITS)))
    if ignored := sum(result.ignored.values()):
        share = ignored / (ignored + sum(map(sum, result.pixels.values())))
        rows.append((say("ignored", "忽略"), f"{share:.1%}", "", "", ""))
    rows.append((say("pictures", "图片"), "", *(len(data.split(split)) for split in SPLITS)))
    return rows


def sheet(data: SegmentationDataset, bits: int | None = None) -> Pixels | None:
    """Draw pictures of all parts under their masks; None where none can be drawn.

    Args:
        data: The set.
        bits: Of its pictures of 16 bits.
    """
    images = [picture for split in SPLITS for picture in data.split(split)]
    tiles = list(_tiles(spread(images, _TILES), data.classes, bits or 16))
    if not tiles:
        return None
    heading = fonts.picture_text(f"{len(tiles)} of {len(images)} pictures", f"{len(images)} 张图片中的 {len(tiles)} 张")
    return draw.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=heading)


def _tiles(images: Sequence[MaskedImage], classes: tuple[str, ...], bits: int) -> Iterator[draw.Tile]:
    for picture in images:
        try:
            pixels = image.decode(contents.read_bytes(picture.path), name=picture.path.name, bits=bits)
            labels = picture.read_mask()
        except (XEduError, OSError):
            continue  # it is among the damaged ones
        yield draw.Tile(_overlaid(pixels, labels, classes), f"{picture.path.parent.name}/{picture.path.name}")


def _overlaid(pixels: Pixels, labels: Pixels, classes: tuple[str, ...]) -> Pixels:
    scale = _TILE / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = np.asarray(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return draw.segmentation(small, SegmentationResult(mask, classes), enlarge=False)


def write_sheet(path: str | os.PathLike[str], data: SegmentationDataset, bits: int | None = None) -> Path | None:
    """Write what ``sheet`` draws; None where there is nothing to draw.

    Raises:
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    drawn = sheet(data, bits)
    return None if drawn is None else image.write(path, drawn)
