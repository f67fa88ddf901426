"""What a data set for segmentation is, once read: pictures with a label for each pixel. ``segmentation`` makes it.

Plain data and questions about it; nothing here knows how folders are laid out.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from BaseDT import contents
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.mask_codes import IGNORE, Codes, Labels
from BaseDT.dataset.region_files import is_regions, values_of
from BaseDT.dataset.samples import Listed, SplitName
from BaseDT.errors import DatasetInvalid, ImageDamaged
from BaseDT.geometry import masks
from BaseDT.image.values import Colour, Values, decode_values
from BaseDT.language import english, say, system_reason

# Of a mask's file so much is hashed, in its middle and at its end: a PNG ends with a checksum of its pixels.
_HASHED = 4096


class MaskSource(Protocol):
    """Where the labels of a picture come from."""

    def read(self, height: int, width: int, *, strict: bool = False) -> Labels:
        """Return (height, width) of labels, of the upright picture."""

    def token(self, root: Path) -> str:
        """Return what tells whether it is still the same."""


@dataclass(frozen=True)
class MaskFile:
    """A file that has a value for each pixel.

    Attributes:
        path: Where it lies, absolute.
        codes: What its values mean.
        orientation: The note of the picture's camera, 2 to 8, where the mask was drawn on the stored picture; else 1.
    """

    path: Path
    codes: Codes
    orientation: int = 1

    def read(self, height: int, width: int, *, strict: bool = False) -> Labels:
        """Return the labels of the upright picture; see ``MaskedImage.read_mask``."""
        name = short_name(self.path)
        try:
            data = contents.read_bytes(self.path)
        except OSError as error:
            raise _unreadable(name, system_reason(error)) from error
        values = values_in(data, name, strict=strict, codes=self.codes)
        if self.orientation != 1:
            values = np.ascontiguousarray(masks.turned_pixels(values, self.orientation))
        if values.shape[:2] != (height, width):
            raise other_size(name, (values.shape[0], values.shape[1]), (height, width))
        return self.codes.labels_of(values, name)

    def token(self, root: Path) -> str:
        """Return name, size and a checksum of some of the file; see ``_HASHED``."""
        try:
            with self.path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(size // 2)
                middle = zlib.crc32(file.read(_HASHED))
                file.seek(max(0, size - _HASHED))
                sum_of = zlib.crc32(file.read(_HASHED), middle)
        except OSError:
            return f"{relative(self.path, root)} -1"
        return f"{relative(self.path, root)} {size} {sum_of} {self.orientation} {self.codes.token}"


@dataclass(frozen=True)
class DrawnMask:
    """Objects with outlines or run-length codes; the first is drawn first, later ones lie on top of it.

    Attributes:
        objects: Of the upright picture. Labels are those of the data set, 255 for what is ignored.
    """

    objects: tuple[Box, ...]

    def read(self, height: int, width: int, *, strict: bool = False) -> Labels:  # noqa: ARG002 (nothing to walk)
        """Return the labels of the picture; what no object covers is 0."""
        labels = np.zeros((height, width), dtype=np.uint8)
        for box in self.objects:
            if box.segmentation:
                labels[masks.decoded(box.segmentation, height, width) != 0] = box.label
            else:
                x1, y1, x2, y2 = (round(value) for value in box.corners)
                labels[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)] = box.label
        return labels

    def token(self, root: Path) -> str:  # noqa: ARG002
        """Return what was drawn."""
        return str([(box.label, box.corners, box.segmentation) for box in self.objects])


@dataclass(frozen=True)
class MaskedImage:
    """One picture and its mask.

    Attributes:
        path: Where the picture lies, absolute.
        height: Of the upright picture, in pixels.
        width: Likewise.
        mask: Where its labels come from.
    """

    path: Path
    height: int
    width: int
    mask: MaskFile | DrawnMask = field(repr=False)

    def read_mask(self, *, strict: bool = False) -> Labels:
        """Return the labels of the pixels: (height, width) uint8, 255 for what is ignored; upright as the picture.

        Args:
            strict: Also walk the structure of a mask's whole file, to find damage that decoders forgive.

        Raises:
            ImageDamaged, ImageUnsupported: The mask's file does not decode whole, or is none that is read.
            DatasetInvalid: It has another size than the picture, or a value without a class (-201).
        """
        return self.mask.read(self.height, self.width, strict=strict)


@dataclass(frozen=True)
class SegmentationDataset:
    """A data set for segmentation.

    Attributes:
        root: Its folder, absolute.
        classes: Names; the index is the label.
        train: Training pictures, in the order of their names.
        val: Validation pictures, likewise.
        test: Test pictures, likewise; often none.
        notes: Lines for the user, in the user's language.
        colours: (R, G, B) of the classes, where the set says them; else none.
        holds_out: Whether the validation pictures are a part of the training pictures that was kept for it.
        ignore: The label of pixels that are neither learned nor measured.
        keeps: What must stay as long as the pictures are needed: a temporary folder with some of them.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[MaskedImage, ...]
    val: tuple[MaskedImage, ...]
    test: tuple[MaskedImage, ...]
    notes: tuple[str, ...] = ()
    colours: tuple[Colour, ...] = ()
    holds_out: bool = False
    ignore: int = IGNORE
    keeps: object = field(default=None, repr=False, compare=False)

    def split(self, name: SplitName) -> tuple[MaskedImage, ...]:
        """Return the pictures of ``'train'``, ``'val'`` or ``'test'``."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]

    def listed(self) -> list[Listed]:
        """Return the pictures of all parts, for whoever looks for copies."""
        parts: dict[SplitName, tuple[MaskedImage, ...]] = {"train": self.train, "val": self.val, "test": self.test}
        return [Listed(picture.path, split) for split, part in parts.items() for picture in part]

    def fingerprint(self) -> str:
        """Return a hash of classes, names, sizes and masks of training and validation; the place does not count."""
        digest = hashlib.sha256("\0".join(self.classes).encode())
        with ThreadPoolExecutor(max(2, min(8, os.cpu_count() or 2)), thread_name_prefix="masks") as pool:
            for part in (self.train, self.val):
                digest.update(b"\n\n")
                tokens = pool.map(lambda picture: picture.mask.token(self.root), part)
                for picture, token in zip(part, tokens, strict=True):
                    line = f"{relative(picture.path, self.root)}\0{picture.height}\0{picture.width}\0{token}\n"
                    # A name that is no text in the file system's encoding holds surrogates.
                    digest.update(line.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def without_validation(self) -> SegmentationDataset:
        """Return the same data set where nobody validates: pictures that were kept for it are trained on, too."""
        if not self.holds_out:
            return self
        together = sorted((*self.train, *self.val), key=lambda picture: picture.path.as_posix())
        return replace(self, train=tuple(together), val=(), holds_out=False)

    def without(self, paths: Collection[Path]) -> SegmentationDataset:
        """Return the same data set without some pictures.

        Raises:
            DatasetInvalid: No training picture would be left (-201).
        """
        unwanted = frozenset(paths)

        def rest(part: tuple[MaskedImage, ...]) -> tuple[MaskedImage, ...]:
            return tuple(picture for picture in part if picture.path not in unwanted)

        less = replace(self, train=rest(self.train), val=rest(self.val), test=rest(self.test))
        if not less.train:
            hint = say("Add whole pictures.", "请补充完好的图片。")
            raise DatasetInvalid(say("No usable training picture is left.", "没有剩下可用的训练图片。"), hint=hint)
        return less


def values_in(data: bytes, name: str, *, strict: bool = False, codes: Codes | None = None) -> Values:
    """Return the values of a mask's file, a picture or text, upright; see ``BaseDT.image.values.decode_values``."""
    if is_regions(name):
        return values_of(data, name)
    among = [colour for colour, _ in codes.colours] if codes else []
    return decode_values(data, name=name, strict=strict, among=among)


def short_name(path: Path) -> str:
    """Name a file by its last folders: ``labels/train/1.png``."""
    return "/".join(path.parts[-3:])


def other_size(name: str, mask: tuple[int, int], picture: tuple[int, int]) -> DatasetInvalid:
    """Make the error of a mask that does not fit its picture (-201); sizes are (height, width)."""
    return DatasetInvalid(
        say(
            f"The mask {name} is {mask[1]}×{mask[0]}, its picture {picture[1]}×{picture[0]}",
            f"掩码 {name} 是 {mask[1]}×{mask[0]}，而图片是 {picture[1]}×{picture[0]}",
        ),
        hint=size_hint(),
    )


def size_hint() -> str:
    """Say what to do about masks of another size."""
    return say(
        "A mask has the size of its picture. Were the pictures made smaller after they were labelled? Take the "
        "originals, or resize the masks with nearest neighbour.",
        "掩码必须与图片大小相同。是否在标注后缩小过图片？请换回原图，或用最近邻方式缩放掩码。",
    )


def _unreadable(name: str, reason: str) -> ImageDamaged:
    return ImageDamaged(
        say(f"The mask {name} cannot be read: {english(reason)}.", f"无法读取掩码 {name}：{reason}。"),
        hint=say("Put it back, or take its picture out, too.", "请补上掩码，或同时移走对应的图片。"),
    )


def relative(path: Path, root: Path) -> str:
    """Return a path below the data set's folder as a posix path."""
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:  # on another drive (Windows)
        return path.as_posix()
