"""The files of a report: each is written whole, and one that has nothing to show any more is removed."""

from __future__ import annotations

from pathlib import Path

from BaseDT import files, image
from BaseDT.image import Pixels


def write_picture(path: Path, pixels: Pixels | None) -> Path | None:
    """Write a picture (H×W×3 BGR); ``None`` removes the file of an earlier report.

    Raises:
        DiskFull: There is no room for it (-803); the old one is as it was.
        PathNotWritable: It cannot be replaced (-104).
    """
    if pixels is not None:
        return image.write(path, pixels)
    files.remove(path)
    return None


def write_table(path: Path, text: str | None) -> Path | None:
    """Write comma-separated values; ``None`` removes the file of an earlier report. Raises as ``write_picture``."""
    if text is not None:
        # utf-8-sig: the mark at the start is what makes Excel read UTF-8.
        return files.write_whole(path, text.encode("utf-8-sig"))
    files.remove(path)
    return None
