"""What an ONNX file says of itself, read without opening the model: versions, properties, shapes of its inputs.

Everybody may call it. An ONNX file is a protobuf message (``ModelProto`` in onnx/onnx.proto, whose field numbers are
used here); its weights are skipped, so that a large file costs no more than a small one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Kinds of a field: a number, or a text, bytes or a message."""
# More than any text of a header needs; what is longer is a mistake, or meant to fill the memory.
_LONGEST = 64 * 2**20

Shape: TypeAlias = tuple[int | None, ...]
# Number of a field, its kind, and its value: a number, or where its bytes end.
_Field: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class Header:
    """What an ONNX file says of itself.

    Attributes:
        ir_version: Version of the file format.
        opsets: Version of each set of operators; the standard one is called ``ai.onnx``.
        metadata: The properties (``metadata_props``).
        inputs: Shape of each input by its name; None where any size goes.
    """

    ir_version: int
    opsets: dict[str, int]
    metadata: dict[str, str]
    inputs: dict[str, Shape]


def read(path: Path) -> Header | None:
    """Return the header; None where the file is no whole ONNX file.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        try:
            return _header(file, os.fstat(file.fileno()).st_size)
        except ValueError:
            return None


def _header(file: BinaryIO, size: int) -> Header | None:
    version, opsets, metadata = 0, dict[str, int](), dict[str, str]()
    inputs: dict[str, Shape] | None = None
    for number, kind, value in fields(file, size):
        if (number, kind) == (1, VARINT):
            version = value
        elif (number, kind) == (7, BYTES):
            inputs = _inputs(file, value)
        elif (number, kind) == (8, BYTES):
            domain, opset = _pair(file, value)
            opsets[str(domain or "ai.onnx")] = opset if isinstance(opset, int) else 1
        elif (number, kind) == (14, BYTES):
            name, content = _pair(file, value)
            metadata[str(name)] = str(content)
    # Any short file is some message: one without a version or a graph is no model.
    return Header(version, opsets, metadata, inputs) if version and inputs is not None else None


def _inputs(file: BinaryIO, end: int) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    for number, kind, value in fields(file, end):
        if (number, kind) == (11, BYTES):
            name, shape = "", None
            for inner, how, last in fields(file, value):
                if (inner, how) == (1, BYTES):
                    name = text(file, last)
                elif (inner, how) == (2, BYTES):
                    shape = _shape(file, last)
            if shape is not None:
                shapes[name] = shape
    return shapes


def _shape(file: BinaryIO, end: int) -> Shape:
    """Read the sizes of a ``TypeProto``: its tensor type, of that the shape, of that the dimensions."""
    return tuple(
        next((value for number, kind, value in fields(file, dimension) if (number, kind) == (1, VARINT)), None)
        for tensor in _within(file, end, 1)
        for shape in _within(file, tensor, 2)
        for dimension in _within(file, shape, 1)
    )


def _within(file: BinaryIO, end: int, number: int) -> Iterator[int]:
    return (value for field_number, kind, value in fields(file, end) if (field_number, kind) == (number, BYTES))


def _pair(file: BinaryIO, end: int) -> tuple[str | int, str | int]:
    """Read a message of two fields, 1 and 2: an operator set, or a property."""
    values: dict[int, str | int] = {}
    for number, kind, value in fields(file, end):
        values[number] = text(file, value) if kind == BYTES else value
    return values.get(1, ""), values.get(2, "")


def fields(file: BinaryIO, end: int) -> Iterator[_Field]:
    """Walk the fields of the message from here to ``end``; whoever takes one may read it, or leave it."""
    while (position := file.tell()) < end:
        key = _varint(file)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, after = _varint(file), file.tell()
        elif kind in (BYTES, FIXED64, FIXED32):
            length = _varint(file) if kind == BYTES else 8 if kind == FIXED64 else 4
            value = after = file.tell() + length
        else:
            raise ValueError("no protobuf message")
        if number == 0 or after > end or after <= position:
            raise ValueError("no whole protobuf message")
        yield number, kind, value
        file.seek(after)


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            break
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("no whole number")


def text(file: BinaryIO, end: int) -> str:
    """Read a text from here to ``end``.

    Raises:
        ValueError: It is longer than any text of a header.
    """
    length = end - file.tell()
    if length > _LONGEST:
        raise ValueError("a text of that length belongs into no header")
    return file.read(length).decode("utf-8", "replace")
