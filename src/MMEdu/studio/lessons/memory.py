"""What was seen of a project's pictures, kept beside it, so that a project opens without looking at them again.

A file that can be made again: whatever is wrong with it, it is left out. Arrays only, no objects.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from BaseDT.errors import DiskFull, PathNotWritable
from BaseDT.files import Stamp, remove, sweep_beside, write_whole
from MMEdu.actions.teach import Floats

NAME = ".cache/features.npz"
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, MemoryError)


def recall(folder: Path, backbone: str, width: int) -> tuple[dict[str, Stamp], Floats]:
    """Return what was kept.

    Args:
        folder: Of the project.
        backbone: What saw it; what another one saw is of no use.
        width: Features of a picture.

    Returns:
        The stamps of the files by the ids of the pictures, and their features in this order, (N, D).
    """
    nothing: tuple[dict[str, Stamp], Floats] = {}, np.empty((0, width), np.float32)
    try:
        with (folder / NAME).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["backbone"]) != backbone:
                return nothing
            ids, stamps, features = kept["pictures"], kept["stamps"], kept["features"]
    except _UNREADABLE:
        return nothing
    whole = (
        ids.ndim == 1
        and ids.dtype.kind == "U"
        and stamps.shape == (len(ids), 2)
        and stamps.dtype == np.int64
        and features.shape == (len(ids), width)
        and features.dtype == np.float32
        and np.isfinite(features).all()
        and len(set(ids.tolist())) == len(ids)
    )
    if not whole:
        return nothing
    return {str(one): (int(size), int(time)) for one, (size, time) in zip(ids, stamps, strict=True)}, features


def keep(folder: Path, backbone: str, pictures: Sequence[str], stamps: Mapping[str, Stamp], features: Floats) -> None:
    """Keep what was seen; where the disk is full or closed, nothing is kept.

    Args:
        folder: Of the project.
        backbone: What saw it.
        pictures: Their ids.
        stamps: Of their files, by id.
        features: (N, D), in the order of ``pictures``.
    """
    if not folder.is_dir():  # the project is gone, and is not made again
        return
    file = folder / NAME
    with contextlib.suppress(DiskFull, PathNotWritable):
        if not pictures:
            remove(file)
            return
        buffer = io.BytesIO()
        np.savez(
            buffer,
            backbone=np.array(backbone),
            pictures=np.array(pictures),
            stamps=np.array([stamps[picture] for picture in pictures], np.int64),
            features=features,
        )
        write_whole(file, buffer.getbuffer(), durable=False)
        sweep_beside([file])
