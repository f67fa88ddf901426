"""Class folders that share pictures by links: such a picture has the labels of all of them. ``labelled.load`` calls it.

One file under the same name in several class folders, as a link (symbolic or hard). Copies count only where there are
links, too: in a plain set they are mistakes, and are named as such.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from BaseDT.dataset import multi_label_notes as notes
from BaseDT.dataset.dividing import TEST, TRAIN, VAL
from BaseDT.dataset.imagenet import ReadFolders, about_files
from BaseDT.dataset.labels import Labelled
from BaseDT.dataset.multi_label import divided
from BaseDT.dataset.samples import MultiLabelDataset, MultiLabelSample
from BaseDT.dataset.scan import Split
from BaseDT.names import composed

_MOST_COMPARED = 500
"""Pairs of files of the same name and size whose contents are compared in a set without links."""

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
    pairs = zip(folders.splits, folders.pictures, strict=True)
    return Shared(tuple(tuple(_groups(split, pictures)) for split, pictures in pairs))


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


def _groups(split: Split, pictures: Sequence[Labelled]) -> Iterator[Group]:
    """Give the pictures of a split that are the same file, or hold the same bytes."""
    by_name: dict[str, list[Labelled]] = defaultdict(list)
    for image, label in pictures:
        by_name[composed(image.rpartition("/")[2])].append((image, label))
    compared = 0
    for namesakes in by_name.values():
        if len({label for _, label in namesakes}) < 2:
            continue
        for members, by_links in _alike(split, [image for image, _ in namesakes]):
            compared += not by_links
            if by_links or compared <= _MOST_COMPARED:
                yield members, by_links


def _alike(split: Split, images: Sequence[str]) -> Iterator[Group]:
    """Part namesakes into those that are the same picture."""
    by_size: dict[int, list[tuple[str, tuple[int, int]]]] = defaultdict(list)
    for image in images:
        try:
            status = os.stat(f"{split.folder}{os.sep}{image}")  # noqa: PTH116 (10,000 files)
        except OSError:
            continue  # the check names it
        by_size[status.st_size].append((image, (status.st_dev, status.st_ino)))
    for members in by_size.values():
        if len(members) < 2:
            continue
        if len({identity for _, identity in members}) == 1 and members[0][1][1]:
            yield [image for image, _ in members], True
            continue
        by_content: dict[bytes, list[tuple[str, tuple[int, int]]]] = defaultdict(list)
        for image, identity in members:
            by_content[_content(split, image)].append((image, identity))
        for same in by_content.values():
            if len(same) > 1:
                yield [image for image, _ in same], len({identity for _, identity in same}) < len(same)


def _content(split: Split, image: str) -> bytes:
    try:
        return (split.folder / image).read_bytes()
    except OSError:
        return image.encode("utf-8", "surrogatepass")
