"""``load``: a folder becomes pictures with labels, one each or several; the data decide. All may call it."""

from __future__ import annotations

import os
from dataclasses import replace

from BaseDT.dataset import imagenet, linked_folders, multi_label
from BaseDT.dataset.label_table_files import tables_of
from BaseDT.dataset.layout import folder_at, is_divided
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset
from BaseDT.language import say


def load(
    path: str | os.PathLike[str], *, complete: bool = True, write: bool = False
) -> ImageNetDataset | MultiLabelDataset:
    """Read a data set for classification.

    Tables of labels (``labels.csv``; ``train.csv``, ``val.csv``; ``_classes.csv`` in ``train``, ``valid``, ``test``) or
    ImageNet-style folders (see ``imagenet.load``). Pictures have several labels where a table says so, or where links
    put one picture into several class folders. What was decided stands in ``notes``; copies that lie in several
    classes, which a check names (``copies``), in ``unchecked_notes``.

    Args:
        path: The data set's folder.
        complete: As in ``imagenet.load``.
        write: As in ``imagenet.load``; nothing is ever written beside tables or links.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: Its layout, a text file or a table is wrong (-201).
        AnnotationMissing: A table labels nothing (-701).
    """
    root = folder_at(path)
    tables = tables_of(root)
    has_folders = is_divided(root) and any(table.folder == root for table in tables)
    if tables and not has_folders:
        return multi_label.load(root, tables, complete=complete)
    folders = imagenet.read_folders(path)
    beside = [_table_beside(tables[0].path.name)] if tables else []
    shared = linked_folders.find(folders)
    data: ImageNetDataset | MultiLabelDataset
    if shared.are_linked:
        data = linked_folders.dataset(folders, shared, complete=complete)
    else:
        data = imagenet.finished(folders, complete=complete, write=write)
    return replace(data, notes=(*data.notes, *beside), unchecked_notes=tuple(shared.note()))


def _table_beside(name: str) -> str:
    return say(
        f"{name} is not read: the folders of classes say what the pictures are. For several labels a picture put "
        f"{name} and the pictures alone into a folder.",
        f"没有读取 {name}：以类别文件夹为准。如果一张图片有多个标签，请把 {name} 和图片单独放进一个文件夹。",
    )
