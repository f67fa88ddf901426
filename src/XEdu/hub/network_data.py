"""What a network of BaseNN is given: pictures, rows of numbers, sequences, words; each becomes its one input."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from BaseDT.errors import DatasetInvalid, InputMismatch, ParameterInvalid
from BaseDT.files import what_is_at
from BaseDT.image import IMAGE_SUFFIXES
from BaseDT.language import say
from BaseDT.own_network_info import OwnNetworkInfo
from BaseDT.pasted import as_meant
from BaseDT.tabular.arrays import as_array, as_rows
from BaseDT.tabular.reading import read_table
from XEdu.hub import network_files, network_refusals, pictures
from XEdu.hub.source_snapshot import SourceSnapshot
from XEdu.runtime.backend import Array, TensorSpec


@dataclass(frozen=True)
class NetworkInput:
    """What a network runs on.

    Attributes:
        array: Of the type that the network takes, with its batch.
        images: The pictures, each with a name, where these are some; else what the user gave, without one.
        many: Whether the user gave a folder or a list of pictures, be it only one.
    """

    array: Array
    images: Sequence[SourceSnapshot]
    many: bool = False


def of(data: Any, info: OwnNetworkInfo, spec: TensorSpec) -> NetworkInput:
    """Return the input that an argument means.

    Args:
        data: Pictures (path, folder, array, Pillow image, a list of these); numbers (array, frame, list,
            ``.csv``, ``.npz``); text.
        info: What the network says of itself.
        spec: Of its input.

    Raises:
        XEduError: It cannot be read, or does not fit the network.
    """
    if info.dataset_type == "img":
        if (found := _pictures(_as_bytes(data, spec.shape), info)) is not None:
            return found
        array = _tensor(data, spec)
    elif info.word2idx and _is_text(data):
        array = _words(data, info)
    else:
        array = _no_pictures_but_numbers(data, info, spec)
    if info.word2idx:
        _check_known(array, info)
        if len(array) == 1 and spec.shape[1:] == (1,):  # the original's networks of words have the steps first
            array = array.T
    if not _fits(array, spec):
        raise network_refusals.mismatch(array.shape, spec.shape, has_label=is_labelled(data, spec.shape))
    return NetworkInput(array, [SourceSnapshot("", data)])


def is_labelled(data: Any, wanted: Sequence[int | None]) -> bool:
    """Whether data are the file of a table with one column more than a network takes: that of the label.

    Args:
        data: What the user gave.
        wanted: Shape of the network's input, with its batch.
    """
    if len(wanted) != 2 or wanted[1] is None or not isinstance(data, (str, os.PathLike)):
        return False
    file = as_meant(data)
    return file.suffix.lower() in network_files.TABLES and read_table(file).width == wanted[1] + 1


# --- pictures ---------------------------------------------------------------------------------------------------------


def _pictures(data: Any, info: OwnNetworkInfo) -> NetworkInput | None:
    """Return pictures as the network sees them; None where the argument is a finished tensor."""
    if not _is_pictures(data):
        return None
    if info.preprocess is None:
        raise _no_size()
    reading = info.preprocess.reading
    images, many = pictures.expand(data)
    if not many:
        # Colours may be wanted for drawing, whatever the network reads.
        in_colour = SourceSnapshot.of_source(images[0], reading) if reading.gray else None
        picture = reading.of(images[0].source)
        return NetworkInput(info.preprocess(picture), [in_colour or SourceSnapshot.of_pixels(images[0], picture)])
    # Before any is read: what changes meanwhile is noticed. Pictures of a folder do not stay in memory.
    sources = {item.name: SourceSnapshot.of_source(item, reading) for item in images}
    snapshots: list[SourceSnapshot] = []
    rows: list[npt.NDArray[np.float32]] = []
    for part in pictures.readable(images, reading):
        for item, picture in part:
            snapshots.append(sources[item.name])
            rows.append(info.preprocess(picture)[0])
    return NetworkInput(np.stack(rows), snapshots, many=True)


def _is_pictures(data: Any) -> bool:
    """Whether an argument is meant as pictures: files, Pillow images, arrays H×W or H×W×C of whole numbers."""
    many = isinstance(data, (list, tuple))
    return bool(many and len(data) and all(map(_is_picture, data))) or _is_picture(data)


def _is_picture(data: object) -> bool:
    if isinstance(data, np.ndarray):
        return data.dtype.kind in "ui" and _has_axes_of_a_picture(data)
    return isinstance(data, (str, os.PathLike, Image.Image))


def _has_axes_of_a_picture(array: npt.NDArray[Any]) -> bool:
    return array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))


def _as_bytes(data: Any, wanted: Sequence[int | None]) -> Any:
    """Return floats H×W×C, or H×W as large as the network takes, as pictures of bytes; a finished tensor stays."""
    if isinstance(data, (list, tuple)):
        return [_as_bytes(one, wanted) for one in data] if any(isinstance(one, np.ndarray) for one in data) else data
    is_picture = isinstance(data, np.ndarray) and data.dtype.kind == "f" and _has_axes_of_a_picture(data)
    if not is_picture or not data.size or _is_sized(data.shape, wanted[1:]):
        return data
    if data.ndim == 2 and not _is_sized(data.shape, wanted[-2:]):  # it may as well be a table
        return data
    low, high = float(data.min()), float(data.max())
    if low >= 0 and high <= 1:  # shares of 255
        return np.rint(data * 255).astype(np.uint8)
    if low >= 0 and high <= 255 and bool((data == np.rint(data)).all()):
        return data.astype(np.uint8)
    return data


def _tensor(data: Any, spec: TensorSpec) -> Array:
    """Return a finished tensor of pictures.

    Raises:
        DatasetInvalid: It is none, or holds what is no number (-201).
    """
    if isinstance(data, (list, tuple, np.ndarray)) and not len(data):
        raise network_refusals.no_pictures()
    if data is None:
        raise network_refusals.nothing()
    try:
        array = as_array("data", data)
    except DatasetInvalid:
        raise network_refusals.is_no_picture(data) from None
    if array.dtype.kind not in "biuf":
        raise network_refusals.is_no_picture(data)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise network_refusals.not_finite()
    return _numbers(array, spec.dtype, spec.shape)


# --- words ------------------------------------------------------------------------------------------------------------


def _is_text(data: object) -> bool:
    """Whether an argument is a text: what is the path of a ``.npz`` that is there is not."""
    if isinstance(data, str):
        return Path(data).suffix.lower() != ".npz"
    return isinstance(data, (list, tuple)) and len(data) > 0 and all(isinstance(word, str) for word in data)


def _words(data: str | Sequence[str], info: OwnNetworkInfo) -> Array:
    """Return the numbers of words: a text is taken character by character, or whole where it is one word."""
    known = info.word2idx
    words = [data] if isinstance(data, str) and data in known else list(data)
    if not words:
        raise network_refusals.no_words()
    for word in words:
        if word not in known:
            raise network_refusals.unknown_word(word, known)
    return np.asarray([[known[word] for word in words]], np.int64)


def _check_known(words: Array, info: OwnNetworkInfo) -> None:
    """Refuse numbers that no word has.

    Raises:
        InputMismatch: There is one (-309).
    """
    if words.size and words.min() >= 0 and words.max() <= max(info.word2idx.values()):
        return
    most = max(info.word2idx.values())
    raise InputMismatch(
        say(f"The numbers of the words go from 0 to {most}.", f"词的编号应在 0 到 {most} 之间。"),
        hint=say("Give the text itself.", "请直接给出文字。"),
    )


# --- numbers ----------------------------------------------------------------------------------------------------------


def _no_pictures_but_numbers(data: Any, info: OwnNetworkInfo, spec: TensorSpec) -> Array:
    """Return numbers for a network that learned from no pictures.

    Raises:
        InputMismatch: These are pictures (-309).
        DatasetInvalid: These are no numbers (-201).
    """
    if data is None:
        raise network_refusals.nothing()
    first = data[0] if isinstance(data, (list, tuple)) and data else data
    if isinstance(first, Image.Image) or (isinstance(first, (str, os.PathLike)) and _names_pictures(as_meant(first))):
        raise network_refusals.learned_from_no_pictures(first, info, spec.shape)
    return _numbers(data, spec.dtype, spec.shape)


def _names_pictures(path: Path) -> bool:
    """Whether a path is that of a picture, or of a folder, in which only pictures are looked for."""
    return path.suffix.lower() in IMAGE_SUFFIXES or what_is_at(path) == "folder"


def _numbers(data: Any, dtype: np.dtype[Any], shape: tuple[int | None, ...]) -> Array:
    array = as_array("data", network_files.read(as_meant(data)) if isinstance(data, (str, os.PathLike)) else data)
    # One sample is a batch of one.
    if array.ndim == 1 or (shape and array.ndim == len(shape) - 1):
        array = array[None]
    finite = as_rows("data", array.reshape(len(array), -1) if array.size else array).values
    if dtype.kind in "iu" and not (finite == np.round(finite)).all():
        raise InputMismatch(
            say("The network takes whole numbers: those of its words.", "网络需要整数，即词的编号。"),
            hint=say("Give the text itself, or the numbers of its words.", "请直接给出文字，或词的编号。"),
        )
    with np.errstate(over="ignore", invalid="ignore"):
        given = finite.reshape(array.shape).astype(dtype)
    if not np.isfinite(given).all():
        raise InputMismatch(
            say(f"A number is too large for the network ({dtype}).", f"有数值超出网络的范围（{dtype}）。"),
            hint=say("Give numbers like those of the training.", "请给出与训练数据相近的数值。"),
        )
    return given


def _fits(array: Array, spec: TensorSpec) -> bool:
    return not spec.shape or (_is_sized(array.shape, spec.shape) and 0 not in array.shape)


def _is_sized(given: Sequence[int], wanted: Sequence[int | None]) -> bool:
    return len(given) == len(wanted) and all(want in (None, have) for have, want in zip(given, wanted, strict=True))


# --- what is said -----------------------------------------------------------------------------------------------------


def _no_size() -> ParameterInvalid:
    return ParameterInvalid(
        say("The file does not tell which size its pictures have.", "该文件没有说明图片的大小。"),
        hint=say("Give a finished tensor (N, C, H, W).", "请传入处理好的张量 (N, C, H, W)。"),
    )
