"""Writing protobuf messages, field by field: what ``onnx_replace`` and ``onnx_write`` share. Reading: ``onnx_file``."""

from __future__ import annotations

import struct

from BaseDT.onnx_file import BYTES, FIXED32, VARINT

_UNSIGNED = (1 << 64) - 1


def key(number: int, kind: int) -> bytes:
    """Encode what stands before a field: its number and its kind."""
    return varint(number << 3 | kind)


def varint(value: int) -> bytes:
    """Encode a whole number; a negative one takes ten bytes."""
    value &= _UNSIGNED
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def integer(number: int, value: int) -> bytes:
    """Encode a field that is a whole number."""
    return key(number, VARINT) + varint(value)


def real(number: int, value: float) -> bytes:
    """Encode a field that is a float of 32 bits."""
    return key(number, FIXED32) + struct.pack("<f", value)


def message(number: int, *parts: bytes) -> bytes:
    """Encode a field that is a message, of its encoded fields, or bytes."""
    content = b"".join(parts)
    return key(number, BYTES) + varint(len(content)) + content


def text(number: int, value: str) -> bytes:
    """Encode a field that is a text."""
    return message(number, value.encode("utf-8"))
