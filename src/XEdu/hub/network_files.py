"""Files of numbers for networks of BaseNN: tables, and ``.npz`` without objects."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT import contents
from BaseDT.errors import DatasetInvalid, DatasetNotFound, ParameterInvalid
from BaseDT.files import what_is_at
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.tabular.reading import read_table
from XEdu.runtime.backend import Array

TABLES = (".csv", ".txt")


def read(file: Path) -> Any:
    """Read a table, or the array ``data`` of a ``.npz``; nothing in it is run.

    Raises:
        ParameterInvalid: It is neither, by its name (-305).
        DatasetNotFound, DatasetInvalid: It is not there, or cannot be read (-101, -201).
    """
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
    shown = shortened(names)
    raise _unreadable(file, say(f"it has no array 'data', only {english(shown)}", f"其中没有数组 'data'，只有 {shown}"))


_READERS: dict[str, Callable[[Path], Array]] = {".npz": _read_npz, ".csv": _read_table, ".txt": _read_table}


def _unreadable(file: Path, why: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"{file} cannot be used: {english(why)}.", f"无法使用 {file}：{why}。"),
        hint=say(
            "Write it with np.savez(file, data=array), array being numbers.",
            "请用 np.savez(文件, data=数组) 保存数值数组。",
        ),
    )
