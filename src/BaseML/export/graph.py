"""``Graph``: ONNX operators one behind the other, in 64 bits, by their values' names.

Only operators that onnxruntime has had since 1.3 (2020) for 64 bits, and that mean the same from opset 10 on: sums are
products with ones, the best of a few is found one by one (of many by ``TopK``, since 1.8). So one graph is right for
every opset that may be asked for. https://github.com/onnx/onnx/blob/main/docs/Operators.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

ML_DOMAIN = "ai.onnx.ml"
ML_OPSET = 1
_FEW = 32
"""Columns up to which the largest is found one by one."""


class Graph:
    """Nodes and constants of a graph that is being written. Values are (N, something), N any number of rows."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._known: dict[bytes, str] = {}

    def constant(self, values: npt.ArrayLike, dtype: type = np.float64) -> str:
        """Add numbers; the same ones are stored once."""
        array: npt.NDArray[Any] = np.ascontiguousarray(values, dtype)
        key = repr((array.shape, array.dtype.str)).encode() + array.tobytes()
        if key not in self._known:
            self._known[key] = name = f"c{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(array, name))
        return self._known[key]

    def op(self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any) -> Any:
        """Add a node; returns the name of its output, or of each where there are several."""
        names = [f"v{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def add(self, left: str, right: str) -> str:
        """Add, with broadcasting."""
        return str(self.op("Add", left, right))

    def subtract(self, left: str, right: str) -> str:
        """Subtract, with broadcasting."""
        return str(self.op("Sub", left, right))

    def multiply(self, left: str, right: str) -> str:
        """Multiply, with broadcasting."""
        return str(self.op("Mul", left, right))

    def divide(self, left: str, right: str) -> str:
        """Divide, with broadcasting."""
        return str(self.op("Div", left, right))

    def matrix(self, left: str, right: npt.ArrayLike) -> str:
        """Multiply (…, A) with a constant (A, B)."""
        return str(self.op("MatMul", left, self.constant(right)))

    def reshape(self, value: str, *shape: int) -> str:
        """Give a value another shape; -1 is what follows from the rest."""
        return str(self.op("Reshape", value, self.constant(shape, np.int64)))

    def gather(self, table: str, numbers: str, axis: int = 0) -> str:
        """Take rows, or columns, of a table by their numbers."""
        return str(self.op("Gather", table, numbers, axis=axis))

    def column(self, value: str, number: int) -> str:
        """Take one column, (N, 1)."""
        return self.gather(value, self.constant([number], np.int64), axis=1)

    def total(self, value: str, width: int) -> str:
        """Sum (…, width) over its last axis: (…, 1)."""
        return self.matrix(value, np.ones((width, 1)))

    def as_float(self, value: str) -> str:
        """Return a value in 32 bits."""
        return str(self.op("Cast", value, to=TensorProto.FLOAT))

    def as_double(self, value: str) -> str:
        """Return a value in 64 bits."""
        return str(self.op("Cast", value, to=TensorProto.DOUBLE))

    def as_whole(self, value: str) -> str:
        """Return a value as whole numbers."""
        return str(self.op("Cast", value, to=TensorProto.INT64))

    def is_less(self, left: str, right: str) -> str:
        """Return 1 where the left is less, else 0, in 64 bits."""
        return self.as_double(self.op("Less", left, right))

    def largest(self, value: str, count: int) -> tuple[str, str]:
        """Return the largest of each row and where they are, both (N, count); of equal ones the first."""
        best, where = self.op("TopK", value, self.constant([count], np.int64), outputs=2, axis=-1)
        return best, where

    def highest(self, scores: str, width: int) -> str:
        """Return the largest of each row, (N, 1)."""
        if width > _FEW:
            return self.largest(scores, 1)[0]
        highest = self.column(scores, 0)
        for number in range(1, width):
            highest = self.op("Max", highest, self.column(scores, number))
        return highest

    def best(self, scores: str, width: int) -> str:
        """Return the number of the largest score of each row, (N,); of equal ones the first."""
        if width > _FEW:
            return self.reshape(self.largest(scores, 1)[1], -1)
        highest = self.column(scores, 0)
        where = self.is_less(highest, highest)  # 0 for each row
        for number in range(1, width):
            column = self.column(scores, number)
            better = self.is_less(highest, column)
            highest = self.op("Max", highest, column)
            kept = self.multiply(self.subtract(self.constant(1.0), better), where)
            where = self.add(kept, self.multiply(better, self.constant(float(number))))
        return self.reshape(self.as_whole(where), -1)

    def square(self, value: str) -> str:
        """Multiply a value with itself."""
        return self.multiply(value, value)

    def sigmoid(self, value: str) -> str:
        """Return 1 / (1 + exp(-x)): the operator itself came for 64 bits later."""
        one = self.constant(1.0)
        return self.divide(one, self.add(one, self.op("Exp", self.op("Neg", value))))

    def tanh(self, value: str) -> str:
        """Return 2 sigmoid(2x) - 1."""
        two = self.constant(2.0)
        return self.subtract(self.multiply(two, self.sigmoid(self.multiply(two, value))), self.constant(1.0))

    def softmax(self, scores: str, width: int) -> str:
        """Return scores (N, width) as shares."""
        powers = self.op("Exp", self.subtract(scores, self.highest(scores, width)))
        return self.divide(powers, self.total(powers, width))

    def squared_distances(self, rows: str, points: npt.NDArray[np.float64]) -> str:
        """Return the squared distances of rows (N, F) to points (M, F), (N, M): |x|² - 2xp + |p|².

        Both are moved first, so that large numbers take no digits from small differences.
        """
        middle = points.mean(axis=0)
        moved, centred = self.subtract(rows, self.constant(middle)), points - middle
        width = points.shape[1]
        cross = self.matrix(moved, -2 * centred.T)
        return self.add(self.add(self.total(self.square(moved), width), cross), self.constant((centred**2).sum(axis=1)))
