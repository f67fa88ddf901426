"""The few functions that plain data in a pickle need: numbers, bytes, types, arrays. Ours, never the file's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from BaseML.files import arrays
from BaseML.files.nodes import Damaged, Node, Refused


def _number(arguments: tuple[Any, ...]) -> Any:
    dtype, data = arguments
    if not isinstance(dtype, arrays.DType) or dtype.holds_objects:
        raise Refused("numpy scalar of an object")
    return np.frombuffer(_bytes(data), dtype=dtype.made(), count=1)[0].item()


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes | bytearray):
        raise Damaged("numbers are no bytes")
    return bytes(value)


def _of_buffer(arguments: tuple[Any, ...]) -> Any:
    data, dtype, shape, order = arguments
    return arrays.of_bytes(_bytes(data), dtype, shape, order)


def _encoded(arguments: tuple[Any, ...]) -> bytes:
    text = arguments[0]
    if not isinstance(text, str):
        raise Damaged("bytes are no text")
    return text.encode("latin-1")


def _no_bytes(arguments: tuple[Any, ...]) -> bytes:
    """Return what old pickles write for no bytes at all."""
    if arguments:
        raise Damaged("bytes are made of something")
    return b""


def _object_of(arguments: tuple[Any, ...]) -> Node:
    """Stand for what old pickles make of a class without calling it."""
    target = arguments[0]
    if not isinstance(target, Node):
        raise Damaged("an object has no class")
    return Node(target.name, called=True)


def _ordered(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    return dict(arguments[0]) if arguments else {}


_NUMPY = ("numpy.core", "numpy._core")
MEANT: dict[str, Callable[[tuple[Any, ...]], Any]] = {
    "numpy.dtype": arrays.DType.of,
    **{f"{home}.multiarray._reconstruct": arrays.Pickled.of for home in _NUMPY},
    **{f"{home}.multiarray.scalar": _number for home in _NUMPY},
    **{f"{home}.numeric._frombuffer": _of_buffer for home in _NUMPY},
    "_codecs.encode": _encoded,
    "builtins.bytes": _no_bytes,
    "__builtin__.bytes": _no_bytes,
    "copyreg._reconstructor": _object_of,
    "copy_reg._reconstructor": _object_of,
    "collections.OrderedDict": _ordered,
}
"""What stands for the few functions that plain data need; ours, never the file's."""
