"""Ways to spoil bytes, and values in structured data. Everything follows from the generator that is given."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

Rng = np.random.Generator
_TELLING = (
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\0",
    b"%s%n",
    b"\xef\xbb\xbf",
)
_ODD = (
    None, True, False, 0, -1, 1, 3, 2**31, 2**63, 10**30, 10**400, -(10**400), 0.5, 1e308, -1e308, float("nan"),
    float("inf"), "", " ", "猫", "a" * 4000, "\ud800", "\0", "../../x", "/etc/passwd", "nan", "1e999", "\u202e\x1b[31m",
    "=1+1", [], {}, [[]], [None], [0, 0], [1, 2, 3, 4], [1e6] * 5, {"a": 1}, [[1, 2], [3]], "100000", [100000, 100000],
)  # fmt: skip
"""Values that a file may hold where another is meant."""


def pick(rng: Rng, items: Any) -> Any:
    """Return one of a sequence; ``rng.choice`` would make an array of it."""
    return items[int(rng.integers(len(items)))]


def spoiled(rng: Rng, data: bytes) -> bytes:
    """Return the bytes with one to four damages: cut, flipped, overwritten, repeated, removed, mixed."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        _spoil_once(rng, out)
    return bytes(out)


def _spoil_once(rng: Rng, out: bytearray) -> None:
    if not out:
        out += rng.bytes(int(rng.integers(1, 40)))
        return
    # Most of what a reader decides on is near the start.
    near = bool(rng.integers(2))
    at = int(rng.integers(min(len(out), 256) if near else len(out)))
    length = int(rng.integers(1, 64))
    match int(rng.integers(8)):
        case 0:
            del out[at:]
        case 1:
            out[at] ^= 1 << int(rng.integers(8))
        case 2:
            out[at] = int(rng.integers(256))
        case 3:
            out[at : at + length] = rng.bytes(length)
        case 4:
            out[at:at] = out[at : at + length] * int(rng.integers(1, 8))
        case 5:
            del out[at : at + length]
        case 6:
            telling = pick(rng, _TELLING)
            out[at : at + len(telling)] = telling
        case _:
            out += rng.bytes(length)


def odd(rng: Rng) -> Any:
    """Return a value that is probably not meant."""
    if rng.integers(30) == 0:
        return nested(int(pick(rng, (50, 500, 5000))))
    return copy.deepcopy(pick(rng, _ODD))


def nested(depth: int) -> Any:
    """Return a list of a list of a list …"""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def spoiled_values(rng: Rng, values: Any) -> Any:
    """Return structured data with one to three values replaced, removed, repeated or renamed."""
    values = copy.deepcopy(values)
    for _ in range(int(rng.integers(1, 4))):
        if not (places := _places(values)):
            return odd(rng)
        holder, key = pick(rng, places)
        match int(rng.integers(6)):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[str(pick(rng, ("", "猫", "x", "id", "\ud800", key + " ", key.upper())))] = holder.pop(key)
            case 2 if isinstance(holder, list):
                holder.insert(0, _copy(holder[key]))
            case 3 if isinstance(holder[key], (int, float)) and abs(holder[key]) < 1e9:
                holder[key] = holder[key] * pick(rng, (-1, 0, 1000, 1e9, 1e300)) + pick(rng, (-1, 0, 0.5))
            case 4:
                holder[key] = _copy(_at(pick(rng, places)))
            case _:
                holder[key] = odd(rng)
    return values


def _copy(value: Any) -> Any:
    """Copy a value that may be nested deeper than Python copies; then nothing."""
    try:
        return copy.deepcopy(value)
    except RecursionError:
        return None


def _at(place: tuple[Any, Any]) -> Any:
    holder, key = place
    try:
        return holder[key]
    except (KeyError, IndexError):
        return None


def _places(values: Any) -> list[tuple[Any, Any]]:
    """Return every place of a value, as (container, key); not deeper than anybody would look."""
    found: list[tuple[Any, Any]] = []
    todo: list[tuple[Any, int]] = [(values, 0)]
    while todo:
        item, depth = todo.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        for key in list(keys)[:200]:
            found.append((item, key))
            if depth < 20:
                todo.append((item[key], depth + 1))
    return found


def json_text(rng: Rng, values: Any) -> bytes:
    """Return JSON of any value, also of those that Python's own writer refuses; sometimes spoiled as a text."""
    text = _written(values)
    data = text.encode("utf-8", "surrogatepass")
    match int(rng.integers(8)):
        case 0:
            return spoiled(rng, data)
        case 1:
            return b"\xef\xbb\xbf" + data
        case 2:
            return text.encode("utf-16", "surrogatepass")
        case 3:
            return text.encode("gbk", "replace")
        case _:
            return data


def _written(value: Any) -> str:
    """Write JSON without recursion's limit and without the limit on digits."""
    import json

    depth = 0
    while isinstance(value, list) and len(value) == 1:
        value, depth = value[0], depth + 1
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(str(name))}: {_written(item)}" for name, item in value.items())
        text = f"{{{inner}}}"
    elif isinstance(value, list):
        text = f"[{', '.join(map(_written, value))}]"
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**100:
        text = f"{'-' if value < 0 else ''}1{'0' * 400}"
    else:
        text = json.dumps(value)
    return "[" * depth + text + "]" * depth
