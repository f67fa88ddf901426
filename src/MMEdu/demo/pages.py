"""Pages with handwritten digits as a detection set in COCO's layout, or with masks. The demos call it; no network.

Real digits (see ``digits``), 0 to 6 on a page, in different sizes and inks, on plain or ruled paper; on some pages they
overlap. Those of the test pages are on no other page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import files, image
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Category, Entry, as_json
from BaseDT.image import Pixels
from MMEdu.demo import digits

SIDE = 320
"""Width and height of a page in pixels."""
COUNTS: Mapping[str, int] = MappingProxyType({"train": 4000, "valid": 100, "test": 150})
"""How many pages there are of each kind."""
CLASSES = tuple("0123456789")
PAPER = "background"
"""What is no digit, of sets with masks."""

_SEED = 0
_SPLITS: Mapping[str, digits.Split] = {"train": "training_set", "valid": "val_set", "test": "test_set"}
_EMPTY, _CROWDED, _RULED = 0.1, 0.3, 0.5  # shares of the pages
_MOST = 6
_HEIGHTS = (44, 128)  # of a digit, pixels
_STRETCH = (0.85, 1.2)
_MOST_COVERED = 0.25  # of the smaller of two digits' boxes, on a crowded page
_TRIES = 30
_PALE, _STRONG = 100, 180  # gray levels between which ink comes in
_INK_FROM = 0.5

Ink = npt.NDArray[np.float32]
Corners = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Digit:
    """One handwritten digit.

    Attributes:
        label: 0 to 9.
        pixels: (28, 28), gray, white on black.
    """

    label: int
    pixels: Pixels


@dataclass(frozen=True, eq=False)
class Page:
    """A page and what is on it.

    Attributes:
        pixels: (SIDE, SIDE, 3), BGR.
        boxes: Around the ink of each digit.
        used: Which of the digits that were given stand there, in the order of the boxes.
        mask: (SIDE, SIDE) of labels: 0 for paper, one more than the digit for its ink; a later one lies on top.
    """

    pixels: Pixels
    boxes: tuple[Box, ...]
    used: tuple[int, ...]
    mask: Pixels


def write(folder: Path, counts: Mapping[str, int] = COUNTS) -> Path:
    """Write ``annotations/{train,valid,test}.json`` and ``images/{train,valid,test}/page_<number>.png``.

    The same files with the same bytes each time; files of others in the folder stay.

    Args:
        folder: Made when missing.
        counts: How many pages of each kind; fewer are the first of more.

    Returns:
        The folder.

    Raises:
        PathNotWritable: It cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    digits = digits_by_split()
    categories = [Category(label + 1, name, "digit") for label, name in enumerate(CLASSES)]
    for split, count in counts.items():
        entries = []
        for number in range(count):
            page = _page(digits, split, number)
            name = f"page_{number:04}.png"
            image.write(folder / "images" / split / name, page.pixels)
            entries.append(Entry(number + 1, name, SIDE, SIDE, page.boxes))
        files.write_whole(folder / "annotations" / f"{split}.json", as_json(categories, entries).encode("utf-8"))
    return folder


def write_masks(folder: Path, counts: Mapping[str, int]) -> Path:
    """Write the same pages with the pixels of their digits, as a segmentation set.

    ``images/<split>_<number>.png``, ``labels`` with a mask of the same name for each, ``splits/{train,val,test}.txt``
    and ``classes.txt``. The same files with the same bytes each time; files of others in the folder stay.

    Args:
        folder: Made when missing.
        counts: How many pages of each kind; fewer are the first of more.

    Returns:
        The folder.

    Raises:
        PathNotWritable: It cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    digits = digits_by_split()
    for split, count in counts.items():
        names = [f"{split}_{number:04}" for number in range(count)]
        for number, name in enumerate(names):
            page = _page(digits, split, number)
            image.write(folder / "images" / f"{name}.png", page.pixels)
            image.write(folder / "labels" / f"{name}.png", page.mask)
        listed = "".join(f"{name}\n" for name in names).encode("utf-8")
        files.write_whole(folder / "splits" / f"{'val' if split == 'valid' else split}.txt", listed)
    files.write_whole(folder / "classes.txt", "".join(f"{name}\n" for name in (PAPER, *CLASSES)).encode("utf-8"))
    return folder


def _page(digits: Mapping[str, Sequence[Digit]], split: str, number: int) -> Page:
    """Make a page of a kind; the same one each time."""
    return compose(digits[split], np.random.default_rng((_SEED, list(_SPLITS).index(split), number)))


def digits_by_split() -> dict[str, list[Digit]]:
    """Return the digits for the pages of each kind; none is for two kinds."""
    by_split: dict[str, list[Digit]] = {split: [] for split in _SPLITS}
    names = {source: split for split, source in _SPLITS.items()}
    for source, label, _, pixels in digits.originals():
        by_split[names[source]].append(Digit(label, pixels))
    return by_split


def compose(digits: Sequence[Digit], random: np.random.Generator) -> Page:
    """Make one page.

    Args:
        digits: To choose from.
        random: Where chance comes from.
    """
    canvas = _paper(random)
    mask = np.zeros((SIDE, SIDE), dtype=np.uint8)
    count = 0 if random.random() < _EMPTY else int(random.integers(1, _MOST + 1))
    covered = _MOST_COVERED if random.random() < _CROWDED else 0.0
    boxes: list[Box] = []
    used: list[int] = []
    for choice in random.choice(len(digits), count, replace=False).tolist():
        ink = _enlarged(digits[choice].pixels, random)
        corners = _free_corners(ink.shape[0], ink.shape[1], [box.corners for box in boxes], covered, random)
        if corners is None:
            continue  # the page is full
        _draw(canvas, ink, corners, random.uniform(0, 110, 3).astype(np.float32))
        x1, y1, x2, y2 = corners
        mask[y1:y2, x1:x2][ink >= _INK_FROM] = digits[choice].label + 1
        boxes.append(Box(digits[choice].label, tuple(map(float, corners))))  # type: ignore[arg-type]
        used.append(choice)
    return Page(np.rint(canvas).astype(np.uint8), tuple(boxes), tuple(used), mask)


def _paper(random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Draw paper of a pale colour, a side of it in shadow, every second time with lines."""
    colour = random.uniform(205, 255, 3)
    across, down = random.uniform(-25, 0, 2)
    ramp = np.linspace(0, 1, SIDE)
    shadow = across * ramp[None, :] + down * ramp[:, None]
    canvas: npt.NDArray[np.float32] = (colour[None, None, :] + shadow[:, :, None]).astype(np.float32)
    if random.random() < _RULED:
        distance = int(random.integers(22, 40))
        canvas[int(random.integers(distance)) :: distance] *= random.uniform(0.75, 0.92, 3).astype(np.float32)
    return canvas


def _enlarged(pixels: Pixels, random: np.random.Generator) -> Ink:
    """Enlarge a digit to a random size, (height, width) of nothing but its ink from 0 to 1."""
    low, high = np.log(_HEIGHTS)
    height = float(np.exp(random.uniform(low, high)))
    scale = height / digits.HEIGHT
    size = (round(pixels.shape[1] * scale * random.uniform(*_STRETCH)), round(pixels.shape[0] * scale))
    large = cv2.resize(pixels.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    ink = np.clip((large - _PALE) / (_STRONG - _PALE), 0, 1)
    rows, columns = np.flatnonzero((ink >= _INK_FROM).any(1)), np.flatnonzero((ink >= _INK_FROM).any(0))
    return np.asarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], dtype=np.float32)


def _free_corners(
    height: int,
    width: int,
    taken: Sequence[tuple[float, float, float, float]],
    covered: float,
    random: np.random.Generator,
) -> Corners | None:
    """Draw the corners of a box that covers no more than a share of another one; None where the page is full."""
    for _ in range(_TRIES):
        x, y = int(random.integers(SIDE - width + 1)), int(random.integers(SIDE - height + 1))
        corners = (x, y, x + width, y + height)
        if all(shared(corners, other) <= covered for other in taken):
            return corners
    return None


def shared(box: Sequence[float], other_box: Sequence[float]) -> float:
    """Return which share of the smaller of two boxes lies in the other."""
    width = min(box[2], other_box[2]) - max(box[0], other_box[0])
    height = min(box[3], other_box[3]) - max(box[1], other_box[1])
    areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (box, other_box)]
    return max(width, 0) * max(height, 0) / min(areas)


def _draw(canvas: npt.NDArray[np.float32], ink: Ink, corners: Corners, colour: npt.NDArray[np.float32]) -> None:
    x1, y1, x2, y2 = corners
    under = canvas[y1:y2, x1:x2]
    under += ink[:, :, None] * (colour - under)
