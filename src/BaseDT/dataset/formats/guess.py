"""Which format a folder looks like, for the user who forgot ``src_format``: names, and the head of one JSON file."""

from __future__ import annotations

from pathlib import Path

from BaseDT.dataset.formats.source import files_in
from BaseDT.dataset.mask_layout import looks_masked
from BaseDT.dataset.scan import folders_in
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say

_LABELS = ("annotations", "labels")
# Folders that divide or name pictures and labels, and are no classes.
_NO_CLASSES = frozenset({*_LABELS, "images", "jpegimages", "train", "trainval", "val", "valid", "validation", "test"})
_HEAD = 65536


def refuse_detection(src: Path) -> None:
    """Raise DatasetInvalid (-201) where a folder that is read as classes has none, but boxes of a known format."""
    likely = "MASKS" if looks_masked(src) else "" if _has_class_folders(src) else looks_like(src)
    if not likely:
        return
    raise DatasetInvalid(
        say(
            f"There are no folders of classes in {src}: it looks like {likely}, not like IMAGENET",
            f"{src} 中没有类别文件夹：它看起来是 {likely} 格式，而不是 IMAGENET",
        ),
        hint=say(f"Write make_dataset(…, src_format='{likely}').", f"请写 make_dataset(…, src_format='{likely}')。"),
    )


def looks_like(src: Path) -> str:
    """Return ``'VOC'``, ``'COCO'``, ``'LABELME'`` or ``'YOLO'`` by the label files of a folder; empty for none."""
    for folder in (src / name for name in folders_in(src) if name.lower() in _LABELS):
        if files_in(folder, ".xml"):
            return "VOC"
        if described := files_in(folder, ".json"):
            return "LABELME" if is_labelme(described[0]) else "COCO"
        if files_in(folder, ".txt"):
            return "YOLO"
    return ""


def is_labelme(file: Path) -> bool:
    """Tell by the head of a JSON file whether labelme wrote it."""
    return b'"shapes"' in _head(file)


def _has_class_folders(src: Path) -> bool:
    folders = folders_in(src)
    images = [name for name in folders if name.lower() == "images"]
    inner = folders_in(src / images[0]) if images else folders
    return any(name.lower() not in _NO_CLASSES for name in inner)


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_HEAD)
    except OSError:
        return b""  # whoever reads it says why
