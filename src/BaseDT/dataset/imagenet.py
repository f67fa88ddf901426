"""ImageNet-style folders: ``load`` turns one into pictures with labels. The tasks and the command line call it.

Here the parts are put together; each rule has its own file beside this one. No picture is opened (``check`` does that).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import NoReturn

from BaseDT.dataset import classes as class_names
from BaseDT.dataset import labels, notes
from BaseDT.dataset.class_order import order_note
from BaseDT.dataset.classes import Classes
from BaseDT.dataset.dividing import hold_out
from BaseDT.dataset.labels import Labelled
from BaseDT.dataset.layout import TRAINING, Layout, locate
from BaseDT.dataset.samples import ImageNetDataset, Sample
from BaseDT.dataset.scan import Split, nothing, scan
from BaseDT.errors import DatasetInvalid, DiskFull, PathNotWritable
from BaseDT.files import write_whole
from BaseDT.language import say, system_reason

__all__ = ["ImageNetDataset", "Sample", "load"]


def load(path: str | os.PathLike[str], *, complete: bool = True, write: bool = False) -> ImageNetDataset:
    """Read an ImageNet-style folder; nothing is written into it unless that is asked for.

    ``training_set/<class>/…`` (also spelled ``trainning_set``), ``val_set/…``, ``test_set/…``, ``classes.txt``,
    ``val.txt``, ``test.txt``. Class folders directly in ``path`` are taken as training pictures. Without validation
    pictures a fifth of every class is held out. What was decided stands in ``notes``.

    Args:
        path: The data set's folder.
        complete: Whether pictures are held out where there are none for validation.
        write: Whether missing text files are written, as training does; only into the documented layout.

    Raises:
        DatasetNotFound: There is no such folder.
        DatasetInvalid: Its layout, or one of its text files, is wrong.
    """
    return finished(read_folders(path), complete=complete, write=write)


@dataclass(frozen=True)
class ReadFolders:
    """What lies in the folders of a set, before anything is held out or written.

    Attributes:
        layout: Where its parts are.
        splits: Training, validation and test folders, scanned.
        classes: Names and their folders.
        pictures: Of each split, in the order of label and name.
    """

    layout: Layout
    splits: tuple[Split, Split, Split]
    classes: Classes
    pictures: tuple[list[Labelled], list[Labelled], list[Labelled]]


def read_folders(path: str | os.PathLike[str]) -> ReadFolders:
    """Look through the folders of a set.

    Raises:
        DatasetNotFound, DatasetInvalid: As ``load``.
    """
    layout = locate(path)
    train_set, val_set, test_set = splits = _splits(layout)
    classes = _classes(layout, train_set)
    train = labels.from_folders(train_set, classes)
    val = _labelled(layout, "val.txt", val_set, classes)
    test = _labelled(layout, "test.txt", test_set, classes)
    if val_set.loose and not val:
        _refuse_unlabelled(val_set)
    return ReadFolders(layout, splits, classes, (train, val, test))


def about_files(folders: ReadFolders) -> Iterator[str]:
    """Say what the user should know about where things lie, and of what was passed over."""
    yield from _layout_notes(folders.layout, folders.splits, folders.classes)
    yield from notes.ignored(folders.splits)


def finished(folders: ReadFolders, *, complete: bool = True, write: bool = False) -> ImageNetDataset:
    """Make the data set of what was read: hold out, write missing text files, and say what is worth knowing.

    Args:
        folders: What ``read_folders`` returned.
        complete: As in ``load``.
        write: As in ``load``.
    """
    layout, splits, classes = folders.layout, folders.splits, folders.classes
    train_set, val_set, test_set = splits
    train, val, test = folders.pictures
    lines = list(_layout_notes(layout, splits, classes))
    # Before anything is held out: a val.txt of held-out pictures would describe a val_set that is not there.
    missing = _missing_texts(layout, classes, val, test)
    holds_out = not val and complete
    if holds_out:
        total = len(train)
        train, val = _held_out(train)
        val_set = train_set
        lines.append(notes.held_out(len(val), total))
    data = ImageNetDataset(
        layout.root,
        classes.names,
        _samples(train_set, train),
        _samples(val_set, val),
        _samples(test_set, test),
        missing=tuple(missing),
    )
    lines += _content_notes(data)
    lines += notes.ignored(splits)
    if write:
        lines += _complete(layout.root, missing)
    return replace(data, notes=tuple(lines), holds_out=holds_out)


def _splits(layout: Layout) -> tuple[Split, Split, Split]:
    """Scan the three folders; one that is missing is a split without pictures."""
    root = layout.root
    if not layout.train:
        train = scan(root, root.name, only=layout.classes)
    else:
        train = scan(root / layout.train, layout.train)
    val = scan(root / layout.val, layout.val) if layout.val else nothing(root / "val_set")
    test = scan(root / layout.test, layout.test) if layout.test else nothing(root / "test_set")
    return train, val, test


def _classes(layout: Layout, train: Split) -> Classes:
    file = layout.text("classes.txt")
    return class_names.read_classes(file, train) if file else class_names.from_folders(train)


def _labelled(layout: Layout, text: str, split: Split, classes: Classes) -> list[Labelled]:
    """Return a split's pictures with the labels of its label file, or of its folders where there is none."""
    file = layout.text(text)
    return labels.read_labels(file, split, classes) if file else labels.from_folders(split, classes)


def _refuse_unlabelled(val: Split) -> NoReturn:
    raise DatasetInvalid(
        say(
            f"The {len(val.loose)} pictures in {val.name} lie in no class folder, and there is no val.txt",
            f"{val.name} 中的 {len(val.loose)} 张图片不在类别文件夹里，也没有 val.txt",
        ),
        hint=say(
            f"Sort them into {val.name}/<class name>/, or write val.txt: one line 'name label' for each.",
            f"请把它们放进 {val.name}/类别名/，或编写 val.txt：每行为“文件名 标签”。",
        ),
    )


def _missing_texts(
    layout: Layout, classes: Classes, val: Sequence[Labelled], test: Sequence[Labelled]
) -> dict[str, str]:
    """Return the text files to make, by name. None in a folder of another layout: it is some other program's."""
    if layout.train.lower() not in TRAINING:
        return {}
    texts = {"classes.txt": "".join(f"{name}\n" for name in classes.names)}
    texts |= {name: labels.as_text(part) for name, part in (("val.txt", val), ("test.txt", test)) if part}
    return {name: text for name, text in texts.items() if layout.text(name) is None}


def _held_out(train: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """Divide the training pictures into those to train on and those to validate with, class by class."""
    held: set[str] = set()
    # They come in the order of the labels, which groupby needs.
    for _, pictures in groupby(train, key=lambda picture: picture[1]):
        held |= hold_out([image for image, _ in pictures])
    return [p for p in train if p[0] not in held], [p for p in train if p[0] in held]


def _samples(split: Split, pictures: Iterable[Labelled]) -> tuple[Sample, ...]:
    folder = split.folder
    return tuple(Sample(folder / image, label) for image, label in pictures)


def _layout_notes(layout: Layout, splits: Sequence[Split], classes: Classes) -> Iterator[str]:
    """What the user should know about where things lie."""
    if not layout.train:
        yield notes.folders_taken_as_classes(classes.folders)
    if note := classes.note or order_note(classes.folders):
        yield note
    train, val, test = splits
    labelled = {val.name: layout.text("val.txt"), test.name: layout.text("test.txt")}
    for split in splits:
        if not split.loose or labelled.get(split.name):
            continue
        yield notes.outside_classes(split) if split.classes or split is train else notes.unlabelled_test(split)


def _content_notes(data: ImageNetDataset) -> Iterator[str]:
    """What the user should know about the numbers of pictures."""
    unseen = [name for name, number in zip(data.classes, data.counts("val"), strict=True) if not number]
    if data.val and unseen:
        yield notes.without_validation(unseen)
    yield from notes.unbalanced(data.classes, data.counts("train"))


def _complete(root: Path, texts: Mapping[str, str]) -> Iterable[str]:
    """Write the missing text files; where that is not possible the data set works without."""
    written: list[str] = []
    in_memory: list[str] = []
    reason = ""
    for name, text in texts.items():
        try:
            write_whole(root / name, text.encode("utf-8"))
            written.append(name)
        except UnicodeEncodeError:
            in_memory.append(name)
            reason = say("the name of a picture is no readable text", "有图片的文件名无法识别")
        except (DiskFull, PathNotWritable) as error:
            in_memory.append(name)
            reason = system_reason(error.__cause__ or error)
    return notes.completed(written, in_memory, reason)
