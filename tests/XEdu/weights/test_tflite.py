"""``.tflite`` networks as ONNX: each operator against its formula, sparse and half weights, what cannot be."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tflite_writer import Network, Table, flatbuffer, i4

from BaseDT import onnx_file
from XEdu.weights import tflite
from XEdu.weights.flatbuffer import root
from XEdu.weights.tflite_to_onnx import convert

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(1, 6, 5, 3)).astype(np.float32)
"""As TFLite has it: one picture of 6 × 5 pixels and 3 channels."""

CONV, DEPTHWISE, SAME, VALID = 3, 4, 0, 1


def run(data: bytes, x: np.ndarray = X, names: Sequence[str] = ("out",)) -> list[np.ndarray]:
    """Convert, check and run; returns outputs as TFLite has them."""
    converted = convert(data, names, {"licence": "Apache-2.0"})
    model = onnx.load_from_string(converted)
    onnx.checker.check_model(model, full_check=True)
    assert (model.ir_version, model.opset_import[0].version) == (6, 11)
    session = onnxruntime.InferenceSession(converted, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == [1, x.shape[3], x.shape[1], x.shape[2]]
    outputs = session.run(None, {"input": x.transpose(0, 3, 1, 2)})
    assert [list(output.shape) for output in outputs] == [spec.shape for spec in session.get_outputs()]
    return [output.transpose(0, 2, 3, 1) if output.ndim == 4 else output for output in outputs]


def one(code: int, constants: Sequence[Any], shape: Sequence[int], options: Any = None, **more: Any) -> np.ndarray:
    """Run a network of one operator that takes the picture and constants."""
    network = Network()
    source = network.value(*X.shape)
    inputs = [source, *(network.constant(values) for values in constants)]
    result = network.value(*shape)
    network.operator(code, inputs, [result], options, **more)
    return run(network.data([source], [result]))[0]


def convolved(x: np.ndarray, kernel: np.ndarray, stride: int, padding: int, dilation: int = 1) -> np.ndarray:
    """Convolve by the definition; kernel (O, kh, kw, I)."""
    size = (kernel.shape[1] - 1) * dilation + 1
    height, width = x.shape[1:3]
    if padding == SAME:
        out = -(-height // stride), -(-width // stride)
        total = [max((o - 1) * stride + size - n, 0) for o, n in zip(out, (height, width), strict=True)]
        x = np.pad(x, ((0, 0), *((t // 2, t - t // 2) for t in total), (0, 0)))
    else:
        out = (height - size) // stride + 1, (width - size) // stride + 1
    result = np.zeros((1, *out, len(kernel)), np.float64)
    for row, column in np.ndindex(*out):
        part = x[0, row * stride :, column * stride :][:size:dilation, :size:dilation]
        result[0, row, column] = np.einsum("hwi,ohwi->o", part, kernel)
    return result


@pytest.mark.parametrize("padding", [SAME, VALID])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(3, 1, 1), (3, 2, 1), (2, 2, 1), (5, 2, 1), (3, 1, 2)])
def test_convolutions_are_padded_as_tensorflow_pads(padding, kernel, stride, dilation):
    weights = RANDOM.normal(size=(4, kernel, kernel, 3)).astype(np.float32)
    bias = RANDOM.normal(size=4).astype(np.float32)
    expected = convolved(X, weights, stride, padding, dilation) + bias
    options = {0: ("b", padding), 1: ("i", stride), 2: ("i", stride), 4: ("i", dilation), 5: ("i", dilation)}
    np.testing.assert_allclose(one(CONV, [weights, bias], expected.shape, options), expected, atol=1e-5)


def test_a_depthwise_convolution_with_relu6():
    weights = 3 * RANDOM.normal(size=(1, 3, 3, 3)).astype(np.float32)
    each = [convolved(X[..., c : c + 1], weights[..., c : c + 1].transpose(3, 1, 2, 0), 2, SAME) for c in range(3)]
    expected = np.concatenate(each, axis=3).clip(0, 6)
    options = {0: ("b", SAME), 1: ("i", 2), 2: ("i", 2), 3: ("i", 1), 4: ("b", 3)}
    result = one(DEPTHWISE, [weights, np.zeros(3, np.float32)], expected.shape, options)
    np.testing.assert_allclose(result, expected, atol=1e-5)
    assert 0 < (expected == 6).sum() < expected.size


def test_a_transposed_convolution_of_mediapipe():
    weights = RANDOM.normal(size=(2, 2, 2, 3)).astype(np.float32)
    expected = np.zeros((1, 12, 10, 2))
    for row, column in np.ndindex(6, 5):
        expected[0, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2] += np.einsum(
            "i,ohwi->hwo", X[0, row, column], weights
        )
    options = struct.pack("<3i", 1, 2, 2)
    name = "Convolution2DTransposeBias"
    bias = np.array([1, -1], np.float32)
    result = one(32, [weights, bias], expected.shape, custom=name, custom_options=options)
    np.testing.assert_allclose(result, expected + bias, atol=1e-5)


def pooled(reduce: Callable[..., Any]) -> np.ndarray:
    """Pool 3 × 3 by 2 with "same": what lies beside the picture does not count."""
    result = np.zeros((1, 3, 3, 3))
    for row, column in np.ndindex(3, 3):
        top, left = 2 * row, 2 * column - 1  # 6 rows lack one, which comes behind; 5 columns lack two
        result[0, row, column] = reduce(X[0, max(top, 0) : top + 3, max(left, 0) : left + 3], axis=(0, 1))
    return result


@pytest.mark.parametrize(("code", "reduce"), [(1, np.mean), (17, np.max)])
def test_pooling_leaves_padding_out(code, reduce):
    options = {0: ("b", SAME), 1: ("i", 2), 2: ("i", 2), 3: ("i", 3), 4: ("i", 3)}
    np.testing.assert_allclose(one(code, [], (1, 3, 3, 3), options), pooled(reduce), atol=1e-6)


def resized(corners: bool, middles: bool) -> np.ndarray:
    """Resize to 12 × 10, each axis by the definition in TensorFlow's documentation."""

    def axis(values: np.ndarray, size: int) -> np.ndarray:
        old = len(values)
        scale = (old - 1) / (size - 1) if corners else old / size
        place = np.arange(size) * scale if not middles else (np.arange(size) + 0.5) * scale - 0.5
        place = place.clip(0, old - 1)
        low = np.floor(place).astype(int)
        high, share = np.minimum(low + 1, old - 1), (place - low).reshape(-1, *(1,) * (values.ndim - 1))
        return values[low] * (1 - share) + values[high] * share

    return axis(axis(X[0], 12).swapaxes(0, 1), 10).swapaxes(0, 1)[None]


@pytest.mark.parametrize(("corners", "middles"), [(False, False), (True, False), (False, True)])
def test_the_three_ways_to_resize(corners, middles):
    options = {2: ("b", corners), 3: ("b", middles)}
    result = one(23, [i4(12, 10)], (1, 12, 10, 3), options)
    np.testing.assert_allclose(result, resized(corners, middles), atol=1e-5)


SLOPES = np.array([0.1, 0.5, -1], np.float32)
FORMULAS: dict[str, tuple[int, list[Any], dict[int, Any], np.ndarray]] = {
    "add": (0, [SLOPES], {}, X + SLOPES),
    "add, then relu": (0, [SLOPES], {0: ("b", 1)}, np.maximum(X + SLOPES, 0)),
    "multiply a row": (18, [X[:, :1]], {}, X * X[:, :1]),
    "multiply by a number": (18, [np.float32(3)], {}, X * 3),
    "relu": (19, [], {}, np.maximum(X, 0)),
    "relu6": (21, [], {}, X.clip(0, 6)),
    "logistic": (14, [], {}, 1 / (1 + np.exp(-X))),
    "hard swish": (117, [], {}, X * (X + 3).clip(0, 6) / 6),
    "prelu": (54, [SLOPES.reshape(1, 1, 3)], {}, np.where(X > 0, X, X * SLOPES)),
    "pad": (34, [i4(0, 0, 1, 2, 0, 3, 0, 4).reshape(4, 2)], {}, np.pad(X, ((0, 0), (1, 2), (0, 3), (0, 4)))),
    "mean": (40, [i4(1, 2)], {0: ("b", 1)}, X.mean(axis=(1, 2), keepdims=True)),
    "mean without axes": (40, [i4(1, 2)], {}, X.mean(axis=(1, 2))),
    "mean of channels": (40, [i4(3)], {0: ("b", 1)}, X.mean(axis=3, keepdims=True)),
    "rows of numbers": (22, [i4(1, 30, 3)], {}, X.reshape(1, 30, 3)),
    "another picture": (22, [i4(1, 3, 10, 3)], {}, X.reshape(1, 3, 10, 3)),
    "a picture of one column": (22, [i4(1, 90, 1, 1)], {}, X.reshape(1, 90, 1, 1)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_an_operator_by_its_formula(name):
    code, constants, options, expected = FORMULAS[name]
    np.testing.assert_allclose(one(code, constants, expected.shape, options), expected, atol=1e-6)


def test_depth_to_space():
    network = Network()
    source, result = network.value(1, 2, 2, 8), network.value(1, 4, 4, 2)
    network.operator(5, [source], [result], {0: ("i", 2)})
    x = np.arange(32, dtype=np.float32).reshape(1, 2, 2, 8)
    expected = x.reshape(1, 2, 2, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 4, 4, 2)
    np.testing.assert_array_equal(run(network.data([source], [result]), x)[0], expected)


def test_a_head_of_rows_concatenated_and_connected():
    weights = RANDOM.normal(size=(2, 90)).astype(np.float32)
    bias = np.array([1, 2], np.float32)
    network = Network()
    source, rows, both, out = (network.value(*shape) for shape in (X.shape, (1, 2), (1, 6, 5, 6), (1, 60, 3)))
    network.operator(9, [source, network.constant(weights), network.constant(bias)], [rows], {0: ("b", 0)})
    network.operator(2, [source, source], [both], {0: ("i", -1)})
    network.operator(22, [both], [out])
    flat, reshaped = run(network.data([source], [rows, out]), names=("rows", "boxes"))
    np.testing.assert_allclose(flat, X.reshape(1, 90) @ weights.T + bias, atol=1e-5)
    np.testing.assert_allclose(reshaped, np.concatenate([X, X], axis=3).reshape(1, 60, 3))


def test_half_weights_are_made_whole_when_they_are_read():
    network = Network()
    half = SLOPES.astype(np.float16)
    source, stored, whole, out = (
        network.value(*X.shape),
        network.constant(half),
        network.value(3),
        network.value(*X.shape),
    )
    network.operator(6, [stored], [whole])
    network.operator(0, [source, whole], [out])
    np.testing.assert_allclose(run(network.data([source], [out]))[0], X + half.astype(np.float32), atol=1e-6)


def test_an_output_without_a_name_is_left_out_with_what_only_it_needs():
    network = Network()
    source, kept, left, further = (network.value(*X.shape) for _ in range(4))
    network.operator(19, [source], [kept])
    network.operator(14, [kept], [left])
    network.operator(99, [left], [further])  # an operator that nobody knows is no matter
    data = network.data([source], [kept, further])
    assert len(run(data, names=("kept", ""))) == 1
    assert len(onnx.load_from_string(convert(data, ("kept", ""), {})).graph.node) == 2


def test_the_file_says_what_it_is_told_to(tmp_path):
    network = Network()
    source, out = network.value(*X.shape), network.value(*X.shape)
    network.operator(19, [source], [out])
    file = tmp_path / "网 络.onnx"
    file.write_bytes(convert(network.data([source], [out]), ["out"], {"source": "包==1.0", "licence": "Apache-2.0"}))
    header = onnx_file.read(file)
    assert header is not None
    assert header.metadata == {"source": "包==1.0", "licence": "Apache-2.0"}
    assert header.inputs == {"input": (1, 3, 6, 5)}
    assert (header.ir_version, header.opsets) == (6, {"ai.onnx": 11})


# --- sparse weights -------------------------------------------------------------------------------------------------


def csr(segments: Sequence[int], indices: Sequence[int], kind: int = 3) -> Table:
    dtype = {1: np.int32, 2: np.uint16, 3: np.uint8}[kind]
    packed = [Table({0: np.array(values, dtype)}) for values in (segments, indices)]
    return Table({0: ("b", 1), 2: ("B", kind), 3: packed[0], 4: ("B", kind), 5: packed[1]})


def dense(size: int) -> Table:
    return Table({0: ("b", 0), 1: ("i", size)})


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_a_sparse_matrix_is_made_whole(kind):
    whole = np.array([[0, 5, 0, 0], [0, 0, 0, 0], [7, 0, 0, 9]], np.float32)
    sparsity = Table({0: i4(0, 1), 2: [dense(3), csr([0, 1, 1, 3], [1, 0, 3], kind)]})
    network = Network()
    network.constant(np.array([5, 7, 9], np.float32), sparsity=sparsity, shape=(3, 4))
    np.testing.assert_array_equal(tflite.parse(network.data([], [])).constants[0], whole)


def test_a_matrix_of_sparse_blocks_is_made_whole():
    """Blocks of 2 × 2, as the documentation of TFLite's sparsity has them."""
    whole = np.array([[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 5, 6], [0, 0, 7, 8]], np.float32)
    levels = [dense(2), csr([0, 1, 2], [0, 1]), dense(2), dense(2)]
    sparsity = Table({0: i4(0, 1, 2, 3), 1: i4(0, 1), 2: levels})
    network = Network()
    network.constant(np.arange(1, 9, dtype=np.float16), sparsity=sparsity, shape=(4, 4))
    np.testing.assert_array_equal(tflite.parse(network.data([], [])).constants[0], whole)


# --- what cannot be -------------------------------------------------------------------------------------------------


def small() -> bytes:
    network = Network()
    source, out = network.value(*X.shape), network.value(*X.shape)
    network.operator(0, [source, network.constant(SLOPES)], [out])
    return network.data([source], [out])


def test_a_file_that_is_cut_off_is_refused():
    data = small()
    run(data)
    for length in range(0, len(data) * 3 // 4, 7):
        with pytest.raises(ValueError, match=r"\w"):
            convert(data[:length], ["out"], {})


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\0\0\0\0TFL4" + bytes(64), b"<html>Please log in</html>"])
def test_another_file_is_refused(data):
    with pytest.raises(ValueError, match=r"kind|leaves"):
        convert(data, ["out"], {})


@pytest.mark.parametrize(("code", "custom", "said"), [(45, "", "45"), (32, "Resampler", "Resampler"), (99, "", "99")])
def test_an_operator_that_is_not_known_is_named(code, custom, said):
    with pytest.raises(ValueError, match=said):
        one(code, [], X.shape, custom=custom)


def test_an_activation_that_is_not_known_is_named():
    with pytest.raises(ValueError, match="4"):
        one(0, [SLOPES], X.shape, {0: ("b", 4)})


def test_another_number_of_outputs_is_refused():
    with pytest.raises(ValueError, match="1 outputs"):
        convert(small(), ["a", "b"], {})


def test_offsets_that_leave_the_file_are_refused():
    data = bytearray(flatbuffer(Table({0: "text", 1: i4(1, 2)})))
    table = root(bytes(data), b"TFL3")
    assert (table.text(0), list(table.array(1, "i4")), table.text(7), table.tables(9)) == ("text", [1, 2], "", [])
    struct.pack_into("<i", data, table.position, 1 << 20)
    with pytest.raises(ValueError, match="leaves"):
        root(bytes(data), b"TFL3").text(0)
