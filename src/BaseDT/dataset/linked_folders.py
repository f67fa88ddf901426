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
    return find_in([(split.folder, part) for split, part in zip(folders.splits, folders.pictures, strict=True)])


def find_in(parts: Sequence[tuple[Path, Sequence[Labelled]]]) -> Shared:
    """Find the pictures that lie in several class folders of a part under one name.

    Args:
        parts: A folder each, and the pictures below it that belong together, with their labels.
    """
    namesakes = [_namesakes(pictures) for _, pictures in parts]
    are_links = any(_hold_a_link(folder, groups) for (folder, _), groups in zip(parts, namesakes, strict=True))
    reads = _Reads(None if are_links else _MOST_READ)
    return Shared(
        tuple(
            tuple(group for images in groups for group in _alike(folder, images, reads))
            for (folder, _), groups in zip(parts, namesakes, strict=True)
        )
    )


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
        part = merged(split.folder, pictures, shared.groups[number])
        samples += part
        splits += [(TRAIN, VAL, TEST)[number]] * len(part)
    names = folders.classes.names
    data = divided(folders.layout.root, names, samples, splits, complete=complete)
    several = sum(len(part) for part in shared.groups)
    lines = (notes.several(data), notes.linked(several, len(names)), *data.notes, *about_files(folders))
    return replace(data, notes=(*lines, *notes.rare(data)))


def merged(folder: Path, pictures: Sequence[Labelled], groups: Iterable[Group]) -> list[MultiLabelSample]:
    """Return each picture once, with the labels of all class folders that it lies in.

    Args:
        folder: Where the pictures lie.
        pictures: Of one part, with a label each.
        groups: Those of this part that are the same; see ``Shared``.
    """
    first_of = {member: members[0] for members, _ in groups for member in members}
    labels: dict[str, set[int]] = defaultdict(set)
    for image, label in pictures:
        labels[first_of.get(image, image)].add(label)
    return [MultiLabelSample(folder / image, tuple(sorted(found))) for image, found in labels.items()]


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

    @property
    def are_over(self) -> bool:
        """Whether no file may be read any more."""
        return self.left is not None and self.left <= 0

    def content(self, file: _File) -> bytes | None:
        """Return what a file holds; None where it is not to be read, or cannot be."""
        if self.are_over:
            return None
        if self.left is not None:
            self.left -= 1
        try:
            return Path(file.path).read_bytes()
        except OSError:
            return None


def _namesakes(pictures: Sequence[Labelled]) -> list[list[str]]:
    """Return the pictures of one name that lie in several class folders."""
    by_name: dict[str, list[Labelled]] = {}
    for picture in pictures:
        by_name.setdefault(picture[0].rpartition("/")[2], []).append(picture)
    if not all(name.isascii() for name in by_name):
        composed_names: dict[str, list[Labelled]] = defaultdict(list)
        for name, same in by_name.items():
            composed_names[composed(name)] += same
        by_name = composed_names
    return [
        [image for image, _ in same]
        for same in by_name.values()
        if len(same) > 1 and any(label != same[0][1] for _, label in same)
    ]


def _hold_a_link(root: Path, groups: Sequence[Sequence[str]]) -> bool:
    """Whether two of any namesakes are one file. The folders tell it; asking for each takes a tenth of a check."""
    folders = {image.rpartition("/")[0] for images in groups for image in images}
    identities: dict[str, tuple[int, int]] = {}
    for folder in folders:
        try:
            device = (root / folder).stat().st_dev
            with os.scandir(f"{root}{os.sep}{folder}") as entries:
                for entry in entries:
                    own = _target(entry) if entry.is_symlink() else (device, entry.inode())
                    identities[f"{folder}/{entry.name}"] = own
        except OSError:
            continue  # the check names it
    for images in groups:
        known = [identities[image] for image in images if identities.get(image, (0, 0))[1]]
        if len(set(known)) < len(known):
            return True
    return False


def _target(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        status = entry.stat()
        return (status.st_dev, status.st_ino) if status.st_ino else _of(entry.path)
    except OSError:
        return 0, 0


def _of(path: str) -> tuple[int, int]:
    status = os.stat(path)  # noqa: PTH116 (on Windows an entry of a folder has no numbers)
    return status.st_dev, status.st_ino


def _file(folder: Path, image: str) -> _File | None:
    path = f"{folder}{os.sep}{image}"
    try:
        status = os.stat(path)  # noqa: PTH116 (a Path object for each of 10,000 files costs more than the call)
    except OSError:
        return None  # the check names it
    # A file system without numbers of files tells nothing.
    return _File(image, path, status.st_size, (status.st_dev, status.st_ino) if status.st_ino else path)


def _alike(folder: Path, images: Sequence[str], reads: _Reads) -> Iterator[Group]:
    """Part namesakes into those that are the same picture."""
    if reads.are_over:
        return
    by_size: dict[int, list[_File]] = defaultdict(list)
    for image in images:
        if (file := _file(folder, image)) is not None:
            by_size[file.size].append(file)
    if reads.left is not None:
        reads.left -= len(images)  # asking for a size costs, too
    for files in by_size.values():
        if len(files) > 1:
            yield from _same(files, reads)


def _same(files: Sequence[_File], reads: _Reads) -> Iterator[Group]:
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
