"""What lies in a ``.tflite`` file: tensors, constants and operators, as far as convolutional networks need them.

The numbers are those of the fields in tensorflow/lite/schema/schema.fbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from XEdu.weights.flatbuffer import Table, root

Values: TypeAlias = "npt.NDArray[Any]"

_IDENTIFIER = b"TFL3"
_TYPES = {0: "f4", 1: "f2", 2: "i4", 3: "u1", 4: "i8", 9: "i1"}
_INDEX_TYPES = {1: "i4", 2: "u2", 3: "u1"}
CUSTOM = 32


@dataclass(frozen=True)
class Operator:
    """One step of a network.

    Attributes:
        code: Its number in the schema; 32 is one that the schema does not know.
        custom: The name of such a one.
        inputs: Tensors that it takes; -1 is one that is left out.
        outputs: Tensors that it gives.
        options: What it is told; None where nothing.
        custom_options: What one is told that the schema does not know.
    """

    code: int
    custom: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Table | None
    custom_options: bytes

    def option(self, field: int, kind: str = "i", default: int = 0) -> int:
        """Return a number among the options."""
        return self.options.number(field, kind, default) if self.options is not None else default


@dataclass(frozen=True)
class TfliteModel:
    """A network of a ``.tflite`` file: its first subgraph.

    Attributes:
        shapes: Of each tensor.
        names: Of each tensor.
        constants: Values of those tensors that are stored, as float32 where they are floats; sparse ones whole.
        operators: In the order of their computation.
        inputs: Tensors that it takes.
        outputs: Tensors that it gives.
    """

    shapes: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]
    constants: dict[int, Values]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def parse(data: bytes) -> TfliteModel:
    """Read a whole ``.tflite`` file.

    Raises:
        ValueError: It is none, is cut off, or holds what no network here needs.
    """
    model = root(data, _IDENTIFIER)
    graph, buffers, codes = model.tables(2)[0], model.tables(4), model.tables(1)
    tensors = graph.tables(0)
    return TfliteModel(
        shapes=tuple(_integers(tensor, 0) for tensor in tensors),
        names=tuple(tensor.text(3) for tensor in tensors),
        constants={
            index: values for index, tensor in enumerate(tensors) if (values := _constant(tensor, buffers)) is not None
        },
        operators=tuple(_operator(table, codes) for table in graph.tables(3)),
        inputs=_integers(graph, 1),
        outputs=_integers(graph, 2),
    )


def _integers(table: Table, field: int) -> tuple[int, ...]:
    return tuple(int(value) for value in table.array(field, "i4"))


def _operator(table: Table, codes: list[Table]) -> Operator:
    code = codes[table.number(0, "I")]
    return Operator(
        code=max(code.number(0, "b"), code.number(3, "i")),  # files before 2020 have the first only
        custom=code.text(1),
        inputs=_integers(table, 1),
        outputs=_integers(table, 2),
        options=table.table(4),
        custom_options=table.array(5, "u1").tobytes(),
    )


def _constant(tensor: Table, buffers: list[Table]) -> Values | None:
    data = buffers[tensor.number(2, "I")].array(0, "u1")
    if not data.size:
        return None
    kind = _TYPES.get(tensor.number(1, "b"))
    if kind is None:
        raise ValueError("a tensor of a kind that no network here has")
    values, shape = data.view(kind), _integers(tensor, 0)
    values = values.astype(np.float32) if values.dtype.kind == "f" else values
    sparsity = tensor.table(6)
    return values.reshape(shape) if sparsity is None else _dense(values, shape, sparsity)


def _dense(values: Values, shape: tuple[int, ...], sparsity: Table) -> Values:
    """Return a sparse tensor whole: every stored value is put where the levels of its storage say.

    A level is an axis of the tensor, or of a block of it. A dense level has all indices; a sparse one (CSR) the stored
    ones between two of its segments. Kjolstad et al. 2017, "The Tensor Algebra Compiler".
    """
    order, block_axes = _integers(sparsity, 0), _integers(sparsity, 1)
    levels = sparsity.tables(2)
    blocks = {axis: levels[order.index(len(shape) + at)].number(1, "i") for at, axis in enumerate(block_axes)}
    parents, indices = np.zeros(1, np.int64), list[Values]()
    for level in levels:
        parents, source, index = _expanded(parents, level)
        indices = [*(known[source] for known in indices), index]
    position = [np.zeros(len(parents), np.int64) for _ in shape]
    for axis, index in zip(order, indices, strict=True):
        if axis >= len(shape):
            position[block_axes[axis - len(shape)]] += index
        else:
            position[axis] += blocks.get(axis, 1) * index
    whole = np.zeros(shape, values.dtype)
    whole[tuple(position)] = values[parents]
    return whole


def _expanded(parents: Values, level: Table) -> tuple[Values, Values, Values]:
    """Go one level down: positions in the level's storage, which parent each has, and its index on the axis."""
    if level.number(0, "b") == 0:
        size = level.number(1, "i")
        index = np.tile(np.arange(size), len(parents))
        source = np.repeat(np.arange(len(parents)), size)
        return parents[source] * size + index, source, index
    segments, stored = _packed(level, 2), _packed(level, 4)
    counts = (segments[1:] - segments[:-1])[parents]
    source = np.repeat(np.arange(len(parents)), counts)
    first = np.cumsum(counts) - counts
    positions = segments[parents][source] + np.arange(len(source)) - first[source]
    return positions, source, stored[positions]


def _packed(level: Table, field: int) -> Values:
    """Read numbers that are stored in as few bytes as they need."""
    vector = level.table(field + 1)
    if vector is None:
        raise ValueError("a sparse axis without indices")
    return vector.array(0, _INDEX_TYPES[level.number(field, "B")]).astype(np.int64)
