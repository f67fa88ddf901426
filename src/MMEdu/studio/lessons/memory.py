"""What was seen of a project's pictures and learnt from them, kept beside it: it opens without looking at them again.

A file that can be made again: whatever is wrong with it, it is left out. Arrays only, no objects.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.errors import DiskFull, PathNotWritable
from BaseDT.files import Stamp, remove, sweep_beside, write_whole
from MMEdu.actions.teach import Floats, LastLayer, Table

NAME = ".cache/features.npz"
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, MemoryError)


@dataclass(frozen=True)
class KeptLesson:
    """What was learnt.

    Attributes:
        pictures: Their ids, in the order of the table.
        classes: Ids of the classes.
        labels: (N,), of the pictures.
        layer: The last layer.
        said: Held-out answers, (N, classes); None where it was not judged.
    """

    pictures: tuple[str, ...]
    classes: tuple[str, ...]
    labels: list[int]
    layer: LastLayer
    said: Floats | None

    def is_of(self, table: Table) -> bool:
        """Tell whether it was learnt from this; the features of a picture are always the same."""
        return (self.pictures, self.classes, self.labels) == (table.pictures, table.classes, table.labels.tolist())


@dataclass(frozen=True)
class Kept:
    """What is kept.

    Attributes:
        features: (N, D), in the order of ``stamps``.
        stamps: Of the files, by the ids of the pictures.
        lesson: What was learnt.
    """

    features: Floats
    stamps: dict[str, Stamp] = field(default_factory=dict)
    lesson: KeptLesson | None = None


def recall(folder: Path, backbone: str, width: int) -> Kept:
    """Return what was kept.

    Args:
        folder: Of the project.
        backbone: What saw it; what another one saw is of no use.
        width: Features of a picture.
    """
    nothing = Kept(np.empty((0, width), np.float32))
    try:
        with (folder / NAME).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["backbone"]) != backbone:
                return nothing
            arrays = {name: kept[name] for name in kept.files}
        ids, stamps, features = arrays["pictures"], arrays["stamps"], arrays["features"]
    except _UNREADABLE:
        return nothing
    whole = (
        ids.ndim == 1
        and ids.dtype.kind == "U"
        and stamps.shape == (len(ids), 2)
        and stamps.dtype == np.int64
        and _are_numbers(features, (len(ids), width))
        and len(set(ids.tolist())) == len(ids)
    )
    if not whole:
        return nothing
    known = {str(one): (int(size), int(time)) for one, (size, time) in zip(ids, stamps, strict=True)}
    return Kept(features, known, _lesson(arrays, width))


def keep(
    folder: Path,
    backbone: str,
    pictures: Sequence[str],
    stamps: Mapping[str, Stamp],
    features: Floats,
    lesson: KeptLesson | None = None,
) -> None:
    """Keep what was seen; where the disk is full or closed, nothing is kept.

    Args:
        folder: Of the project.
        backbone: What saw it.
        pictures: Their ids.
        stamps: Of their files, by id.
        features: (N, D), in the order of ``pictures``.
        lesson: What was learnt.
    """
    if not folder.is_dir():  # the project is gone, and is not made again
        return
    file = folder / NAME
    with contextlib.suppress(DiskFull, PathNotWritable):
        if not pictures:
            remove(file)
            return
        arrays: dict[str, Any] = {
            "backbone": np.array(backbone),
            "pictures": np.array(pictures),
            "stamps": np.array([stamps[picture] for picture in pictures], np.int64),
            "features": features,
        }
        if lesson is not None:
            arrays |= {
                "taught": np.array(lesson.pictures),
                "classes": np.array(lesson.classes),
                "labels": np.array(lesson.labels, np.int64),
                "weight": lesson.layer.weight,
                "bias": lesson.layer.bias,
            }
            if lesson.said is not None:
                arrays["said"] = lesson.said
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        write_whole(file, buffer.getbuffer(), durable=False)
        sweep_beside([file])


def _lesson(arrays: Mapping[str, Any], width: int) -> KeptLesson | None:
    """Return what was learnt, where all of it is there and fits."""
    if not {"taught", "classes", "labels", "weight", "bias"} <= arrays.keys():
        return None
    pictures, classes, labels, said = arrays["taught"], arrays["classes"], arrays["labels"], arrays.get("said")
    count = len(classes) if classes.ndim == 1 else 0
    whole = (
        count >= 2
        and pictures.ndim == 1
        and pictures.dtype.kind == classes.dtype.kind == "U"
        and labels.shape == pictures.shape
        and labels.dtype == np.int64
        and _are_numbers(arrays["weight"], (count, width))
        and _are_numbers(arrays["bias"], (count,))
    )
    if not whole:
        return None
    if said is not None and not (said.shape == (len(pictures), count) and said.dtype == np.float32):
        said = None
    layer = LastLayer(arrays["weight"], arrays["bias"])
    return KeptLesson(tuple(pictures.tolist()), tuple(classes.tolist()), labels.tolist(), layer, said)


def _are_numbers(values: Any, shape: tuple[int, ...]) -> bool:
    return values.shape == shape and values.dtype == np.float32 and bool(np.isfinite(values).all())
