"""Which pictures a folder holds. The readers of this package call it; nothing here decodes or knows what a label is.

Works on strings and ``os.scandir``, without a ``stat`` per file: a folder of 10,000 pictures takes milliseconds.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from BaseDT.errors import DatasetInvalid
from BaseDT.image import IMAGE_SUFFIXES, phone_formats
from BaseDT.language import english, say, system_reason
from BaseDT.names import composed

# A GIF is listed, so that the check can name it (documented: -201); it is never silently left out.
PICTURES = IMAGE_SUFFIXES | phone_formats.readable() | {".gif"}
LABEL_FILES = ("classes.txt", "val.txt", "test.txt")
_NUMBERS = ".regions.txt"
_LABELS = frozenset({".json", ".txt", ".xml"})
_SYSTEM = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "__pycache__", "@eadir", "$recycle.bin"}
    | {"system volume information"}
)


@dataclass
class Ignored:
    """What was left out: system files and hidden ones, other files by suffix, folders without pictures."""

    system: int = 0
    others: Counter[str] = field(default_factory=Counter)
    empty: int = 0


@dataclass(frozen=True)
class Split:
    """The pictures of ``training_set``, ``val_set`` or ``test_set``, as posix paths relative to ``folder``, sorted.

    Attributes:
        name: What to call the folder in messages.
        folder: Where it is.
        classes: Pictures of each class folder, at any depth; folders without a picture are in ``empty`` instead. Names
            are composed (``BaseDT.names``); the pictures' paths are those of the disk.
        loose: Pictures that lie in no class folder.
        empty: Class folders without a picture.
        ignored: What was left out.
    """

    name: str
    folder: Path
    classes: dict[str, list[str]]
    loose: list[str]
    empty: list[str]
    ignored: Ignored

    def count(self) -> int:
        """How many pictures there are in all."""
        return len(self.loose) + sum(map(len, self.classes.values()))


def nothing(folder: Path) -> Split:
    """Return a split without pictures, for a folder that is not there."""
    return Split(folder.name, folder, {}, [], [], Ignored())


def is_system(name: str) -> bool:
    """Tell whether a file or folder was put there by the system or a tool, not by the user."""
    return name.startswith(".") or name.lower() in _SYSTEM


def is_picture(name: str, suffixes: Collection[str] = PICTURES) -> bool:
    """Tell by the name whether a file is a picture, GIF included."""
    _, dot, suffix = name.rpartition(".")
    return dot + suffix.lower() in suffixes and not name.startswith(".")


def folders_in(folder: Path) -> list[str]:
    """Return the sorted names of the sub-folders that are not a system's own; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if not is_system(entry.name) and entry.is_dir())
    except OSError:
        return []


def holds_pictures(folder: Path, suffixes: Collection[str] = PICTURES) -> bool:
    """Tell whether a picture lies directly in the folder; ``suffixes`` says what counts as one."""
    try:
        with os.scandir(folder) as entries:
            return any(is_picture(entry.name, suffixes) and not entry.is_dir() for entry in entries)
    except OSError:
        return False


def holds_only_pictures(folder: Path) -> bool:
    """Tell whether a folder of labels holds masks: pictures, in it or in its sub-folders, and no files of labels."""
    inner_folders = (folder, *(folder / name for name in folders_in(folder)))
    names = {name.lower() for inner in inner_folders for name in _names_in(inner) if not is_system(name)}
    stems = {name[: name.rfind(".")] for name in names if is_picture(name)}
    # Stanford's 1.regions.txt, 1.layers.txt are numbers of pixels; a mask 1.png may have been made of them.
    stems |= {name[: -len(_NUMBERS)] for name in names if name.endswith(_NUMBERS)}
    labels = {name for name in names if not (name.count(".") > 1 and name.partition(".")[0] in stems)}
    suffixes = {name[name.rfind(".") :] for name in labels - set(LABEL_FILES) if "." in name}
    are_numbers = any(name.endswith(_NUMBERS) for name in names)
    return (are_numbers or bool(suffixes & PICTURES)) and not suffixes & _LABELS


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (a Path object for each of 10,000 files costs more than the call)
    except OSError:
        return []


def scan(folder: Path, name: str, only: Collection[str] | None = None) -> Split:
    """Find the pictures of one split.

    Args:
        folder: The folder that holds the class folders.
        name: What to call it in messages.
        only: The class folders to look at; all of them by default.

    Raises:
        DatasetInvalid: A folder cannot be read.
    """
    split = replace(nothing(folder), name=name)
    subfolders: list[str] = []
    try:
        split.loose.extend(_pictures(str(folder), "", split.ignored, subfolders))
        for subfolder in sorted(subfolders, key=composed):
            if only is not None and subfolder not in only:
                continue
            images = _walk(f"{folder}{os.sep}{subfolder}", f"{subfolder}/", split.ignored)
            if images:  # two folders may have one name, written in two ways
                split.classes.setdefault(composed(subfolder), []).extend(images)
            else:
                split.empty.append(composed(subfolder))
                split.ignored.empty += 1
    except OSError as error:
        raise DatasetInvalid(
            say(
                f"A folder of {name} cannot be read: {error.filename}: {english(system_reason(error))}",
                f"{name} 中有无法读取的文件夹：{error.filename}：{system_reason(error)}",
            ),
            hint=say("Check that you may open it.", "请检查是否有权限打开这个文件夹。"),
        ) from error
    split.loose.sort()
    for pictures in split.classes.values():
        pictures.sort()
    return split


def _walk(folder: str, prefix: str, ignored: Ignored) -> list[str]:
    """Return all pictures below a folder, paths beginning with ``prefix``; links that lead back are skipped."""
    images: list[str] = []
    pending = [(folder, prefix)]
    seen = {str(above) for above in Path(os.path.realpath(folder)).parents}
    while pending:
        current, before = pending.pop()
        real = os.path.realpath(current)
        if real in seen:
            continue
        seen.add(real)
        subfolders: list[str] = []
        images_in_folder = _pictures(current, before, ignored, subfolders)
        if not images_in_folder and not subfolders and current != folder:
            ignored.empty += 1
        images += images_in_folder
        pending += [(f"{current}{os.sep}{name}", f"{before}{name}/") for name in subfolders]
    return images


def _pictures(folder: str, prefix: str, ignored: Ignored, subfolders: list[str]) -> list[str]:
    """Return the pictures directly in a folder, append its sub-folders, and count the rest."""
    images: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if entry.is_dir():
                if is_system(name):
                    ignored.system += 1
                else:
                    subfolders.append(name)
            elif is_picture(name) and (entry.is_file() or not Path(entry.path).exists()):  # a pipe would be waited for
                images.append(prefix + name)
            elif is_system(name):
                ignored.system += 1
            elif name.lower() not in LABEL_FILES:
                _, dot, suffix = name.rpartition(".")
                ignored.others[dot + suffix.lower() if dot else ""] += 1
    return images
