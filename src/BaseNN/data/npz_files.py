"""``.npz`` files with ``data``, ``label``, ``word2idx``: arrays alone; of objects only a vocabulary. Torch-free."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid, DatasetNotFound, XEduError, did_you_mean
from BaseDT.files import what_is_at
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseNN.data import vocabularies

KEYS = ("data", "label", "word2idx")
_MOST_BYTES = 8 << 30


def read_npz(path: Path) -> dict[str, Any]:
    """Read what a file holds of ``data``, ``label`` and ``word2idx``; anything else is left.

    Returns:
        Arrays, and ``word2idx`` as a dictionary where it is there.

    Raises:
        DatasetNotFound: There is no such file (-101).
        DatasetInvalid: It is no such file, not a whole one, has no ``data``, or holds objects (-201).
    """
    if what_is_at(path) != "file" or not path.is_file():  # a pipe would be waited for
        raise _missing(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.removesuffix(".npy"): name for name in archive.namelist()}
            found = {key: _member(archive, names[key], path, key) for key in KEYS if key in names}
    except XEduError:  # some are ValueErrors and OSErrors, too
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _broken(path, str(error)) from error
    if "data" not in found:
        keys = shortened(sorted(names)) or "–"
        raise DatasetInvalid(
            say(f"{path.name} has no 'data'; it holds: {english(keys)}.", f"{path.name} 中没有 'data'，只有：{keys}。"),
            hint=say("Write it with np.savez(file, data=x, label=y).", "请用 np.savez(文件, data=x, label=y) 保存。"),
        )
    return found


def _member(archive: zipfile.ZipFile, name: str, path: Path, key: str) -> Any:
    if archive.getinfo(name).file_size > _MOST_BYTES:
        raise _broken(path, say("it is too large", "文件过大"))
    with archive.open(name) as stream:
        try:
            array = _array(stream, path, key)
        except XEduError:  # is a ValueError, too
            raise
        except ValueError as error:
            raise _broken(path, str(error)) from error
    if key == "word2idx" and isinstance(array, np.ndarray):
        return _of_words(array, path)
    return array


def _array(stream: IO[bytes], path: Path, key: str) -> npt.NDArray[Any] | Mapping[str, int]:
    """Read one array; of objects a vocabulary, which is put together of texts and numbers alone."""
    version = np.lib.format.read_magic(stream)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = reader(stream)
    rest = stream.read()
    if not dtype.hasobject:
        return _with_header(rest, shape, dtype, fortran=fortran)
    if key != "word2idx":
        raise DatasetInvalid(
            say(f"'{key}' of {path.name} holds objects, not numbers.", f"{path.name} 的 '{key}' 中是对象，不是数字。"),
            hint=say(
                "It was not read: give all rows the same length, and save an array of numbers.",
                "已拒绝读取：请让每一行长度相同，并保存为数字数组。",
            ),
        )
    return vocabularies.unpickled(rest, path.name)


def _with_header(rest: bytes, shape: tuple[int, ...], dtype: np.dtype[Any], *, fortran: bool) -> npt.NDArray[Any]:
    count = int(np.prod(shape, dtype=np.int64))
    if len(rest) != count * dtype.itemsize:
        raise ValueError("cut off")
    array = np.frombuffer(bytearray(rest), dtype)
    return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)


def _of_words(array: npt.NDArray[Any], path: Path) -> dict[str, int]:
    """Number words by their place in an array of texts."""
    if array.dtype.kind != "U" or array.ndim != 1:
        raise _broken(path, say("'word2idx' holds no words", "'word2idx' 中不是文字"))
    return {str(word): number for number, word in enumerate(array)}


def _missing(path: Path) -> DatasetNotFound:
    is_there = what_is_at(path.parent) == "folder"
    near = did_you_mean(path.name, (p.name for p in path.parent.iterdir())) if is_there else ""
    return DatasetNotFound(
        say(f"No such file: {path}", f"找不到文件：{path}"),
        hint=near or say(f"Looked in {path.absolute().parent}.", f"查找位置：{path.absolute().parent}。"),
    )


def _broken(path: Path, reason: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"{path.name} cannot be read as .npz: {english(reason)}", f"{path.name} 无法作为 .npz 读取：{reason}"),
        hint=say(
            "It is written by np.savez(file, data=x, label=y).", "这种文件由 np.savez(文件, data=x, label=y) 生成。"
        ),
    )
