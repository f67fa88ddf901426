"""ONNX files written node by node: whole by the checker, run by the runtime, read back by ours."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from BaseDT import onnx_file, onnx_replace, protobuf
from BaseDT.onnx_replace import Replacements
from BaseDT.onnx_write import OnnxGraph


def small() -> bytes:
    graph = OnnxGraph("图")
    source = graph.add_input("input", ("batch", 3))
    weight = graph.named("层.weight", np.eye(3) * 2)
    bias = graph.constant(np.array([1, 2, 3], np.float16))
    features = graph.add("LeakyRelu", [source], "features", alpha=0.5)
    out = graph.add("Gemm", [features, weight, bias], transB=1)
    graph.add_output(graph.add("Softmax", [out], "probs", axis=-1), ("batch", 3))
    graph.add_output(features, ("batch", 3))
    return graph.encoded({"名": "值", "empty": ""})


def test_a_network_is_whole_and_computes():
    data = small()
    model = onnx.load_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    assert (model.ir_version, model.opset_import[0].version, model.producer_name) == (6, 11, "mmedu")
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    x = np.array([[1, -1, 0], [2, 2, 2]], np.float32)
    probs, features = session.run(None, {"input": x})
    np.testing.assert_allclose(features, np.where(x > 0, x, x / 2))
    logits = features * 2 + (1, 2, 3)
    np.testing.assert_allclose(probs, np.exp(logits) / np.exp(logits).sum(1, keepdims=True), rtol=1e-5)


def test_our_own_readers_know_it(tmp_path):
    file = tmp_path / "网 络.onnx"
    file.write_bytes(small())
    header = onnx_file.read(file)
    assert header is not None
    assert header.metadata == {"名": "值", "empty": ""}
    assert header.inputs == {"input": (None, 3)}
    assert "层.weight" in onnx_replace.float_tensors(file)
    new = Replacements({"层.weight": np.ones((5, 3), np.float32)}, {"probs": 5}, {"名": "新"})
    replaced = onnx.load_from_string(onnx_replace.replaced(file.read_bytes(), new))
    assert replaced.graph.output[0].type.tensor_type.shape.dim[1].dim_value == 5
    assert replaced.ir_version == 6
    older = onnx.load_from_string(onnx_replace.replaced(file.read_bytes(), Replacements({}, {}, {"a": "b"}, 5)))
    assert (older.ir_version, {item.key: item.value for item in older.metadata_props}) == (
        5,
        {"名": "值", "empty": "", "a": "b"},
    )
    assert older.graph == onnx.load(file).graph


def test_equal_small_constants_are_stored_once():
    graph = OnnxGraph("g")
    names = [graph.constant(np.float32(6)), graph.constant(np.array(6, np.float64)), graph.constant(np.array([6.0]))]
    assert names[0] == names[1] != names[2]
    assert graph.constant(np.array(6)) not in names  # a whole number is of another type


def test_shapes_and_types_of_constants():
    graph = OnnxGraph("g")
    source = graph.add_input("input", (2,))
    for values in (np.zeros((0,), np.float32), np.array([-1, 2**40], np.int64), np.float32(3)):
        graph.constant(values)
    graph.add_output(graph.add("Identity", [source], "out"), (2,))
    tensors = [onnx.numpy_helper.to_array(t) for t in onnx.load_from_string(graph.encoded({})).graph.initializer]
    assert [(t.dtype.str, t.shape) for t in tensors] == [("<f4", (0,)), ("<i8", (2,)), ("<f4", ())]
    assert tensors[1].tolist() == [-1, 2**40]


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31, 2**63 - 1, -1, -(2**63)])
def test_whole_numbers_are_written_as_protobuf_has_them(value):
    attribute = onnx.AttributeProto()
    attribute.ParseFromString(protobuf.integer(3, value))
    assert attribute.i == value
