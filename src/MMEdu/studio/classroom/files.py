"""What the parts of a class share: JSON files that a damaged one does not stop, trees of files copied whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from BaseDT.errors import DatasetInvalid
from BaseDT.files import not_written, patiently, write_whole
from BaseDT.image import is_image_file
from BaseDT.language import say
from MMEdu.studio.classroom.names import new_id

_MOST_FILES = 50_000


def read_json(file: Path) -> dict[str, Any]:
    """Return the object in a file; an empty one where it is missing or damaged."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def write_json(file: Path, value: dict[str, Any]) -> None:
    """Write an object whole, readable for a person.

    Raises:
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    write_whole(file, json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace"))


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files of a tree; links and hidden ones are left out: they may lead anywhere.

    Raises:
        DatasetInvalid: There are more than anybody hands out (-201).
    """
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (Path(place) / name).is_symlink()
        )
        for name in sorted(names):
            file = Path(place, name)
            if name.startswith(".") or file.is_symlink():
                continue
            count += 1
            if count > _MOST_FILES:
                raise DatasetInvalid(
                    say(
                        f"{folder.name} has more than {_MOST_FILES} files.",
                        f"{folder.name} 中的文件超过 {_MOST_FILES} 个。",
                    ),
                    hint=say("Choose the folder of one set.", "请选择单个数据集的文件夹。"),
                )
            yield file


def pictures_below(folder: Path) -> int:
    """Count the pictures of a tree, by their names."""
    return sum(is_image_file(file) for file in files_below(folder))


def copy_tree(source: Path, target: Path) -> Path:
    """Copy a folder or a file to a place where nothing is; it appears there whole.

    Raises:
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    half = target.parent / f".{new_id()}.half"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            half.mkdir()
            for file in files_below(source):
                place = half / file.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
        else:
            shutil.copyfile(source, half)
        patiently(lambda: half.rename(target))
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        throw_away(half)
    return target


def move(source: Path, target: Path) -> Path:
    """Move a file or a folder within the folder of the class.

    Raises:
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        patiently(lambda: source.rename(target))
    except OSError as error:
        raise not_written(target, error) from error
    return target


def throw_away(path: Path) -> None:
    """Remove a file or a tree; what another program holds stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return
