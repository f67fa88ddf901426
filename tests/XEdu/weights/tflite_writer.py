"""Tiny ``.tflite`` files for tests: a FlatBuffer writer, and networks of one operator."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Table:
    """Fields by number: ``("i", 5)`` is a number with its letter in ``struct``; texts, bytes, arrays, tables, lists."""

    fields: dict[int, Any] = field(default_factory=dict)


def flatbuffer(root: Table, identifier: bytes = b"TFL3") -> bytes:
    out = bytearray(4) + identifier
    struct.pack_into("<I", out, 0, _table(out, root))
    return bytes(out)


def _align(out: bytearray, size: int = 8) -> None:
    out.extend(bytes(-len(out) % size))


def _table(out: bytearray, table: Table) -> int:
    """Write a table, what it refers to behind it; returns where it begins."""
    count = max(table.fields, default=-1) + 1
    offsets = {number: 8 * (index + 1) for index, number in enumerate(sorted(table.fields))}
    _align(out)
    vtable = len(out)
    out.extend(struct.pack("<HH", 4 + 2 * count, 8 * (len(offsets) + 1)))
    out.extend(struct.pack(f"<{count}H", *(offsets.get(number, 0) for number in range(count))))
    _align(out)
    begin = len(out)
    out.extend(struct.pack("<i", begin - vtable) + bytes(4 + 8 * len(offsets)))
    for number, value in table.fields.items():
        place = begin + offsets[number]
        if isinstance(value, tuple):
            struct.pack_into(f"<{value[0]}", out, place, value[1])
        else:
            target = _target(out, value)
            struct.pack_into("<I", out, place, target - place)
    return begin


def _target(out: bytearray, value: Any) -> int:
    if isinstance(value, Table):
        return _table(out, value)
    _align(out)
    begin = len(out)
    if isinstance(value, list):
        out.extend(struct.pack("<I", len(value)) + bytes(4 * len(value)))
        for index, item in enumerate(value):
            place = begin + 4 + 4 * index
            target = _target(out, item)
            struct.pack_into("<I", out, place, target - place)
        return begin
    if isinstance(value, str):
        value = value.encode("utf-8")
    data = value if isinstance(value, bytes) else np.ascontiguousarray(value).tobytes()
    count = len(value) if isinstance(value, bytes) else np.size(value)
    out.extend(struct.pack("<I", count) + data + b"\0")
    return begin


def i4(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


@dataclass
class Network:
    """A ``.tflite`` network that grows operator by operator."""

    tensors: list[Table] = field(default_factory=list)
    buffers: list[Table] = field(default_factory=lambda: [Table()])
    codes: list[Table] = field(default_factory=list)
    operators: list[Table] = field(default_factory=list)

    def value(self, *shape: int, kind: int = 0) -> int:
        self.tensors.append(Table({0: i4(*shape), 1: ("b", kind), 2: ("I", 0), 3: f"张量{len(self.tensors)}"}))
        return len(self.tensors) - 1

    def constant(self, values: Any, kind: int | None = None, sparsity: Table | None = None, shape: Any = None) -> int:
        array = np.asarray(values)
        kinds = {"f4": 0, "f2": 1, "i4": 2, "u1": 3, "i8": 4}
        self.buffers.append(Table({0: array.tobytes()}))
        fields = {
            0: i4(*(array.shape if shape is None else shape)),
            1: ("b", kinds[array.dtype.str[1:]] if kind is None else kind),
            2: ("I", len(self.buffers) - 1),
        }
        self.tensors.append(Table({**fields, **({} if sparsity is None else {6: sparsity})}))
        return len(self.tensors) - 1

    def operator(
        self,
        code: int,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: dict[int, Any] | None = None,
        custom: str = "",
        custom_options: bytes = b"",
    ) -> None:
        self.codes.append(Table({0: ("b", min(code, 127)), 1: custom, 3: ("i", code)}))
        self.operators.append(
            Table(
                {
                    0: ("I", len(self.codes) - 1),
                    1: i4(*inputs),
                    2: i4(*outputs),
                    4: Table(options or {}),
                    5: custom_options,
                }
            )
        )

    def data(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        graph = Table({0: self.tensors, 1: i4(*inputs), 2: i4(*outputs), 3: self.operators})
        return flatbuffer(Table({0: ("I", 3), 1: self.codes, 2: [graph], 4: self.buffers}))
