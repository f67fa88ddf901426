"""A set that a teacher sends as a zip: unpacked within limits, pictures and lists of labels only."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from BaseDT.errors import DatasetInvalid
from BaseDT.files import not_written
from BaseDT.image import is_image_file
from BaseDT.language import say
from MMEdu.studio.classroom.files import throw_away
from MMEdu.studio.classroom.names import new_id

_MOST_FILES, _MOST_BYTES, _RATIO, _DEEP = 20_000, 4 * 2**30, 200, 8
_TEXTS = (".txt", ".csv", ".json", ".xml", ".yaml")


def unpack_set(packed: Path, target: Path) -> Path:
    """Unpack; returns the folder of the set: that which the zip holds where it holds but one.

    Raises:
        DatasetInvalid: It is no zip, or one that swells (-201).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    half = target.parent / f".{new_id()}.half"
    try:
        half.mkdir(parents=True)
        with zipfile.ZipFile(packed) as opened:
            _unpack(opened, half, packed.stat().st_size)
        half.rename(target)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise _unusable(say("it is damaged, or no zip", "文件已损坏，或不是 zip")) from error
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        throw_away(half)
    inside = [path for path in target.iterdir() if path.is_dir()]
    return inside[0] if len(inside) == 1 and not any(path.is_file() for path in target.iterdir()) else target


def _unpack(opened: zipfile.ZipFile, folder: Path, size: int) -> None:
    entries = [entry for entry in opened.infolist() if _is_wanted(entry)]
    total = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_FILES or total > min(_MOST_BYTES, max(size, 2**16) * _RATIO):
        raise _unusable(say("it is too large unpacked", "解压后过大"))
    for entry in entries:
        place = folder.joinpath(*_parts(entry.filename))
        place.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, place.open("wb") as file:
            shutil.copyfileobj(source, file, 2**20)  # the zip's reader ends where its entry says


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    parts = _parts(entry.filename)
    is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    if entry.is_dir() or is_link or not parts or len(parts) > _DEEP or parts[0] == "__MACOSX":
        return False
    if any(part in ("..", ".") or part.startswith(".") or ":" in part for part in parts):
        return False
    path = Path(parts[-1])
    return is_image_file(path) or path.suffix.lower() in _TEXTS


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/").lstrip("/")).parts


def _unusable(why: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"The zip cannot be used: {why}.", f"这个 zip 无法使用：{why}。"),
        hint=say("Unpack it, and type the folder's path.", "请先解压，再填写文件夹的路径。"),
    )
