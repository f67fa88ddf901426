"""Stand-ins for what files of other projects hold beside weights: they let a file be read and can do nothing.

torch's own reader builds only what it is told to; here it is told to put these in place of the classes that a file
names. No class of a file is ever imported, none of its functions is ever called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

# The kinds of numbers that a single value of numpy may be; text and objects are none.
_NUMBERS = frozenset({"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"})


class Inert:
    """Something that a file names and nobody needs. Takes whatever it is given and keeps nothing of it."""

    __slots__ = ()

    def __new__(cls, *_: object) -> Inert:
        """Make one, whatever the file would make it of."""
        return super().__new__(cls)

    def __init__(self, *_: object) -> None:
        """Keep nothing."""

    def __setstate__(self, state: object) -> None:
        """Keep nothing."""

    def __repr__(self) -> str:
        return "(left out)"


class NumberType(Inert):
    """The type of one number of numpy, by its code."""

    __slots__ = ("code",)

    def __init__(self, code: object = "", *_: object) -> None:
        """Keep the code where it is a number's."""
        self.code = code if isinstance(code, str) and code in _NUMBERS else ""

    def __setstate__(self, state: object) -> None:
        """Keep no number whose bytes are in another order than here."""
        if isinstance(state, tuple) and ">" in state:
            self.code = ""


def number(kind: object = None, data: object = b"", *_: object) -> float | int | bool | Inert:
    """Return one number of numpy as Python's own; anything else is left out."""
    if not isinstance(kind, NumberType) or not kind.code or not isinstance(data, bytes):
        return Inert()
    value = np.frombuffer(data, dtype=f"<{kind.code}")
    return value[0].item() if len(value) == 1 else Inert()


def items(values: object = (), *_: object) -> list[Any]:
    """Return a queue as a list."""
    return list(values) if isinstance(values, list | tuple) else []


def pairs(*_: object) -> dict[Any, Any]:
    """Return a dictionary with a default as one without; the file fills it."""
    return {}


def nothing(*_: object) -> Inert:
    """Stand for a function that a file wants to call."""
    return Inert()


def text(*parts: object) -> str:
    """Return a path as text."""
    return "/".join(str(part) for part in parts)


_OBJECTS = (
    "mmengine.logging.history_buffer.HistoryBuffer",
    "mmengine.config.config.Config",
    "mmengine.config.config.ConfigDict",
    "numpy.ndarray",
    "argparse.Namespace",
)
_NUMPY = tuple(f"numpy.{module}" for module in ("core.multiarray", "_core.multiarray"))
_NUMPY_TYPES = tuple(
    f"numpy.dtypes.{name}DType"
    for name in ("Float16", "Float32", "Float64", "Int8", "Int16", "Int32", "Int64", "UInt8", "Bool", "Str", "Object")
)
_PATHS = tuple(f"pathlib.{name}" for name in ("Path", "PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"))

SAFE_GLOBALS: tuple[tuple[Callable[..., Any], str], ...] = (
    *((Inert, name) for name in (*_OBJECTS, *_NUMPY_TYPES)),
    *((nothing, f"{module}._reconstruct") for module in _NUMPY),
    *((number, f"{module}.scalar") for module in _NUMPY),
    (NumberType, "numpy.dtype"),
    (items, "collections.deque"),
    (pairs, "collections.defaultdict"),
    *((nothing, f"builtins.{name}") for name in ("getattr", "list", "dict", "int", "float", "tuple")),
    *((text, name) for name in _PATHS),
)
"""What stands in for each name, in the form that ``torch.serialization.safe_globals`` takes."""
