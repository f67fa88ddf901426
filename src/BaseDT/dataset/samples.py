"""What a data set for classification is, once read: pictures with labels. ``labelled`` makes it, all may hold it.

Plain data and questions about it; nothing here knows how folders or text files are laid out.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from BaseDT.errors import DatasetInvalid
from BaseDT.language import say

SplitName = Literal["train", "val", "test"]


class HasLabels(Protocol):
    """One picture and the labels that it has."""

    @property
    def path(self) -> Path:
        """Where it lies, absolute."""

    @property
    def labels(self) -> tuple[int, ...]:
        """Its labels, from 0, ascending."""


@dataclass(frozen=True)
class Sample:
    """One picture.

    Attributes:
        path: Where it lies, absolute.
        label: Its class, from 0.
    """

    path: Path
    label: int

    @property
    def labels(self) -> tuple[int, ...]:
        """Its class, as a picture of several labels gives them."""
        return (self.label,)


class Listed(NamedTuple):
    """A picture of a data set.

    Attributes:
        path: Where it lies.
        split: Its part.
        label: Its class; None where pictures have none (detection) or several.
    """

    path: Path
    split: SplitName
    label: int | None = None


@dataclass(frozen=True)
class MultiLabelSample:
    """One picture with any number of labels.

    Attributes:
        path: Where it lies, absolute.
        labels: What it shows, from 0, ascending; often several, sometimes none.
    """

    path: Path
    labels: tuple[int, ...]


S = TypeVar("S", bound=HasLabels)
D = TypeVar("D", bound="PictureSet")  # type: ignore[type-arg]


@dataclass(frozen=True)
class PictureSet(Generic[S]):
    """Pictures with labels, divided.

    Attributes:
        root: The data set's folder, absolute.
        classes: Names; the index is the label.
        train: Training pictures, in the order of label and name.
        val: Validation pictures, likewise.
        test: Test pictures, likewise; often none.
        notes: Lines for the user, in the user's language.
        missing: Names of the text files that a training makes, as they are not there.
        holds_out: Whether the validation pictures are a part of the training folder that was kept for it.
        unchecked_notes: Lines for the user where nobody opens the pictures: a check finds the same, and more.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[S, ...]
    val: tuple[S, ...]
    test: tuple[S, ...]
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = field(default=(), compare=False)
    holds_out: bool = False
    unchecked_notes: tuple[str, ...] = field(default=(), compare=False)

    def counts(self, split: SplitName) -> tuple[int, ...]:
        """Return the number of pictures of each class in ``'train'``, ``'val'`` or ``'test'``."""
        numbers = [0] * len(self.classes)
        for sample in {"train": self.train, "val": self.val, "test": self.test}[split]:
            for label in sample.labels:
                numbers[label] += 1
        return tuple(numbers)

    def listed(self) -> list[Listed]:
        """Return the pictures of all parts, for whoever looks for copies."""
        parts: dict[SplitName, tuple[S, ...]] = {"train": self.train, "val": self.val, "test": self.test}
        return [
            Listed(sample.path, split, sample.label if isinstance(sample, Sample) else None)
            for split, part in parts.items()
            for sample in part
        ]

    def fingerprint(self) -> str:
        """Return a hash of classes, names, labels and file sizes of training and validation: is it the same data?

        Where the data set lies does not count, so that a moved one is still the same.
        """
        digest = hashlib.sha256("\0".join(self.classes).encode())
        start = len(str(self.root).rstrip(os.sep)) + 1  # a drive ends in its separator already
        for part in (self.train, self.val):
            digest.update(b"\n\n")
            for sample in part:
                path = str(sample.path)
                relative = path[start:].replace(os.sep, "/")
                line = f"{relative}\0{','.join(map(str, sample.labels))}\0{_size(path)}\n"
                # A name that is no text in the file system's encoding holds surrogates.
                digest.update(line.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def fingerprints(self) -> tuple[str, ...]:
        """Return the fingerprints that a training on this set may have: divided, and where nobody validated."""
        whole = self.without_validation()
        return (self.fingerprint(),) if whole is self else (self.fingerprint(), whole.fingerprint())

    def without_validation(self: D) -> D:
        """Return the same data set where nobody validates: pictures that were kept for it are trained on, too."""
        if not self.holds_out:
            return self
        together = sorted((*self.train, *self.val), key=lambda sample: (sample.labels, sample.path.as_posix()))
        return replace(self, train=tuple(together), val=(), holds_out=False)

    def without(self: D, paths: Collection[Path]) -> D:
        """Return the same data set without some pictures.

        Raises:
            DatasetInvalid: A class would be left without a training picture.
        """
        unwanted = frozenset(paths)

        def rest(part: tuple[S, ...]) -> tuple[S, ...]:
            return tuple(sample for sample in part if sample.path not in unwanted)

        less = replace(self, train=rest(self.train), val=rest(self.val), test=rest(self.test))
        for name, number in zip(self.classes, less.counts("train"), strict=True):
            if not number:
                raise DatasetInvalid(
                    say(
                        f"No usable training picture is left of the class '{name}'",
                        f"类别 '{name}' 没有剩下可用的训练图片",
                    ),
                    hint=say("Add whole pictures of it.", "请为这个类别补上完好的图片。"),
                )
        return less


@dataclass(frozen=True)
class ImageNetDataset(PictureSet[Sample]):
    """A data set for classification: every picture is of one class."""


@dataclass(frozen=True)
class MultiLabelDataset(PictureSet[MultiLabelSample]):
    """A data set for classification whose pictures have any number of labels."""


def _size(path: str) -> int:
    """Return the size of a file in bytes, -1 where there is none any more."""
    try:
        return os.stat(path).st_size  # noqa: PTH116 (a Path object for each of 10,000 files costs more than the call)
    except OSError:
        return -1
