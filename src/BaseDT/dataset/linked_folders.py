"""Class folders that share pictures by links: such a picture has the labels of all of them. ``labelled.load`` calls it.

One file under the same name in several class folders, as a link (symbolic or hard). Copies count only where there are
links, too: in a plain set they are mistakes, and are named as such.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from BaseDT.dataset import multi_label_notes as notes
from BaseDT.dataset.dividing import TEST, TRAIN, VAL
from BaseDT.dataset.imagenet import ReadFolders, about_files
from BaseDT.dataset.labels import Labelled
from BaseDT.dataset.multi_label import divided
from BaseDT.dataset.samples import MultiLabelDataset, MultiLabelSample
from BaseDT.dataset.scan import Split
from BaseDT.names import composed

_MOST_READ = 200
"""Files of the same name and size that are compared in a set without links: enough to tell, and soon done."""

Group = tuple[list[str], bool]
"""Pictures of one split that are the same, and whether by links."""


@dataclass(frozen=True)
class Shared:
    """The pictures that lie in several class folders.

    Attributes:
        groups: Of each split.
    """

    groups: tuple[tuple[Group, ...], ...]

    @property
    def are_linked(self) -> bool:
        """Whether there is a link among them."""
        return any(by_links for part in self.groups for _, by_links in part)

    def note(self) -> Iterator[str]:
        """Name the copies of a set without links."""
        copies = [members for part in self.groups for members, _ in part]
        if copies and not self.are_linked:
            yield notes.copied(len(copies), ", ".join(copies[0][:2]))


def find(folders: ReadFolders) -> Shared:
    """Find the pictures that lie in several class folders of a split under one name."""
    namesakes = [
        _namesakes(split, pictures) for split, pictures in zip(folders.splits, folders.pictures, strict=True)
    ]
    are_links = any(len({file.identity for file in files}) < len(files) for part in namesakes for files in part)
    reads = _Reads(None if are_links else _MOST_READ)
    return Shared(tuple(tuple(group for files in part for group in _alike(files, reads)) for part in namesakes))


def dataset(folders: ReadFolders, shared: Shared, *, complete: bool = True) -> MultiLabelDataset:
    """Make the set of class folders that share pictures; nothing is written into it.

    Args:
        folders: What ``imagenet.read_folders`` returned.
        shared: What ``find`` returned, with links.
        complete: Whether pictures are held out where there are none for validation.
    """
    samples: list[MultiLabelSample] = []
    splits: list[int | None] = []
    for number, (split, pictures) in enumerate(zip(folders.splits, folders.pictures, strict=True)):
        part = _merged(split, pictures, shared.groups[number])
        samples += part
        splits += [(TRAIN, VAL, TEST)[number]] * len(part)
    names = folders.classes.names
    data = divided(folders.layout.root, names, samples, splits, complete=complete)
    several = sum(len(part) for part in shared.groups)
    lines = (notes.several(data), notes.linked(several, len(names)), *data.notes, *about_files(folders))
    return replace(data, notes=(*lines, *notes.rare(data)))


def _merged(split: Split, pictures: Sequence[Labelled], groups: Iterable[Group]) -> list[MultiLabelSample]:
    first_of = {member: members[0] for members, _ in groups for member in members}
    labels: dict[str, set[int]] = defaultdict(set)
    for image, label in pictures:
        labels[first_of.get(image, image)].add(label)
    return [MultiLabelSample(split.folder / image, tuple(sorted(found))) for image, found in labels.items()]


@dataclass(frozen=True)
class _File:
    """A picture as the file system knows it: two paths of one identity are one file."""

    image: str
    path: str
    size: int
    identity: tuple[int, int] | str


@dataclass
class _Reads:
    """How many files may still be read to be compared; None: any number."""

    left: int | None

    def content(self, file: _File) -> bytes | None:
        """Return what a file holds; None where it is not to be read, or cannot be."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                return None
        try:
            return Path(file.path).read_bytes()
        except OSError:
            return None


def _namesakes(split: Split, pictures: Sequence[Labelled]) -> list[list[_File]]:
    """Return the files of one name and size that lie in several class folders."""
    by_name: dict[str, list[Labelled]] = defaultdict(list)
    for image, label in pictures:
        by_name[composed(image.rpartition("/")[2])].append((image, label))
    found: list[list[_File]] = []
    for same_name in by_name.values():
        if len(same_name) < 2 or len({label for _, label in same_name}) < 2:
            continue
        by_size: dict[int, list[_File]] = defaultdict(list)
        for image, _ in same_name:
            if (file := _file(split, image)) is not None:
                by_size[file.size].append(file)
        found += [files for files in by_size.values() if len(files) > 1]
    return found


def _file(split: Split, image: str) -> _File | None:
    path = f"{split.folder}{os.sep}{image}"
    try:
        status = os.stat(path)  # noqa: PTH116 (a Path object for each of 10,000 files costs more than the call)
    except OSError:
        return None  # the check names it
    # A file system without numbers of files tells nothing.
    return _File(image, path, status.st_size, (status.st_dev, status.st_ino) if status.st_ino else path)


def _alike(files: Sequence[_File], reads: _Reads) -> Iterator[Group]:
    """Part files of one name and size into those that are the same picture."""
    by_identity: dict[object, list[_File]] = defaultdict(list)
    for file in files:
        by_identity[file.identity].append(file)
    if len(by_identity) == 1:
        yield [file.image for file in files], True
        return
    by_content: dict[bytes, list[_File]] = defaultdict(list)
    for same in by_identity.values():
        content = reads.content(same[0])
        if content is not None:
            by_content[content] += same
        elif len(same) > 1:
            yield [file.image for file in same], True
    for alike in by_content.values():
        if len(alike) > 1:
            yield [file.image for file in alike], len({file.identity for file in alike}) < len(alike)
