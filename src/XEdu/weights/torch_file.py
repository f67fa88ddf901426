"""Tensors out of a ``.pth`` file as PyTorch wrote it before 2020, without PyTorch. Nothing of the file is executed.

Such a file is five pickles one after the other (a magic number, a protocol, facts of the system, the object, the keys
of the storages), and then each storage: its length and its raw numbers.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_KINDS = {
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "DoubleStorage": "<f8",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}


@dataclass(frozen=True)
class _Storage:
    """Numbers that lie further behind in the file."""

    key: str
    kind: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    """A view of a storage."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _view(storage: Any, offset: Any, shape: Any, strides: Any, *_: object) -> _Tensor:
    """Stand for the function that rebuilds a tensor."""
    numbers = (offset, *shape, *strides)
    if not isinstance(storage, _Storage) or not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise pickle.UnpicklingError("no tensor")
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


class _Reader(pickle.Unpickler):
    """Builds dictionaries, numbers, texts and views of storages, and refuses every other name."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name of the file."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _view
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a file of weights")

    def persistent_load(self, pid: Any) -> _Storage:
        """Return what stands for a storage."""
        what, kind, key, _, count, view = pid
        if what != "storage" or kind not in _KINDS.values() or not isinstance(count, int) or view is not None:
            raise pickle.UnpicklingError("no storage")
        return _Storage(str(key), kind, count)


def tensors(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """Read the tensors of a state dict by their names.

    Args:
        data: The whole file.

    Raises:
        ValueError: It is no such file, is cut off, or names what is no part of one.
    """
    file = io.BytesIO(data)
    try:
        if (_Reader(file).load(), _Reader(file).load()) != (_MAGIC, _PROTOCOL):
            raise ValueError("not written by PyTorch before 2020")
        system, state, keys = (_Reader(file).load() for _ in range(3))
        views = {name: value for name, value in state.items() if isinstance(value, _Tensor)}
        if not system["little_endian"]:
            raise ValueError("written on a machine of another byte order")
        stored = _storages(file, keys, {view.storage.key: view.storage for view in views.values()})
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"no whole file of weights: {error}") from error
    return {str(name): _array(view, stored) for name, view in views.items()}


def _storages(file: BinaryIO, keys: list[str], known: dict[str, _Storage]) -> dict[str, npt.NDArray[Any]]:
    result = {}
    for key in keys:
        storage = known[key]
        (count,) = struct.unpack("<q", file.read(8))
        content = file.read(storage.count * np.dtype(storage.kind).itemsize)
        if count != storage.count or len(content) != storage.count * np.dtype(storage.kind).itemsize:
            raise ValueError("the file is cut off")
        result[key] = np.frombuffer(content, storage.kind)
    return result


def _array(view: _Tensor, stored: dict[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    values = stored[view.storage.key]
    reach = view.offset + sum((size - 1) * step for size, step in zip(view.shape, view.strides, strict=True)) + 1
    if 0 in view.shape or reach > len(values):
        raise ValueError("a tensor leaves its storage")
    strides = tuple(step * values.itemsize for step in view.strides)
    array = np.lib.stride_tricks.as_strided(values[view.offset :], view.shape, strides)
    return np.ascontiguousarray(array)
