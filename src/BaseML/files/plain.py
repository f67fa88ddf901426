"""From what a file says to plain values: numbers, texts, arrays, lists and dictionaries of these."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from BaseML.files import arrays
from BaseML.files.nodes import Damaged, Node

_DEEPEST = 6
_MOST = 1_000_000
"""Values of one list: those of an attribute that a model needs."""


def value(item: Any, depth: int = 0) -> Any:
    """Return a value made of plain ones alone.

    Raises:
        Damaged: There is something else in it.
    """
    if isinstance(item, arrays.Pickled):
        item = item.value
    if item is None or isinstance(item, bool | int | float | str | np.ndarray | np.generic):
        return item
    if depth > _DEEPEST or (isinstance(item, list | tuple | dict) and len(item) > _MOST):
        raise Damaged("values lie too deep in one another")
    if isinstance(item, list | tuple):
        return type(item)(value(part, depth + 1) for part in item)
    if isinstance(item, dict):
        return {_key(key): value(part, depth + 1) for key, part in item.items()}
    raise Damaged(f"{item.name if isinstance(item, Node) else type(item).__name__} where plain values stand")


def is_plain(item: Any) -> bool:
    """Whether ``value`` can return it."""
    try:
        value(item)
    except Damaged:
        return False
    return True


def numbers(item: Any, *shape: int | None, whole: bool = False) -> npt.NDArray[Any]:
    """Return an array of finite numbers of a shape; None where any size goes.

    Raises:
        Damaged: It is none.
    """
    made = np.asarray(value(item))
    if made.dtype.kind not in ("biu" if whole else "biuf") or made.ndim != len(shape):
        raise Damaged("numbers of another form")
    if any(size not in (None, actual) for size, actual in zip(shape, made.shape, strict=True)):
        raise Damaged(f"{made.shape} numbers where {shape} belong")
    if not np.isfinite(made).all():
        raise Damaged("numbers that are none")
    return np.ascontiguousarray(made, np.int64 if whole else np.float64)


def number(item: Any, least: float = float("-inf"), most: float = float("inf")) -> float:
    """Return one finite number within bounds.

    Raises:
        Damaged: It is none.
    """
    (single,) = numbers(np.reshape(np.asarray(value(item)), -1), 1)
    if not least <= single <= most:
        raise Damaged(f"{single} where {least} to {most} belongs")
    return float(single)


def count(item: Any, least: int = 1, most: int = 2**31 - 1) -> int:
    """Return one whole number within bounds.

    Raises:
        Damaged: It is none.
    """
    found = number(item, least, most)
    if found != int(found):
        raise Damaged(f"{found} where a whole number belongs")
    return int(found)


def _key(key: Any) -> Any:
    if not isinstance(key, str | int | float | bool | type(None)):
        raise Damaged("a key is no text and no number")
    return key
