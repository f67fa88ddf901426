"""The same picture more than once in a data set: found while it is decoded. Checks and trainings of every task call it.

A short mark of each picture is taken when its bytes or pixels are in hand anyway; only pictures whose marks agree are
compared whole. Two pictures that merely look alike are another matter (``lookalikes``).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from BaseDT import contents, image
from BaseDT.dataset.samples import Listed
from BaseDT.errors import XEduError
from BaseDT.escaping import one_line
from BaseDT.image import Pixels
from BaseDT.language import say

# What a mark looks at of a large picture: enough to tell pictures apart, so little that it costs nothing.
_ROWS = 4
_BYTES = 4096  # in the middle of its file, and at the end


@dataclass(frozen=True)
class Copies:
    """Pictures that are there more than once; each group has at least two, in the order of the data set.

    Attributes:
        classes: Groups with more than one label: at least one of these labels is wrong.
        splits: Groups that lie in more than one part, as far as they are not in ``classes``.
        within: Groups of one class (or of none) and one part.
    """

    classes: tuple[tuple[Listed, ...], ...] = ()
    splits: tuple[tuple[Listed, ...], ...] = ()
    within: tuple[tuple[Listed, ...], ...] = ()

    def notes(self, root: Path) -> Iterator[str]:
        """Say what was found, a line for each kind, with what to do.

        Args:
            root: The data set's folder, to which paths are relative.
        """
        if self.classes:
            yield say(
                f"The same picture is in two classes, {len(self.classes)} times ({_example(self.classes[0], root)}): "
                "at least one of the labels is wrong. Delete the wrong ones; or, for several labels a picture, write "
                "labels.csv (file,labels).",
                f"有 {len(self.classes)} 张图片同时出现在两个类别中（{_example(self.classes[0], root)}）："
                "至少有一个标签是错的，请删除放错的那张；如果图片确有多个标签，请编写 labels.csv（file,labels）。",
            )
        if self.splits:
            yield say(
                f"The same picture is in more than one part, {len(self.splits)} times "
                f"({_example(self.splits[0], root)}): the measured accuracy is too good. Keep one of each.",
                f"有 {len(self.splits)} 张图片同时出现在训练、验证、测试的不同部分"
                f"（{_example(self.splits[0], root)}）：测得的准确率会偏高，请每张只保留一份。",
            )
        if self.within:
            more = sum(map(len, self.within)) - len(self.within)
            yield say(
                f"{more} pictures are copies of others beside them: they teach nothing new.",
                f"{more} 张图片与同一部分的其他图片完全相同：学不到新东西。",
            )

    def content(self) -> dict[str, list[list[str]]]:
        """Return the groups as plain data: paths."""
        return {
            kind: [[str(picture.path) for picture in group] for group in groups]
            for kind, groups in (("classes", self.classes), ("parts", self.splits), ("within", self.within))
        }


Mark: TypeAlias = "tuple[int, int, int | None]"
"""What a picture is known by: the same for the same picture, rarely the same for others.

How long its file is, a checksum of some of it, and one of its pixels; None where only the file was looked at. Of 10,000
small pictures an object each would cost as much as the checksums.
"""


def mark(data: bytes, pixels: Pixels | None = None) -> Mark:
    """Take the mark of a picture.

    Args:
        data: Its file.
        pixels: What came out of it, as ``BaseDT.image.decode`` returns it; None where that is not at hand.
    """
    if len(data) > 2 * _BYTES:
        middle = len(data) // 2
        of_file = zlib.crc32(data[-_BYTES:], zlib.crc32(data[middle : middle + _BYTES]))
    else:
        of_file = zlib.crc32(data)
    if pixels is None:
        return len(data), of_file, None
    step = len(pixels) // _ROWS
    whole = pixels.size <= 2 * _BYTES and pixels.flags.c_contiguous
    rows = pixels if whole else np.ascontiguousarray(pixels[step // 2 :: max(1, step)])
    return len(data), of_file, zlib.crc32(rows)  # type: ignore[arg-type]


def find(pictures: Sequence[Listed], marks: Sequence[Mark | None], bits: int | None = None) -> Copies:
    """Find the same pictures: those with the same pixels where marks know them, else those with the same bytes.

    Args:
        pictures: Of the data set.
        marks: Theirs; None for one that could not be read.
        bits: What ``depth.stored_bits`` says of the set; the marks are of such pixels.
    """
    classes, splits, within = [], [], []
    for group in _same(pictures, marks, bits or 16):
        if len({picture.label for picture in group}) > 1:
            classes.append(group)
        elif len({picture.split for picture in group}) > 1:
            splits.append(group)
        else:
            within.append(group)
    return Copies(tuple(classes), tuple(splits), tuple(within))


def _same(pictures: Sequence[Listed], marks: Sequence[Mark | None], bits: int) -> Iterator[tuple[Listed, ...]]:
    """Divide the pictures of equal marks into groups of those that are equal as a whole."""
    keys: list[Hashable] = [known and (known[:2] if known[2] is None else known[2]) for known in marks]
    if len(set(keys)) == len(keys):
        return
    places: dict[Hashable, list[int]] = {}
    for index, key in enumerate(keys):
        if key is not None:
            places.setdefault(key, []).append(index)
    for alike in places.values():
        if len(alike) > 1:
            yield from _equal([(pictures[index], known) for index in alike if (known := marks[index])], bits)


def _equal(alike: Sequence[tuple[Listed, Mark]], bits: int) -> Iterator[tuple[Listed, ...]]:
    """Return the groups of pictures that are equal as a whole, of some whose marks agree."""
    groups: dict[Hashable, list[Listed]] = {}
    for picture, known in alike:
        groups.setdefault(_digest(picture.path, pixels=known[2] is not None, bits=bits), []).append(picture)
    once = (tuple(dict.fromkeys(group)) for group in groups.values())  # several samples may share a file
    yield from (group for group in once if len(group) > 1)


def _digest(path: Path, *, pixels: bool, bits: int) -> Hashable:
    """Return a digest of all of a picture's pixels, or of all bytes of its file."""
    try:
        data = contents.read_bytes(path)
        if not pixels:
            return hashlib.sha256(data).digest()
        decoded = image.decode(data, name=path.name, bits=bits)
        return decoded.shape, hashlib.sha256(decoded.tobytes()).digest()
    except (XEduError, OSError):
        return path  # gone meanwhile: like no other


def _example(group: Sequence[Listed], root: Path) -> str:
    """Name the first two pictures of a group that differ in what makes them worth a word."""
    first = group[0]
    other = next((p for p in group if p.label != first.label), None)
    other = other or next((p for p in group if p.split != first.split), group[1])
    return " = ".join(one_line(name_in(picture.path, root)) for picture in (first, other))


def name_in(path: Path, root: Path) -> str:
    """Return how a picture of a data set is called: from its folder on."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
