"""A ``.tflite`` network as an ONNX file: for the convolutional networks of the presets, and no others.

TFLite keeps pictures as (N, H, W, C), ONNX as (N, C, H, W): here every value of four axes is turned once and for all,
weights when they are written, so that transposes are left only where a picture becomes rows of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from BaseDT.onnx_write import OnnxGraph
from XEdu.weights.tflite import CUSTOM, Operator, TfliteModel, Values, parse

VERSION = 1
"""Grows with every change of what is written: files of another version are made again."""

_RELU, _RELU6 = 1, 3
_VALID = 1
_AXES = {0: 0, 1: 2, 2: 3, 3: 1}
"""Where an axis of (N, H, W, C) is in (N, C, H, W)."""


def convert(data: bytes, outputs: Sequence[str], metadata: Mapping[str, str]) -> bytes:
    """Write a network as an ONNX file (opset 11, IR 6) of one input, ``input``, (1, C, H, W), float32.

    Args:
        data: The ``.tflite`` file.
        outputs: What its outputs are called, in the file's order; those of four axes are (1, C, H, W). One without a
            name is left out, and so is what only it needs.
        metadata: Properties of the file.

    Raises:
        ValueError: It is no such file, or has an operator that no network here has.
    """
    try:
        return _converted(parse(data), outputs, metadata)
    except LookupError as error:
        raise ValueError("the file contradicts itself") from error


def _converted(model: TfliteModel, outputs: Sequence[str], metadata: Mapping[str, str]) -> bytes:
    if len(model.inputs) != 1 or len(model.outputs) != len(outputs):
        raise ValueError(f"{len(model.inputs)} inputs and {len(model.outputs)} outputs")
    conversion = _Conversion(model)
    conversion.values[model.inputs[0]] = conversion.graph.add_input("input", _nchw(model.shapes[model.inputs[0]]))
    named = [(index, name) for index, name in zip(model.outputs, outputs, strict=True) if name]
    for operator in _needed(model, {index for index, _ in named}):
        conversion.add(operator)
    for index, name in named:
        conversion.graph.add_output(
            conversion.graph.add("Identity", [conversion.value(index)], name), _nchw(model.shapes[index])
        )
    return conversion.graph.encoded(metadata)


def _needed(model: TfliteModel, tensors: set[int]) -> list[Operator]:
    """Return the operators that some tensors are computed by, in their order."""
    operators = []
    for operator in reversed(model.operators):
        if not tensors.isdisjoint(operator.outputs):
            operators.append(operator)
            tensors.update(operator.inputs)
    return operators[::-1]


def _nchw(shape: Sequence[int]) -> tuple[int, ...]:
    return (shape[0], shape[3], shape[1], shape[2]) if len(shape) == 4 else tuple(shape)


def same_padding(size: int, kernel: int, stride: int, dilation: int, out: int) -> tuple[int, int]:
    """Return what is put before and behind an axis: with "same" the odd one comes behind."""
    total = max((out - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


@dataclass
class _Conversion:
    """A network on its way: the graph that is written, and what each tensor is called in it."""

    model: TfliteModel
    graph: OnnxGraph = field(default_factory=lambda: OnnxGraph("network"))
    values: dict[int, str] = field(default_factory=dict)

    def add(self, operator: Operator) -> None:
        """Write one operator."""
        write = _CUSTOM.get(operator.custom) if operator.code == CUSTOM else _OPERATORS.get(operator.code)
        if write is None:
            raise ValueError(f"the operator {operator.custom or operator.code} is not known")
        write(self, operator)

    def value(self, index: int) -> str:
        """Return what a tensor is called; a constant is written."""
        if index not in self.values:
            self.values[index] = self.graph.constant(self.model.constants[index])
        return self.values[index]

    def operand(self, index: int, axes: int) -> str:
        """Return a tensor that is added or multiplied to one of so many axes; a constant is turned as that is."""
        constant = self.model.constants.get(index)
        if constant is None or axes != 4 or constant.size == 1:
            return self.value(index)
        picture = constant.reshape((1,) * (4 - constant.ndim) + constant.shape)
        return self.graph.constant(picture.transpose(0, 3, 1, 2))

    def shape(self, index: int) -> tuple[int, ...]:
        """Return a tensor's shape, as TFLite has it."""
        return self.model.shapes[index]

    def activated(self, value: str, activation: int) -> str:
        """Return a value behind the activation that its operator has."""
        if activation == _RELU:
            return self.graph.add("Relu", [value])
        if activation == _RELU6:
            return self.graph.add("Clip", [value, self.scalar(0), self.scalar(6)])
        if activation:
            raise ValueError(f"the activation {activation} is not known")
        return value

    def scalar(self, value: float) -> str:
        """Write a number."""
        return self.graph.constant(np.float32(value))

    def weights(self, index: int) -> Values:
        """Return a constant's numbers."""
        if index not in self.model.constants:
            raise ValueError("weights that are no constant")
        return self.model.constants[index]


def _stored(conversion: _Conversion, operator: Operator) -> None:
    """Half precision made full, or sparse made dense: constants are read so."""
    source, result = operator.inputs[0], operator.outputs[0]
    if source in conversion.model.constants:
        conversion.model.constants[result] = conversion.model.constants[source]
    else:
        conversion.values[result] = conversion.value(source)


def _convolution(conversion: _Conversion, operator: Operator) -> None:
    dilations = operator.option(5, default=1), operator.option(4, default=1)
    kernel = conversion.weights(operator.inputs[1]).transpose(0, 3, 1, 2)
    _convolved(conversion, operator, kernel, 1, dilations, operator.option(3, "b"))


def _depthwise(conversion: _Conversion, operator: Operator) -> None:
    dilations = operator.option(6, default=1), operator.option(5, default=1)
    kernel = conversion.weights(operator.inputs[1]).transpose(3, 0, 1, 2)
    groups = conversion.shape(operator.inputs[0])[3]
    _convolved(conversion, operator, kernel, groups, dilations, operator.option(4, "b"))


def _convolved(
    conversion: _Conversion,
    operator: Operator,
    kernel: Values,
    groups: int,
    dilations: tuple[int, int],
    activation: int,
) -> None:
    source, _, *bias = operator.inputs
    strides = operator.option(2), operator.option(1)
    inputs = [conversion.value(source), conversion.graph.constant(kernel)]
    if bias and bias[0] >= 0:
        inputs.append(conversion.graph.constant(conversion.weights(bias[0])))
    result = conversion.graph.add(
        "Conv",
        inputs,
        kernel_shape=kernel.shape[2:],
        strides=strides,
        dilations=dilations,
        group=groups,
        pads=_pads(conversion, operator, kernel.shape[2:], strides, dilations),
    )
    conversion.values[operator.outputs[0]] = conversion.activated(result, activation)


def _pads(
    conversion: _Conversion,
    operator: Operator,
    kernel: Sequence[int],
    strides: tuple[int, int],
    dilations: tuple[int, int] = (1, 1),
) -> tuple[int, ...]:
    """Return the padding as ONNX has it: before each axis, then behind each."""
    if operator.option(0, "b") == _VALID:
        return (0, 0, 0, 0)
    sizes, out = conversion.shape(operator.inputs[0])[1:3], conversion.shape(operator.outputs[0])[1:3]
    before, behind = zip(*map(same_padding, sizes, kernel, strides, dilations, out), strict=True)
    return (*before, *behind)


def _pool(kind: str) -> Callable[[_Conversion, Operator], None]:
    def write(conversion: _Conversion, operator: Operator) -> None:
        kernel, strides = (operator.option(4), operator.option(3)), (operator.option(2), operator.option(1))
        pads = _pads(conversion, operator, kernel, strides)
        result = conversion.graph.add(
            kind, [conversion.value(operator.inputs[0])], kernel_shape=kernel, strides=strides, pads=pads
        )
        conversion.values[operator.outputs[0]] = conversion.activated(result, operator.option(5, "b"))

    return write


def _transposed_convolution(conversion: _Conversion, operator: Operator) -> None:
    """MediaPipe's own operator; its options are a padding and two strides as int32."""
    source, weights, bias = operator.inputs
    kernel = conversion.weights(weights).transpose(3, 0, 1, 2)
    _, stride_w, stride_h = np.frombuffer(operator.custom_options, "<i4", 3)
    strides = int(stride_h), int(stride_w)
    sizes, out = conversion.shape(source)[1:3], conversion.shape(operator.outputs[0])[1:3]
    total = [(n - 1) * s + k - o for n, s, k, o in zip(sizes, strides, kernel.shape[2:], out, strict=True)]
    pads = (total[0] // 2, total[1] // 2, total[0] - total[0] // 2, total[1] - total[1] // 2)
    graph = conversion.graph
    inputs = [conversion.value(source), graph.constant(kernel), graph.constant(conversion.weights(bias))]
    conversion.values[operator.outputs[0]] = graph.add(
        "ConvTranspose", inputs, kernel_shape=kernel.shape[2:], strides=strides, pads=pads
    )


def _arithmetic(kind: str) -> Callable[[_Conversion, Operator], None]:
    def write(conversion: _Conversion, operator: Operator) -> None:
        axes = len(conversion.shape(operator.outputs[0]))
        result = conversion.graph.add(kind, [conversion.operand(index, axes) for index in operator.inputs])
        conversion.values[operator.outputs[0]] = conversion.activated(result, operator.option(0, "b"))

    return write


def _plain(kind: str) -> Callable[[_Conversion, Operator], None]:
    def write(conversion: _Conversion, operator: Operator) -> None:
        conversion.values[operator.outputs[0]] = conversion.graph.add(kind, [conversion.value(operator.inputs[0])])

    return write


def _relu6(conversion: _Conversion, operator: Operator) -> None:
    conversion.values[operator.outputs[0]] = conversion.activated(conversion.value(operator.inputs[0]), _RELU6)


def _prelu(conversion: _Conversion, operator: Operator) -> None:
    """x a + relu(x) (1 - a): PRelu of onnxruntime takes several times as long as the convolution before it."""
    source, slopes = operator.inputs
    graph, value = conversion.graph, conversion.value(source)
    slope = conversion.weights(slopes).reshape(-1, 1, 1)
    positive = graph.add("Mul", [graph.add("Relu", [value]), graph.constant(1 - slope)])
    scaled = graph.add("Mul", [value, graph.constant(slope)])
    conversion.values[operator.outputs[0]] = graph.add("Add", [positive, scaled])


def _hard_swish(conversion: _Conversion, operator: Operator) -> None:
    """x relu6(x + 3) / 6 (Howard et al. 2019, "Searching for MobileNetV3")."""
    graph, source = conversion.graph, conversion.value(operator.inputs[0])
    gate = conversion.activated(graph.add("Add", [source, conversion.scalar(3)]), _RELU6)
    scaled = graph.add("Mul", [gate, conversion.scalar(1 / 6)])
    conversion.values[operator.outputs[0]] = graph.add("Mul", [source, scaled])


def _pad(conversion: _Conversion, operator: Operator) -> None:
    source, amounts = operator.inputs
    pairs = conversion.weights(amounts).reshape(-1, 2)
    pairs = pairs[list(_nchw(range(4)))] if len(pairs) == 4 else pairs
    inputs = [conversion.value(source), conversion.graph.constant(pairs.T.reshape(-1))]
    conversion.values[operator.outputs[0]] = conversion.graph.add("Pad", inputs, mode="constant")


def _resize(conversion: _Conversion, operator: Operator) -> None:
    modes = {(0, 0): "asymmetric", (1, 0): "align_corners", (0, 1): "half_pixel"}
    result = operator.outputs[0]
    graph, empty = conversion.graph, conversion.graph.constant(np.zeros(0, np.float32))
    sizes = graph.constant(np.array(_nchw(conversion.shape(result)), np.int64))
    conversion.values[result] = graph.add(
        "Resize",
        [conversion.value(operator.inputs[0]), empty, empty, sizes],
        mode="linear",
        coordinate_transformation_mode=modes[operator.option(2, "b"), operator.option(3, "b")],
    )


def _depth_to_space(conversion: _Conversion, operator: Operator) -> None:
    conversion.values[operator.outputs[0]] = conversion.graph.add(
        "DepthToSpace", [conversion.value(operator.inputs[0])], blocksize=operator.option(0), mode="DCR"
    )


def _mean(conversion: _Conversion, operator: Operator) -> None:
    source, axes = operator.inputs
    count = len(conversion.shape(source))
    known = [int(axis) % count for axis in conversion.weights(axes).reshape(-1)]
    turned = sorted(_AXES[axis] for axis in known) if count == 4 else known
    conversion.values[operator.outputs[0]] = conversion.graph.add(
        "ReduceMean", [conversion.value(source)], axes=turned, keepdims=operator.option(0, "b")
    )


def _reshape(conversion: _Conversion, operator: Operator) -> None:
    source, result = operator.inputs[0], operator.outputs[0]
    shape, graph = conversion.shape(result), conversion.graph
    value = _rows(conversion, source)
    if len(shape) == 4 and not _same_order(shape):
        value = graph.add("Reshape", [value, graph.constant(np.array(shape, np.int64))])
        conversion.values[result] = graph.add("Transpose", [value], perm=(0, 3, 1, 2))
    else:
        conversion.values[result] = graph.add("Reshape", [value, graph.constant(np.array(_nchw(shape), np.int64))])


def _rows(conversion: _Conversion, index: int) -> str:
    """Return a tensor whose numbers lie in the order that TFLite has."""
    shape, value = conversion.shape(index), conversion.value(index)
    return value if _same_order(shape) else conversion.graph.add("Transpose", [value], perm=(0, 2, 3, 1))


def _same_order(shape: Sequence[int]) -> bool:
    """Whether numbers lie in the same order for both: one pixel, or one channel, or no picture."""
    return len(shape) != 4 or shape[3] == 1 or shape[1] * shape[2] == 1


def _concatenation(conversion: _Conversion, operator: Operator) -> None:
    count = len(conversion.shape(operator.outputs[0]))
    axis = operator.option(0) % count
    values = [conversion.value(index) for index in operator.inputs]
    result = conversion.graph.add("Concat", values, axis=_AXES[axis] if count == 4 else axis)
    conversion.values[operator.outputs[0]] = conversion.activated(result, operator.option(1, "b"))


def _fully_connected(conversion: _Conversion, operator: Operator) -> None:
    source, weights, *bias = operator.inputs
    graph, kernel = conversion.graph, conversion.weights(weights)
    rows = graph.add("Reshape", [_rows(conversion, source), graph.constant(np.array([-1, kernel.shape[1]], np.int64))])
    inputs = [rows, graph.constant(kernel)]
    if bias and bias[0] >= 0:
        inputs.append(graph.constant(conversion.weights(bias[0])))
    result = conversion.activated(graph.add("Gemm", inputs, transB=1), operator.option(0, "b"))
    if len(conversion.shape(operator.outputs[0])) != 2:
        raise ValueError("rows of more than two axes")
    conversion.values[operator.outputs[0]] = result


_OPERATORS: dict[int, Callable[[_Conversion, Operator], None]] = {
    0: _arithmetic("Add"),
    1: _pool("AveragePool"),
    2: _concatenation,
    3: _convolution,
    4: _depthwise,
    5: _depth_to_space,
    6: _stored,
    9: _fully_connected,
    14: _plain("Sigmoid"),
    17: _pool("MaxPool"),
    18: _arithmetic("Mul"),
    19: _plain("Relu"),
    21: _relu6,
    22: _reshape,
    23: _resize,
    34: _pad,
    40: _mean,
    54: _prelu,
    117: _hard_swish,
    124: _stored,
}
_CUSTOM = {"Convolution2DTransposeBias": _transposed_convolution}
