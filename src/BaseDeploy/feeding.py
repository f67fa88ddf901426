"""What ``inference`` is given, picture by picture: the tensor for the model, and the way back to the picture."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard

import numpy as np
import numpy.typing as npt

from BaseDT import image
from BaseDT.image import NamedImage, Pixels
from XEdu.hub import pictures, raw
from XEdu.runtime.backend import Tensor
from XEdu.runtime.model import Model, Placement


class ImageData(Protocol):
    """What ``BaseDT.data.ImageData`` and the ``BaseData.py`` of a board have in common."""

    @property
    def raw_value(self) -> Pixels | list[Pixels]: ...

    def to_tensor(self) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True)
class Fed:
    """One picture on its way through the model.

    Attributes:
        tensor: The input.
        picture: H×W×3 BGR or H×W gray.
        placement: Maps boxes of the input onto the picture; None where nothing is known of the input.
        file: How its result names it; None where it was the only one.
    """

    tensor: Tensor
    picture: Pixels
    placement: Placement | None
    file: str | None


def is_image_data(value: object) -> TypeGuard[ImageData]:
    """Whether an argument is a picture with its own preprocessing."""
    return hasattr(value, "to_tensor")


def feed(model: Model, data: Any, *, gray: bool, with_path: bool) -> tuple[Iterator[Fed], bool]:
    """Return everything that an argument names, read while one goes through it, and whether it means many pictures.

    Args:
        model: Whose preprocessing is used where the data have none of their own.
        data: Path, folder, array, Pillow image, ``ImageData``, or a list of these.
        gray: Whether one channel is enough.
        with_path: Whether results name the whole path of the picture's file.

    Raises:
        XEduError: A single picture cannot be read; of several, those that cannot are left out and named.
    """
    if is_image_data(data):
        read = data.raw_value
        return _of_image_data(data, read), isinstance(read, list)
    if isinstance(data, (list, tuple)) and any(map(is_image_data, data)):
        parts = [feed(model, item, gray=gray, with_path=with_path)[0] for item in data]
        return itertools.chain.from_iterable(parts), True
    images, many = pictures.expand(data)
    return _of_pictures(model, _read(images, many, gray), many, with_path), many


def _read(images: list[NamedImage], many: bool, gray: bool) -> Iterator[tuple[NamedImage, Pixels]]:
    if not many:
        yield images[0], image.read(images[0].source, gray=gray)
        return
    for part in pictures.readable(images, gray=gray):
        yield from part


def _of_pictures(model: Model, read: Iterator[tuple[NamedImage, Pixels]], many: bool, with_path: bool) -> Iterator[Fed]:
    for item, picture in read:
        placement = model.placement(picture.shape) if model.knows_itself else None
        file = item.name if many else None
        if with_path and isinstance(item.source, (str, os.PathLike)):
            file = os.fspath(item.source)
        yield Fed(raw.tensor(model, picture), picture, placement, file)


def _of_image_data(data: ImageData, read: Pixels | list[Pixels]) -> Iterator[Fed]:
    tensors, back = data.to_tensor(), getattr(data, "map_orig_coords", None)
    if not isinstance(read, list):
        yield Fed(tensors, read, back, None)
        return
    names = getattr(data, "files", None) or [f"image_{number}.jpg" for number in range(len(read))]
    for number, (picture, name) in enumerate(zip(read, names, strict=True)):
        placement = functools.partial(back, index=number) if back is not None else None
        yield Fed(tensors[number : number + 1], picture, placement, name)
