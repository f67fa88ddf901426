"""What ``mmedu check`` says of a set of masks: pixels by class, every picture and mask decoded, some drawn tinted."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import draw, fonts, image
from BaseDT.dataset import copies, segmentation
from BaseDT.dataset.check import Damaged
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.mask_codes import IGNORE
from BaseDT.dataset.masked import MaskedImage, SegmentationDataset
from BaseDT.dataset.samples import Sample, SplitName
from BaseDT.errors import XEduError
from BaseDT.image import Pixels
from BaseDT.language import english, say
from BaseDT.results.segmentation import SegmentationResult
from MMEdu.engine.events import Listener
from MMEdu.models import recipe_file
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.decoding import damaged_lines, decode_all, fixed_notes, total_line
from MMEdu.tasks.deep_check import Looks, near_duplicates, report
from MMEdu.tasks.segmentation.samples import Mask
from MMEdu.tasks.spec import CheckReport

_SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
_TILES, _COLUMNS, _TILE = 20, 5, 240
_RARE = 0.005
"""Share of the known pixels below which a class is rare: it takes many pictures to learn it."""


def check(
    path: Path, backbone: str | None, sheet: Path, emit: Listener, *, fix: bool, deep: Path | None
) -> CheckReport:
    """Check a folder of pictures with masks and draw some of them; see ``tasks.spec.CheckDataset``.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    entry = None if backbone is None else recipe_file.entry_of(backbone, "segmentation")
    dataset = segmentation.load(path)
    pictures = [picture for name in _SPLITS for picture in dataset.split(name)]
    samples = [Sample(picture.path, 0) for picture in pictures]
    looks = None if deep is None else Looks(len(samples))
    bits = stored_bits([sample.path for sample in samples])
    counts = _Counts(dataset)

    def look(index: int, pixels: Pixels) -> None:
        counts.add(index, pictures[index].read_mask(strict=True))
        if looks is not None:
            looks(index, pixels)

    decoded = decode_all(samples, emit, look, bits)
    damaged, same = decoded.damaged, copies.find(dataset.listed(), decoded.marks, bits)
    notes = [*dataset.notes, *fixed_notes((), fix=fix), *depth_notes(bits), *same.notes(dataset.root)]
    notes += [] if entry is None else [_suitability(entry)]
    notes += counts.rare()
    drawn = _write(sheet, dataset, bits or 16)
    lines = [*notes, *damaged_lines(damaged)]
    closer = None
    if deep is not None and looks is not None:
        alike = near_duplicates(dataset.listed(), looks, dataset.root, dataset.classes)
        closer = report(deep, dataset.root, alike, (), bits or 16)
        lines += closer.lines
    if drawn is not None:
        lines.append(say(f"Drawn with their masks: {drawn}", f"带掩膜的图片：{drawn}"))
    lines.append(total_line(len(pictures), len(damaged)))
    content = {
        **_content(dataset, counts, notes, damaged, drawn),
        "copies": same.content(),
        "deep": closer and closer.content,
    }
    return CheckReport(not damaged, content, counts.table(), lines)


@dataclass
class _Counts:
    """Pixels and pictures of each class in each part; filled from several threads.

    Attributes:
        dataset: Whose they are.
        pixels: (parts, 256).
        pictures: Likewise: in how many pictures a class occurs.
    """

    dataset: SegmentationDataset
    pixels: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((len(_SPLITS), 256), np.int64))
    pictures: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((len(_SPLITS), 256), np.int64))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, index: int, mask: Mask) -> None:
        """Count the pixels of one picture, by its place in all parts together."""
        counts = np.bincount(mask.ravel(), minlength=256)
        ends = np.cumsum([len(self.dataset.split(name)) for name in _SPLITS])
        part = int(np.searchsorted(ends, index, side="right"))
        with self._lock:
            self.pixels[part] += counts
            self.pictures[part] += counts > 0

    def shares(self) -> list[float]:
        """Return which share of the known pixels each class has."""
        of_class = self.pixels[:, : len(self.dataset.classes)].sum(axis=0)
        return [float(count) / max(1, int(of_class.sum())) for count in of_class]

    def rare(self) -> list[str]:
        """Name the classes that few pixels show."""
        few = [name for name, share in zip(self.dataset.classes, self.shares(), strict=True) if 0 < share < _RARE]
        if not few:
            return []
        listed = ", ".join(few[:5])
        return [
            say(
                f"Less than {_RARE:.1%} of the pixels are: {listed}. More pictures with them help most.",
                f"像素占比不足 {_RARE:.1%} 的类别：{listed}。多加一些含有它们的图片最有效。",
            )
        ]

    def table(self) -> list[tuple[str | int, ...]]:
        """Return the share of pixels of each class, and in how many pictures it occurs."""
        head = (
            say("class", "类别"),
            say("pixels", "像素占比"),
            *(say(*names) for names in (("train", "训练"), ("val", "验证"), ("test", "测试"))),
        )
        rows: list[tuple[str | int, ...]] = [head]
        for label, (name, share) in enumerate(zip(self.dataset.classes, self.shares(), strict=True)):
            rows.append((name, f"{share:.1%}", *self.pictures[:, label].tolist()))
        ignored = int(self.pixels[:, IGNORE].sum())
        if ignored:
            share = ignored / int(self.pixels.sum())
            rows.append((say("ignored", "忽略"), f"{share:.1%}", *self.pictures[:, IGNORE].tolist()))
        rows.append((say("pictures", "图片"), "", *(len(self.dataset.split(name)) for name in _SPLITS)))
        return rows


def _suitability(entry: ModelEntry) -> str:
    preprocess = entry.preprocess
    shape = f"{preprocess.size[1]}x{preprocess.size[0]}"
    en, zh = ("ratio kept", "保持比例") if preprocess.fit == "letterbox" else ("stretched", "拉伸")
    return say(
        f"{entry.name} sees {shape} (whole pictures, {en}).", f"{entry.name} 的输入：{shape}（完整图片，{zh}）。"
    )


def _write(path: Path, dataset: SegmentationDataset, bits: int) -> Path | None:
    """Draw pictures of all splits with their masks; None where no picture can be drawn."""
    images = [picture for name in _SPLITS for picture in dataset.split(name)]
    # Spread over the set, so that the same sheet shows its beginning and its end.
    step = max(1, len(images) // _TILES)
    tiles = list(_tiles(images[::step][:_TILES], dataset.classes, bits))
    if not tiles:
        return None
    heading = fonts.picture_text(f"{len(tiles)} of {len(images)} pictures", f"{len(images)} 张图片中的 {len(tiles)} 张")
    return image.write(path, draw.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=heading))


def _tiles(images: Sequence[MaskedImage], classes: Sequence[str], bits: int) -> Iterator[draw.Tile]:
    for picture in images:
        try:
            pixels = image.decode(picture.path.read_bytes(), name=picture.path.name, bits=bits)
            mask = picture.read_mask()
        except (XEduError, OSError):
            continue  # it is among the damaged ones
        yield draw.Tile(_tinted(pixels, mask, classes), f"{picture.path.parent.name}/{picture.path.name}")


def _tinted(pixels: Pixels, mask: Mask, classes: Sequence[str]) -> Pixels:
    scale = _TILE / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    labels = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return draw.segmentation(small, SegmentationResult(labels, tuple(classes)))


def _content(
    dataset: SegmentationDataset, counts: _Counts, notes: Sequence[str], damaged: Sequence[Damaged], drawn: Path | None
) -> dict[str, object]:
    number = len(dataset.classes)
    return {
        "ok": not damaged,
        "root": str(dataset.root),
        "task": "segmentation",
        "classes": list(dataset.classes),
        # In how many pictures each class occurs, and which share of the known pixels it has.
        **{name: counts.pictures[part, :number].tolist() for part, name in enumerate(_SPLITS)},
        "shares": [round(share, 6) for share in counts.shares()],
        "pictures": {name: len(dataset.split(name)) for name in _SPLITS},
        "notes": list(notes),
        "damaged": [{"path": str(item.path), "reason": english(item.reason)} for item in damaged],
        "sheet": None if drawn is None else str(drawn),
    }
