"""What a network of BaseNN is given: pictures, rows of numbers, sequences, words; each becomes its one input.

Nothing of a file is run: a ``.npz`` is read without objects.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from BaseDT import contents
from BaseDT.errors import DatasetInvalid, DatasetNotFound, InputMismatch, ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.files import what_is_at
from BaseDT.language import english, say
from BaseDT.own_network_info import OwnNetworkInfo
from BaseDT.pasted import as_meant
from BaseDT.tabular.arrays import as_array, as_rows
from BaseDT.tabular.reading import read_table
from XEdu.hub import pictures
from XEdu.hub.source_snapshot import SourceSnapshot
from XEdu.runtime.backend import Array, TensorSpec

_LISTED = 8
"""Names that a message lists."""


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
    if info.dataset_type == "img" and (found := _pictures(data, info)) is not None:
        return found
    array = _words(data, info) if info.word2idx and _is_text(data) else _numbers(data, spec.dtype, spec.shape)
    if info.word2idx:
        _check_known(array, info)
        if len(array) == 1 and spec.shape[1:] == (1,):  # the original's networks of words have the steps first
            array = array.T
    return NetworkInput(_fitted(array, spec), [SourceSnapshot("", data)])


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
        return data.dtype.kind in "ui" and (data.ndim == 2 or (data.ndim == 3 and data.shape[2] in (1, 3, 4)))
    return isinstance(data, (str, os.PathLike, Image.Image))


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
        raise ParameterInvalid(
            say("The text is empty.", "文字为空。"),
            hint=say("Give at least one word.", "请至少给出一个词。"),
        )
    for word in words:
        if word not in known:
            raise _unknown_word(word, list(known))
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


def _numbers(data: Any, dtype: np.dtype[Any], shape: tuple[int | None, ...]) -> Array:
    array = as_array("data", _read(as_meant(data)) if isinstance(data, (str, os.PathLike)) else data)
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


def _read(file: Path) -> Any:
    suffix = file.suffix.lower()
    if suffix not in _READERS:
        raise ParameterInvalid(
            say(f"{file} holds no numbers that can be read here.", f"{file} 不是可以读取的数值文件。"),
            hint=say("Give a .csv or .npz file, an array or a list.", "请给出 .csv 或 .npz 文件、数组或列表。"),
        )
    return _READERS[suffix](file)


def _read_table(file: Path) -> Array:
    table = read_table(file)
    return table.numbers(range(table.width))


def _read_npz(file: Path) -> Array:
    """Read the array ``data`` of a ``.npz``; without one, the only array there is."""
    if what_is_at(file) != "file":
        raise DatasetNotFound(
            say(f"No such file: {file}", f"找不到文件：{file}"), hint=say("Check the path.", "请检查路径。")
        )
    try:
        with np.load(io.BytesIO(contents.read_bytes(file)), allow_pickle=False) as opened:
            names = list(opened.files)
            name = "data" if "data" in names else names[0] if len(names) == 1 else ""
            if name:
                return np.asarray(opened[name])
    except ValueError as error:
        if "pickle" in str(error).lower() or "object" in str(error).lower():
            raise _unreadable(
                file, say("its data are Python objects, not numbers", "其中是 Python 对象，不是数值")
            ) from None
        raise _unreadable(file, say("it is cut off or no .npz file", "文件不完整或不是 .npz 文件")) from error
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, AttributeError, MemoryError) as error:
        raise _unreadable(file, say("it is cut off or no .npz file", "文件不完整或不是 .npz 文件")) from error
    listed = ", ".join(names[:_LISTED])
    raise _unreadable(file, say(f"it has no array 'data', only {listed}", f"其中没有数组 'data'，只有 {listed}"))


_READERS: dict[str, Callable[[Path], Array]] = {".npz": _read_npz, ".csv": _read_table, ".txt": _read_table}


def _fitted(array: Array, spec: TensorSpec) -> Array:
    """Make sure that an array fits a network's input.

    Raises:
        InputMismatch: It does not (-309).
    """
    sizes = zip(array.shape, spec.shape, strict=False)
    fits = len(array.shape) == len(spec.shape) and all(wanted in (None, given) for given, wanted in sizes)
    if not spec.shape or (fits and 0 not in array.shape):
        return array
    raise _mismatch(array.shape, spec.shape)


# --- what is said -----------------------------------------------------------------------------------------------------


def _mismatch(given: tuple[int, ...], wanted: tuple[int | None, ...]) -> InputMismatch:
    shown = " × ".join("N" if size is None else str(size) for size in wanted)
    found = " × ".join(map(str, given)) or say("a single number", "一个数")
    text = say(
        f"The data are {english(found)}, and the network takes {shown}.", f"数据为 {found}，而网络需要 {shown}。"
    )
    if len(given) == len(wanted) == 2 and wanted[1] is not None:
        hint = say(
            f"Give {wanted[1]} numbers a row, in the order of the training data.",
            f"每行请给出 {wanted[1]} 个数，顺序与训练数据相同。",
        )
        return InputMismatch(text, hint=hint)
    return InputMismatch(
        text,
        hint=say(
            "N is the number of samples; give data like those of the training.",
            "N 为样本数；请给出与训练数据形状相同的数据。",
        ),
    )


def _unknown_word(word: str, known: Sequence[str]) -> ParameterInvalid:
    near = did_you_mean(word, known) if len(word) > 1 else ""
    some = " ".join(known[:_LISTED])
    listed = say(f"It knows {len(known)}, such as: {some}", f"词表共 {len(known)} 个词，如：{some}")
    return ParameterInvalid(
        say(f"The network does not know the word {quoted(word)}.", f"词表中没有 {quoted(word)}。"),
        hint=f"{near} {listed}".strip(),
    )


def _unreadable(file: Path, why: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"{file} cannot be used: {english(why)}.", f"无法使用 {file}：{why}。"),
        hint=say(
            "Write it with np.savez(file, data=array), array being numbers.",
            "请用 np.savez(文件, data=数组) 保存数值数组。",
        ),
    )


def _no_size() -> ParameterInvalid:
    return ParameterInvalid(
        say("The file does not tell which size its pictures have.", "该文件没有说明图片的大小。"),
        hint=say("Give a finished tensor (N, C, H, W).", "请传入处理好的张量 (N, C, H, W)。"),
    )
