"""An ONNX file with other tensors, sizes and properties in it, all else byte by byte as it was; without any package.

Everybody may call it. The numbers are those of the fields in onnx/onnx.proto, as in ``onnx_file``.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.onnx_file import BYTES, VARINT, fields, text
from BaseDT.onnx_write import FLOAT, tensor
from BaseDT.protobuf import integer, key, message, varint
from BaseDT.protobuf import text as text_field

_Parts: TypeAlias = "list[bytes | memoryview]"


@dataclass(frozen=True)
class Replacements:
    """What is put into a file.

    Attributes:
        tensors: Initializers by name, float32, of whichever shape.
        last_sizes: The size of the last axis of outputs (float32) by name.
        metadata: Properties by key; others stay.
        ir_version: Of the file format; None leaves it.
    """

    tensors: Mapping[str, npt.NDArray[np.float32]]
    last_sizes: Mapping[str, int]
    metadata: Mapping[str, str]
    ir_version: int | None = None


@dataclass(frozen=True)
class _Field:
    """A field of a message: its number, its kind, and where it, and what it holds, lies in the file."""

    number: int
    kind: int
    begin: int
    content: int
    end: int


def float_tensors(path: Path) -> set[str]:
    """Name the initializers that hold float32; their values are skipped.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no whole ONNX file.
    """
    with path.open("rb") as file:
        model = _whole(os.fstat(file.fileno()).st_size)
        tensors = (tensor for graph in _of(file, model, 7) for tensor in _of(file, graph, 5))
        return {_name(file, tensor, 8) for tensor in tensors if _number(file, tensor, 2) == FLOAT}


def replaced(data: bytes, new: Replacements) -> bytes:
    """Return a file with replacements in it.

    Args:
        data: The whole file.
        new: What is put into it.

    Raises:
        ValueError: It is no whole ONNX file, or lacks a tensor or an output of these names.
    """
    file, view = io.BytesIO(data), memoryview(data)  # neither copies: the file is as large as the memory is small
    missing = {*new.tensors, *new.last_sizes}
    parts: _Parts = []
    for field in _fields(file, _whole(len(data))):
        if (field.number, field.kind) == (7, BYTES):
            graph = _graph(file, view, field, new, missing)
            parts += [key(7, BYTES), varint(sum(map(len, graph))), *graph]
        elif (field.number, field.kind) == (1, VARINT) and new.ir_version is not None:
            parts.append(integer(1, new.ir_version))
        elif not (field.number == 14 and _name(file, field, 1) in new.metadata):
            parts.append(view[field.begin : field.end])
    if missing:
        raise ValueError(f"the file has no {', '.join(sorted(missing))}")
    parts += [message(14, text_field(1, name), text_field(2, value)) for name, value in new.metadata.items()]
    return b"".join(parts)


def _graph(file: BinaryIO, view: memoryview, graph: _Field, new: Replacements, missing: set[str]) -> _Parts:
    """Return the parts of the graph; what is replaced is taken out of ``missing``."""
    parts: _Parts = []
    for field in _fields(file, graph):
        part: bytes | memoryview = view[field.begin : field.end]
        if field.number == 5 and (name := _name(file, field, 8)) in new.tensors:
            part = tensor(5, name, new.tensors[name])
            missing.discard(name)
        elif field.number == 12 and (name := _name(file, field, 1)) in new.last_sizes:
            part = _output(file, view, field, name, new.last_sizes[name])
            missing.discard(name)
        parts.append(part)
    return parts


def _output(file: BinaryIO, view: memoryview, field: _Field, name: str, last_size: int) -> bytes:
    """Encode an output (``ValueInfoProto``) whose last axis has another size."""
    sizes = [
        bytes(view[size.begin : size.end])
        for kind in _of(file, field, 2)
        for tensor in _of(file, kind, 1)
        for shape in _of(file, tensor, 2)
        for size in _of(file, shape, 1)
    ]
    shape_of_it = b"".join([*sizes[:-1], message(1, integer(1, last_size))])
    return message(12, text_field(1, name), message(2, message(1, integer(1, FLOAT), message(2, shape_of_it))))


# --- reading ---------------------------------------------------------------------------------------------------------


def _whole(size: int) -> _Field:
    return _Field(0, BYTES, 0, 0, size)


def _fields(file: BinaryIO, message: _Field) -> Iterator[_Field]:
    """Walk the fields of a message."""
    begin = message.content
    file.seek(begin)
    for number, kind, value in fields(file, message.end):
        content = file.tell()
        end = content if kind == VARINT else value
        yield _Field(number, kind, begin, content, end)
        begin = end


def _of(file: BinaryIO, message: _Field, number: int) -> Iterator[_Field]:
    return (field for field in _fields(file, message) if (field.number, field.kind) == (number, BYTES))


def _name(file: BinaryIO, message: _Field, number: int) -> str:
    for field in _of(file, message, number):
        file.seek(field.content)
        return text(file, field.end)
    return ""


def _number(file: BinaryIO, message: _Field, number: int) -> int:
    file.seek(message.content)
    return next((value for at, kind, value in fields(file, message.end) if (at, kind) == (number, VARINT)), 0)
