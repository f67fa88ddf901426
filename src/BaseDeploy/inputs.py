"""The input of ``inference``, picture by picture: the tensor for the model, and how it lies on the picture."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeGuard

import numpy as np
import numpy.typing as npt

from BaseDT import image
from BaseDT.image import ImageSource, NamedImage, Pixels
from BaseDT.image.reading import Reading
from XEdu.hub import pictures, raw_inference
from XEdu.outputs.kind import Placement
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model


class ImageData(Protocol):
    """What ``BaseDT.data.ImageData`` and the ``BaseData.py`` of a board have in common."""

    @property
    def raw_value(self) -> Any: ...

    def to_tensor(self) -> npt.NDArray[np.float32]: ...


class _OurImageData(ImageData, Protocol):
    """``BaseDT.data.ImageData``, which is not imported here: who needs it has imported it."""

    @property
    def many(self) -> bool: ...
    @property
    def images(self) -> list[NamedImage]: ...

    def prepared(self, index: int = 0) -> Any: ...


@dataclass(frozen=True)
class PreparedPicture:
    """One picture, ready for the model.

    Attributes:
        tensor: The input.
        picture: H×W×3 BGR or H×W gray.
        placement: How the input lies on the picture; None where nothing is known of the input.
        file: How its result names it; None where it was the only one.
    """

    tensor: Array
    picture: Pixels
    placement: Placement | None
    file: str | None = None


@dataclass(frozen=True)
class _Item:
    """A picture that is not read yet."""

    named: NamedImage
    read: Callable[[], PreparedPicture]


def is_image_data(value: object) -> TypeGuard[ImageData]:
    """Whether an argument is a picture with its own preprocessing."""
    return hasattr(value, "to_tensor")


def prepare(model: Model, data: Any, *, reading: Reading, with_path: bool) -> tuple[Iterator[PreparedPicture], bool]:
    """Return everything that an argument names, read while one goes through it, and whether it means many pictures.

    Args:
        model: Whose preprocessing is used where the data have none of their own.
        data: Path, folder, array, Pillow image, ``ImageData``, or a list of these.
        reading: How the pictures are read that have no preprocessing of their own.
        with_path: Whether results name the whole path of the picture's file.

    Raises:
        XEduError: A single picture cannot be read; of several, those that cannot are left out and named.
    """
    items, many = _items(model, data, reading)
    return _prepared(items, many, with_path), many


def _items(model: Model, data: Any, reading: Reading) -> tuple[list[_Item], bool]:
    if is_image_data(data):
        return _of_image_data(data, "image.jpg"), _is_ours(data) and data.many
    if isinstance(data, (list, tuple)) and any(map(is_image_data, data)):
        return _of_mixed(model, data, reading), True
    images, many = pictures.expand(data)
    return [_of_picture(model, item, reading) for item in images], many


def _of_mixed(model: Model, data: Sequence[Any], reading: Reading) -> list[_Item]:
    """List pictures of which some have their own preprocessing; they are named as those of any other list."""
    items: list[_Item] = []
    for number, item in enumerate(data):
        name = f"image_{number}.jpg"
        if is_image_data(item):
            items += _of_image_data(item, name)
        else:
            items += [_of_picture(model, named, reading) for named in image.expand_item(item, name)]
    names = image.with_unique_names([item.named for item in items])
    return [replace(item, named=named) for item, named in zip(items, names, strict=True)]


def _of_picture(model: Model, item: NamedImage, reading: Reading) -> _Item:
    return _Item(item, functools.partial(_read, model, item.source, reading))


def _of_image_data(data: ImageData, name: str) -> list[_Item]:
    if not _is_ours(data):
        return [_Item(NamedImage(name, np.empty(0)), functools.partial(_prepared_by_board, data))]
    items = [item if _is_file(item.source) or data.many else replace(item, name=name) for item in data.images]
    return [_Item(item, functools.partial(_prepared_by_ours, data, index)) for index, item in enumerate(items)]


def _prepared(items: list[_Item], many: bool, with_path: bool) -> Iterator[PreparedPicture]:
    pairs = pictures.each_readable(items, lambda item: item.read()) if many else ((item, item.read()) for item in items)
    for item, prepared in pairs:
        path = os.fspath(item.named.source) if with_path and _is_file(item.named.source) else None
        yield replace(prepared, file=path or (item.named.name if many else None))


def _read(model: Model, source: ImageSource, reading: Reading) -> PreparedPicture:
    picture = reading.of(source)
    placement = model.placement(picture.shape) if model.knows_itself else None
    return PreparedPicture(raw_inference.tensor(model, picture), picture, placement)


def _prepared_by_ours(data: _OurImageData, index: int) -> PreparedPicture:
    prepared = data.prepared(index)
    height, width = prepared.pixels.shape[:2]
    placement = Placement(prepared.to_original, (height, width))
    return PreparedPicture(prepared.tensor, prepared.pixels, placement)


def _prepared_by_board(data: ImageData) -> PreparedPicture:
    """Take the tensor of a board's ``BaseData.py``; some versions of it map boxes back, others do not."""
    to_picture = getattr(data, "map_orig_coords", None)
    placement = None if to_picture is None else Placement(to_picture)
    return PreparedPicture(data.to_tensor(), data.raw_value, placement)


def _is_ours(data: ImageData) -> TypeGuard[_OurImageData]:
    return hasattr(data, "prepared")


def _is_file(source: object) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(source, (str, os.PathLike))
