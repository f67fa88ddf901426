"""The versions in an ONNX file, read without the ``onnx`` package: for messages about a file that does not open.

An ONNX file is a protobuf message ``ModelProto`` (onnx/onnx.proto); its fields 1 and 8 are walked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_IR_VERSION, _GRAPH, _OPSETS = 1, 7, 8
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class Header:
    """What an ONNX file says of itself.

    Attributes:
        ir_version: Version of the file format.
        opsets: Version of each set of operators; the standard one is called ``ai.onnx``.
    """

    ir_version: int
    opsets: dict[str, int]


def read(file: Path) -> Header | None:
    """Return the versions; None where the file is no whole ONNX file."""
    try:
        fields = _fields(memoryview(file.read_bytes()))
    except (OSError, IndexError, ValueError):
        return None
    versions = [value for number, value in fields if number == _IR_VERSION and isinstance(value, int)]
    if not versions or not any(number == _GRAPH for number, _ in fields):
        return None
    opsets = [_opset(value) for number, value in fields if number == _OPSETS and isinstance(value, memoryview)]
    return Header(versions[0], dict(opsets))


def _opset(data: memoryview) -> tuple[str, int]:
    domain, version = "ai.onnx", 1
    for number, value in _fields(data):
        if number == 1 and isinstance(value, memoryview):
            domain = bytes(value).decode("utf-8", "replace") or domain
        elif number == 2 and isinstance(value, int):
            version = value
    return domain, version


def _fields(data: memoryview) -> list[tuple[int, int | memoryview]]:
    """Split a protobuf message into its fields: numbers, and the bytes of everything that is longer."""
    found: list[tuple[int, int | memoryview]] = []
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _varint(data, place)
            found.append((number, value))
            continue
        if kind == _BYTES:
            size, place = _varint(data, place)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError("no protobuf message")
        if number == 0 or place + size > len(data):
            raise ValueError("no whole protobuf message")
        found.append((number, data[place : place + size]))
        place += size
    return found


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("no whole number")
