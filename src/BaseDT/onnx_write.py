"""An ONNX file written node by node, without any package.

Everybody may call it. The numbers are those of the fields in onnx/onnx.proto, as in ``onnx_file``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.protobuf import integer, message, real, text

IR_VERSION, OPSET = 6, 11
"""What the runtimes of boards read."""
FLOAT, _INT64 = 1, 7
_FLOAT_ATTRIBUTE, _INT_ATTRIBUTE, _TEXT_ATTRIBUTE, _INTS_ATTRIBUTE = 1, 2, 3, 7

Attribute: TypeAlias = "int | float | str | Sequence[int]"
Values: TypeAlias = "npt.NDArray[Any]"
Size: TypeAlias = "int | str"

_MOST_SHARED = 64
"""Numbers of a constant that is looked for among those already stored: bounds, sizes, axes."""


def tensor(number: int, name: str, values: Values) -> bytes:
    """Encode an initializer (``TensorProto``) as a field: float32, or int64 where the values are whole numbers."""
    whole = values.dtype.kind in "iu"
    sizes = b"".join(integer(1, size) for size in values.shape)
    raw = np.ascontiguousarray(values, "<i8" if whole else "<f4").tobytes()
    return message(number, sizes, integer(2, _INT64 if whole else FLOAT), text(8, name), message(9, raw))


@dataclass
class OnnxGraph:
    """A network that is being written: nodes in the order of their computation, values by name.

    Attributes:
        name: What the graph is called.
    """

    name: str
    _nodes: list[bytes] = field(default_factory=list)
    _initializers: list[bytes] = field(default_factory=list)
    _inputs: list[bytes] = field(default_factory=list)
    _outputs: list[bytes] = field(default_factory=list)
    _shared: dict[tuple[str, tuple[int, ...], bytes], str] = field(default_factory=dict)
    _count: int = 0

    def add_input(self, name: str, shape: Sequence[Size]) -> str:
        """Declare an input of float32; a size that is a text may be any. Returns its name."""
        self._inputs.append(_value_info(11, name, shape))
        return name

    def constant(self, values: npt.ArrayLike) -> str:
        """Store values as float32, or as int64 where they are whole numbers, equal ones once; returns their name."""
        array = np.asarray(values)
        array = array.astype(np.int64 if array.dtype.kind in "iu" else np.float32)
        if array.size > _MOST_SHARED:
            return self._stored(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._shared:
            self._shared[key] = self._stored(array)
        return self._shared[key]

    def named(self, name: str, values: npt.ArrayLike) -> str:
        """Store values as float32 under a name of their own; returns it."""
        self._initializers.append(tensor(5, name, np.asarray(values, np.float32)))
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Attribute) -> str:
        """Add a node of one output; returns that output's name.

        Args:
            operator: Name of the operator in the standard set.
            inputs: Names of values; an empty one is an input that is left out.
            output: The output's name; empty: a new one.
            attributes: The operator's.
        """
        name = output or self._fresh(operator.lower())
        self._nodes.append(_node(operator, inputs, name, attributes))
        return name

    def add_output(self, name: str, shape: Sequence[Size]) -> None:
        """Declare a value as an output of float32."""
        self._outputs.append(_value_info(12, name, shape))

    def encoded(self, metadata: Mapping[str, str], producer: str = "mmedu") -> bytes:
        """Return the whole file.

        Args:
            metadata: Properties by key.
            producer: Name of the program that wrote it.
        """
        graph = (*self._nodes, text(2, self.name), *self._initializers, *self._inputs, *self._outputs)
        properties = (message(14, text(1, key), text(2, value)) for key, value in metadata.items())
        opset = message(8, text(1, ""), integer(2, OPSET))
        return b"".join([integer(1, IR_VERSION), text(2, producer), message(7, *graph), opset, *properties])

    def _stored(self, array: Values) -> str:
        name = self._fresh("constant")
        self._initializers.append(tensor(5, name, array))
        return name

    def _fresh(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"


def _node(operator: str, inputs: Sequence[str], output: str, attributes: Mapping[str, Attribute]) -> bytes:
    encoded = (_attribute(name, value) for name, value in attributes.items())
    return message(
        1, *(text(1, name) for name in inputs), text(2, output), text(3, output), text(4, operator), *encoded
    )


def _attribute(name: str, value: Attribute) -> bytes:
    """Encode an ``AttributeProto``."""
    if isinstance(value, str):
        parts, kind = [text(4, value)], _TEXT_ATTRIBUTE
    elif isinstance(value, int):
        parts, kind = [integer(3, value)], _INT_ATTRIBUTE
    elif isinstance(value, float):
        parts, kind = [real(2, value)], _FLOAT_ATTRIBUTE
    else:
        parts, kind = [integer(8, int(number)) for number in value], _INTS_ATTRIBUTE
    return message(5, text(1, name), *parts, integer(20, kind))


def _value_info(number: int, name: str, shape: Sequence[Size]) -> bytes:
    """Encode an input or output (``ValueInfoProto``) of float32."""
    sizes = [message(1, text(2, size) if isinstance(size, str) else integer(1, int(size))) for size in shape]
    kind = message(1, integer(1, FLOAT), message(2, *sizes))
    return message(number, text(1, name), message(2, kind))
