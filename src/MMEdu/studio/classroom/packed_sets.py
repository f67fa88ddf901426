"""A set that a teacher sends as a zip: unpacked within limits, pictures and lists of labels only."""

from __future__ import annotations

from pathlib import Path

from BaseDT.files import not_written
from BaseDT.image import is_image_file
from MMEdu.studio import zips
from MMEdu.studio.classroom.files import throw_away
from MMEdu.studio.classroom.names import new_id

_TEXTS = (".txt", ".csv", ".json", ".xml", ".yaml")


def unpack_set(packed: Path, target: Path, name: str) -> Path:
    """Unpack; returns the folder of the set: that which the zip holds where it holds but one.

    Args:
        packed: The zip.
        target: A folder that is not there yet; it appears whole.
        name: What messages call the zip.

    Raises:
        DatasetInvalid: It is no zip, leads elsewhere, or swells (-201).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    half = target.parent / f".{new_id()}.half"
    try:
        half.mkdir(parents=True)
        with zips.opened(packed, name) as opened:
            for entry in opened.entries:
                if _is_wanted(Path(entry.parts[-1])):
                    opened.unpack(entry, half.joinpath(*entry.parts))
        half.rename(target)
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        throw_away(half)
    inside = list(target.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else target


def _is_wanted(path: Path) -> bool:
    return is_image_file(path) or path.suffix.lower() in _TEXTS
