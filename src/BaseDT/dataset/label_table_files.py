"""Which tables of labels lie in a folder, and which pictures they are for. Readers of data sets call it.

A table is opened only to see whether it describes pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from BaseDT.dataset.dividing import TEST, TRAIN, VAL, split_named
from BaseDT.dataset.label_table import describes_pictures
from BaseDT.dataset.layout import is_divided
from BaseDT.dataset.scan import folders_in, holds_pictures
from BaseDT.errors import AnnotationMissing
from BaseDT.language import say

_WHOLE = ("labels.csv", "_classes.csv", "label.csv", "annotations.csv", "labels.tsv")
_INSIDE = ("_classes.csv", "labels.csv")


@dataclass(frozen=True)
class TableFile:
    """A table as it lies on the disk.

    Attributes:
        path: The file.
        folder: Where the pictures lie that it names.
        split: What they are for; None where the table says it, or nobody.
    """

    path: Path
    folder: Path
    split: int | None = None


def tables_of(root: Path, *, for_training: bool = True) -> list[TableFile]:
    """Return the tables of labels in a folder; none where it is a data set of another kind, or none.

    Args:
        root: The folder.
        for_training: Whether tables of validation or test pictures alone do not do.

    Raises:
        AnnotationMissing: There is a table of validation or test pictures alone, and it does not do (-701).
    """
    inside = _tables_inside(root, for_training=for_training)
    if inside:
        return inside
    names = files_of(root)
    whole = next((names[name] for name in _WHOLE if name in names), None)
    if whole is not None and (describes_pictures(whole) or not _has_classes(root)):
        return [TableFile(whole, root)]
    found = {split_named(Path(name).stem): path for name, path in names.items() if name.endswith((".csv", ".tsv"))}
    if (train := found.get(TRAIN)) is None or not describes_pictures(train):
        others = [split for split in (VAL, TEST) if split in found and describes_pictures(found[split])]
        if not others or train is not None or _has_classes(root):
            return []
        if for_training:
            raise _no_training_table(found[others[0]].name)
        return [TableFile(found[split], root, split) for split in others]
    rest = [(split, found[split]) for split in (VAL, TEST) if split in found]
    return [TableFile(train, root, TRAIN), *(TableFile(p, root, s) for s, p in rest if describes_pictures(p))]


def _no_training_table(other: str) -> AnnotationMissing:
    return AnnotationMissing(
        say(f"There is {other}, but no train.csv", f"有 {other}，但没有 train.csv"),
        hint=say(
            "Write train.csv likewise; or call the only table labels.csv: a part is then held out.",
            "请同样编写 train.csv；如果只有一个表，请命名为 labels.csv，程序会自动留出一部分。",
        ),
    )


def _has_classes(root: Path) -> bool:
    """Whether folders of classes may be meant, so that a table of something else is nobody's concern."""
    return is_divided(root) or sum(holds_pictures(root / name) for name in folders_in(root)) > 1


def _tables_inside(root: Path, *, for_training: bool) -> list[TableFile]:
    """Return the tables that lie beside the pictures of each split."""
    tables = []
    for folder in folders_in(root):
        split, names = split_named(folder), files_of(root / folder)
        path = next((names[name] for name in _INSIDE if name in names), None)
        if split is not None and path is not None and describes_pictures(path):
            tables.append(TableFile(path, root / folder, split))
    if for_training and not any(table.split == TRAIN for table in tables):
        return []
    return sorted(tables, key=lambda table: table.split or 0)


def files_of(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by lower-case name."""
    try:
        return {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_file()}
    except OSError:
        return {}
