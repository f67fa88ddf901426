"""Which pictures lie in a project's folder, whoever put them there."""

from __future__ import annotations

import os
from pathlib import Path

from BaseDT.dataset.scan import is_system
from BaseDT.files import Stamp
from BaseDT.image import is_image_file, phone_formats

_PHONES = frozenset(phone_formats.SUFFIXES)


def class_folders(pictures: Path) -> list[str]:
    """Return the names of the folders in ``pictures``, sorted; links and a system's own are left out."""
    try:
        with os.scandir(pictures) as entries:
            return sorted(e.name for e in entries if not is_system(e.name) and e.is_dir(follow_symlinks=False))
    except OSError:
        return []


def picture_files(folder: Path, *, deep: bool = True, unread: list[str] | None = None) -> dict[str, Stamp]:
    """Return the pictures of a folder, as posix paths within it, with their bytes and times.

    Args:
        folder: Where to look.
        deep: Whether its sub-folders count, as they do in a training.
        unread: Gets the paths of telephones' pictures that nothing here decodes.
    """
    found: dict[str, Stamp] = {}
    pending = [""]
    while pending:
        before = pending.pop()
        try:
            with os.scandir(f"{folder}{os.sep}{before}") as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if deep and not is_system(entry.name):
                            pending.append(f"{before}{entry.name}/")
                    elif unread is not None and Path(entry.name).suffix.lower() in _PHONES - phone_formats.readable():
                        unread.append(f"{before}{entry.name}")
                    elif is_image_file(entry.name) and entry.is_file(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        if status.st_size:  # an empty one is what a power cut leaves
                            found[f"{before}{entry.name}"] = status.st_size, status.st_mtime_ns
        except OSError:  # gone since, or closed to us
            continue
    return found
