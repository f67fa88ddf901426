"""Folders of pictures, one for each class: ``<class>/…`` or ``images/<class>/…``, with or without ``classes.txt``."""

from __future__ import annotations

from pathlib import Path

from BaseDT.dataset import classes as class_names
from BaseDT.dataset import imagenet, notes
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.class_order import order_note
from BaseDT.dataset.dividing import SPLITS
from BaseDT.dataset.formats.source import Picture, Source, divided, numbered
from BaseDT.dataset.layout import is_divided
from BaseDT.dataset.scan import folders_in, scan
from BaseDT.names import composed

# The class is all that is known of a picture.
_NOWHERE = (0.0, 0.0, 0.0, 0.0)


def read(src: Path) -> Source:
    """Read folders of classes; a picture's key begins with the folder of its class.

    Raises:
        DatasetInvalid: The layout is wrong, or ``classes.txt`` and the folders disagree.
    """
    folders = {name.lower(): name for name in folders_in(src)}
    if is_divided(src):
        return _divided(src)
    folder = src / folders.get("images", "")
    split = scan(folder, folder.name)
    file = src / "classes.txt"
    classes = class_names.read_classes(file, split) if file.is_file() else class_names.from_folders(split)
    label_of = classes.label_of()
    keys = sorted((key, label) for name, label in label_of.items() for key in split.classes[name])
    pictures = tuple(Picture(folder / key, key, (Box(label, _NOWHERE),)) for key, label in keys)
    lines = [*([notes.outside_classes(split)] if split.loose else []), *notes.ignored([split])]
    lines += filter(None, [classes.note or order_note(classes.folders)])
    return Source(numbered(classes.names), pictures, notes=tuple(lines))


def _divided(src: Path) -> Source:
    """Read a data set that is divided already, as training reads it."""
    data = imagenet.load(src, complete=False)
    # A class may have another name than its folder, and val_set may have no folders: training pictures tell.
    folder_of = {sample.label: composed(sample.path.relative_to(data.root).parts[1]) for sample in data.train}
    parts = zip(SPLITS, (data.train, data.val, data.test), strict=True)
    found = [(split, sample) for split, part in parts for sample in part]
    pictures = [
        Picture(path, f"{folder_of[label]}/{path.relative_to(data.root).as_posix()}", (Box(label, _NOWHERE),))
        for path, label in ((sample.path, sample.label) for _, sample in found)
    ]
    return Source(numbered(data.classes), divided(pictures, [split for split, _ in found]), notes=data.notes)
