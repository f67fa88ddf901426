"""Which images an argument means: a file, a folder, an array, a list of these; and how their results are called.

``BaseDT.image`` publishes it. No image is opened here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from BaseDT.files import what_is_at as what_is_at
from BaseDT.image import phone_formats, refusals
from BaseDT.pasted import as_meant

ImageSource: TypeAlias = str | os.PathLike[str] | npt.NDArray[Any] | Image.Image


def is_image_file(path: str | os.PathLike[str]) -> bool:
    """Tell by its name whether a file is an image: a known suffix, and no hidden or system file."""
    path = Path(path)
    return path.suffix.lower() in refusals.readable_suffixes() and not path.name.startswith(".")


@dataclass(frozen=True)
class NamedImage:
    """One image to look at, and the file name under which its result is written."""

    name: str
    source: ImageSource


def expand(source: ImageSource | Sequence[ImageSource]) -> tuple[list[NamedImage], bool]:
    """Return the images that an argument means, each with a file name of its own.

    Args:
        source: Path of a file or of a folder (its own images, by name, no sub-folders), array (four dimensions are
            many images), Pillow image, or a list of these.

    Returns:
        The images, and whether the argument means many of them (folder, list, four dimensions), be it only one.

    Raises:
        ImageNotFound: If a path does not exist, or a folder holds no image.
        ImageTypeUnsupported: If the argument can hold no image.
    """
    if isinstance(source, np.ndarray) and source.ndim == 4:
        source = list(source)
    if isinstance(source, (list, tuple)):
        images = [image for i, item in enumerate(source) for image in expand_item(item, f"image_{i}.jpg")]
        if not images:
            raise refusals.no_source(source)
        return with_unique_names(images), True
    images = expand_item(source, "image.jpg")
    is_folder = isinstance(source, (str, os.PathLike)) and what_is_at(as_meant(source)) == "folder"
    return with_unique_names(images), is_folder


def expand_item(source: object, default_name: str) -> list[NamedImage]:
    """Return the images that one item of a list means; arrays and Pillow images get the name that is given."""
    if isinstance(source, (np.ndarray, Image.Image)):
        return [NamedImage(default_name, source)]
    if not isinstance(source, (str, os.PathLike)) or not os.fspath(source).strip():
        raise refusals.no_source(source)
    path = as_meant(source)
    kind = what_is_at(path)
    if kind == "nothing":
        raise refusals.not_found(path)
    if kind == "folder":
        return _in_folder(path)
    return [_named(path)]


def _named(path: Path) -> NamedImage:
    """Name a picture's result: a format that is not written becomes JPEG."""
    is_written = path.suffix.lower() in refusals.IMAGE_SUFFIXES
    return NamedImage(path.name if is_written else f"{path.name}.jpg", path)


def _in_folder(folder: Path) -> list[NamedImage]:
    files = sorted(
        (path for path in folder.iterdir() if is_image_file(path) and path.is_file()), key=lambda path: path.name
    )
    if not files:
        raise refusals.none_in_folder(folder)
    return [_named(path) for path in files]


def passed_over(source: object) -> str:
    """Say what of a folder ``expand`` does not look at, though somebody may have meant it.

    GIFs, sub-folders, and pictures of telephones that nothing here decodes.

    Args:
        source: What ``expand`` took.

    Returns:
        One sentence; empty where there is nothing to say.
    """
    if not isinstance(source, (str, os.PathLike)) or what_is_at(as_meant(source)) != "folder":
        return ""
    left = [path for path in as_meant(source).iterdir() if not path.name.startswith(".")]
    folders = sum(path.is_dir() for path in left)
    gifs = sum(path.suffix.lower() == ".gif" and path.is_file() for path in left)
    phones = phone_formats.SUFFIXES.keys() - phone_formats.readable()
    undecodable = sum(path.suffix.lower() in phones and path.is_file() for path in left)
    counted = gifs, folders, undecodable
    return refusals.passed_over(as_meant(source), *counted) if any(counted) else ""


def with_unique_names(images: list[NamedImage]) -> list[NamedImage]:
    """Number repeated names; letter case is ignored, as some file systems do."""
    originals, taken, result = {image.name.lower() for image in images}, set[str](), []
    for image in images:
        name, number = Path(image.name), 2
        unique = image.name
        while unique.lower() in taken or (unique != image.name and unique.lower() in originals):
            unique, number = f"{name.stem}_{number}{name.suffix}", number + 1
        taken.add(unique.lower())
        result.append(NamedImage(unique, image.source))
    return result
