"""Names of classes that a user gives with ``class_path``: a file, a data set, or the folders of a training set."""

from __future__ import annotations

from pathlib import Path

from BaseDT.arguments import PathLike, checked_path
from BaseDT.dataset import coco
from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetNotFound
from BaseDT.files import what_is_at
from BaseDT.language import say


def names_from(class_path: PathLike | None) -> tuple[str, ...] | None:
    """Read what ``class_path`` of a documented function names; raises as ``class_names``, and -305 for no path."""
    return None if class_path is None else class_names(checked_path("class_path", class_path))


def class_names(path: Path) -> tuple[str, ...]:
    """Read class names from a ``classes.txt``, a dataset, or the folders of a training set.

    Raises:
        DatasetNotFound: No such file or folder (-101).
        AnnotationMissing, DatasetInvalid: A detection set's ``annotations/train.json`` does not name them (-701, -201).
    """
    kind = what_is_at(path)
    if kind == "nothing":
        hint = say("Give a classes.txt, or the folder of a training set.", "请给出 classes.txt 或训练集文件夹。")
        raise DatasetNotFound(
            say(f"No such file or folder of classes: {path}", f"找不到类别文件或文件夹：{path}"), hint=hint
        )
    if kind == "file":
        return tuple(line.strip() for line in read_lines(path) if line.strip())
    for part in ("classes.txt", "training_set", "trainning_set"):
        if (path / part).exists():
            return class_names(path / part)
    if coco.looks_like_coco(path):
        return coco.class_names(path)
    return tuple(folders_in(path))
