"""Folders of pictures, one for each class: ``<class>/…`` or ``images/<class>/…``, with or without ``classes.txt``."""

from __future__ import annotations

from pathlib import Path

from BaseDT.dataset import classes as class_names
from BaseDT.dataset import notes
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.formats.source import Picture, Source, numbered
from BaseDT.dataset.layout import TRAINING
from BaseDT.dataset.scan import folders_in, scan
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say

# The class is all that is known of a picture.
_NOWHERE = (0.0, 0.0, 0.0, 0.0)


def read(src: Path) -> Source:
    """Read folders of classes; a picture's key begins with the folder of its class.

    Raises:
        DatasetInvalid: The layout is wrong, or ``classes.txt`` and the folders disagree.
    """
    folders = {name.lower(): name for name in folders_in(src)}
    if divided := next((folders[name] for name in (*TRAINING, "val_set") if name in folders), None):
        raise DatasetInvalid(
            f"This data set is divided already: there is {divided} in {src}",
            hint=say(
                "Train with it as it is; or put all pictures of a class into one folder: images/<class>/.",
                "可以直接用它训练；如需重新划分，请把每个类别的图片放进同一个文件夹：images/类别名/。",
            ),
        )
    folder = src / folders.get("images", "")
    split = scan(folder, folder.name)
    file = src / "classes.txt"
    classes = class_names.read_classes(file, split) if file.is_file() else class_names.from_folders(split)
    label_of = classes.label_of()
    keys = sorted((key, label) for name, label in label_of.items() for key in split.classes[name])
    pictures = tuple(Picture(folder / key, key, (Box(label, _NOWHERE),)) for key, label in keys)
    lines = [*([notes.outside_classes(split)] if split.loose else []), *notes.ignored([split])]
    lines += [classes.note] if classes.note else []
    return Source(numbered(classes.names), pictures, notes=tuple(lines))
