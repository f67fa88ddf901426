"""Arrays of a joblib file: their types without objects, their numbers read after their size was checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

WRAPPER = "NumpyArrayWrapper"
_KINDS = frozenset("biufUSV")
_PLAIN = (str, bytes, int, float, bool, type(None))
_MOST_AXES = 8
_MOST_TEXT = 4096
"""Bytes of one text, or of one record, in an array."""


class DType:
    """A type of numbers, texts or records that a file describes."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._fields: tuple[tuple[str, Any, int], ...] = ()
        self._size = 0
        self._order = "|"

    @classmethod
    def of(cls, arguments: tuple[Any, ...]) -> DType:
        """Take the arguments of ``numpy.dtype``: a code like ``f8``."""
        code = arguments[0] if arguments else None
        if not isinstance(code, str):
            raise ValueError("a type of numbers has no code")
        return cls(code)

    def set_state(self, state: Any) -> None:
        """Take what numpy puts into a type: (version, order, subarray, names, fields, size, alignment, …)."""
        order, subarray, names, fields, size = state[1:6]
        if subarray is not None or not isinstance(order, str):
            raise ValueError("a type of numbers is nested")
        self._order = order
        if names:
            self._fields = tuple((name, *fields[name][:2]) for name in names)
            self._size = int(size)

    @property
    def holds_objects(self) -> bool:
        """Whether its values would be objects of Python."""
        return self._code.startswith("O") or any(
            isinstance(field, DType) and field.holds_objects for _, field, _ in self._fields
        )

    def made(self, depth: int = 0) -> np.dtype[Any]:
        """Make it.

        Raises:
            ValueError: It is no type of numbers, texts or records of these.
        """
        if self.holds_objects or depth > 1:
            raise ValueError("objects in an array")
        if not self._fields:
            dtype = np.dtype(self._code)
            dtype = dtype.newbyteorder(">") if self._order == ">" else dtype
        else:
            names, formats, offsets = zip(*self._fields, strict=True)
            made = [item.made(depth + 1) for item in formats]
            dtype = np.dtype({"names": list(names), "formats": made, "offsets": list(offsets), "itemsize": self._size})
        if dtype.kind not in _KINDS or not 0 < dtype.itemsize <= _MOST_TEXT:
            raise ValueError(f"numbers of type {self._code}")
        return dtype


class Pickled:
    """An array in the form of numpy's own pickle."""

    def __init__(self) -> None:
        self.value: npt.NDArray[Any] | None = None

    @classmethod
    def of(cls, _: tuple[Any, ...]) -> Pickled:
        """Make an empty one, whatever the file would make it of."""
        return cls()

    def set_state(self, state: Any) -> None:
        """Take (version, shape, type, in order of columns, bytes or list of values)."""
        shape, dtype, columns, data = state[-4:]
        if isinstance(data, list):
            self.value = _of_values(data, shape)
        else:
            self.value = of_bytes(bytes(data), dtype, shape, "F" if columns else "C")


@dataclass(frozen=True)
class Wrapper:
    """What joblib writes before the numbers of an array."""

    dtype: DType
    shape: tuple[int, ...]
    order: str
    padded: bool

    @classmethod
    def of(cls, state: Any) -> Wrapper:
        """Read joblib's description.

        Raises:
            ValueError: It is none.
        """
        kind, dtype = state["subclass"], state["dtype"]
        if getattr(kind, "name", "") != "numpy.ndarray" or not isinstance(dtype, DType):
            raise ValueError("an array of another class")
        padded = state.get("numpy_array_alignment_bytes") is not None
        return cls(dtype, checked_shape(state["shape"]), str(state["order"]), padded)

    def numbers(self, stream: BytesIO) -> npt.NDArray[Any]:
        """Read the numbers that follow; before them stand as many bytes of filling as the first byte says."""
        if self.padded:
            (count,) = stream.read(1)
            stream.read(count)
        dtype = self.dtype.made()
        data = stream.read(math.prod(self.shape) * dtype.itemsize)  # no more than there is, whatever the shape says
        return of_bytes(data, self.dtype, self.shape, self.order)


def of_bytes(data: bytes, dtype: Any, shape: Any, order: Any) -> npt.NDArray[Any]:
    """Return an array of its bytes, with the byte order of this machine, that can be written to.

    Raises:
        ValueError: Bytes, type and shape do not go together.
    """
    if not isinstance(dtype, DType) or order not in ("C", "F"):
        raise ValueError("an array has no type")
    sizes, made = checked_shape(shape), dtype.made()
    if len(data) != math.prod(sizes) * made.itemsize:
        raise ValueError("an array has another size than its numbers")
    values = np.frombuffer(data, made).reshape(sizes, order=order)
    return np.array(values, dtype=made.newbyteorder("="), order=order)


def checked_shape(shape: Any) -> tuple[int, ...]:
    """Return a shape of whole numbers.

    Raises:
        ValueError: It is none.
    """
    sizes = tuple(shape) if isinstance(shape, tuple | list) else ()
    if len(sizes) > _MOST_AXES or not all(type(size) is int and size >= 0 for size in sizes):
        raise ValueError("an array has no shape")
    return sizes


def _of_values(values: list[Any], shape: Any) -> npt.NDArray[Any]:
    """Return what was an array of objects as one of texts or of numbers; anything else stays out.

    The original reads tables with labels of text so that all their columns are objects.
    """
    if not all(type(value) in _PLAIN for value in values):
        raise ValueError("objects in an array")
    made = np.array(values)
    if made.dtype.kind not in _KINDS or made.ndim != 1:
        raise ValueError("objects in an array")
    return made.reshape(checked_shape(shape))
