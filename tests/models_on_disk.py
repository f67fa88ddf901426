"""Small real models for tests: what they say follows from the picture, so that a wrong colour order is a wrong answer.

A classifier calls red pictures class 0, green ones class 1, blue ones class 2; a gray one calls dark pictures class 0
and light ones class 1. A detector finds the boxes that it was made with. ``conftest.py`` of a folder puts this one on
the path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from BaseDT.model_info import Head, ModelInfo
from BaseDT.preprocess import Preprocess
from XEdu.outputs import keypoints

COLOURS = {"red": (0, 0, 200), "green": (0, 200, 0), "blue": (200, 0, 0)}
"""BGR, in the order of the classes."""
CLASSES = ("红色", "绿色", "蓝色")
_GAIN = 3.0


def picture(colour: str = "red", size: tuple[int, int] = (24, 36)) -> np.ndarray:
    """A picture of one colour, (height, width), H×W×3 BGR."""
    return np.full((*size, 3), COLOURS[colour], np.uint8)


def preprocess(channels: int = 3, size: tuple[int, int] = (16, 16)) -> Preprocess:
    """Stretch to the size; the values become -1 to 1."""
    if channels == 1:
        return Preprocess(size=size, color="gray", mean=(127.5,), std=(127.5,))
    return Preprocess(size=size, mean=(127.5,) * 3, std=(127.5,) * 3)


def info(classes: Sequence[str] = CLASSES, channels: int = 3, size: tuple[int, int] = (16, 16)) -> ModelInfo:
    """What a classifier of ours knows of itself."""
    return ModelInfo("classification", "MobileNet", tuple(classes), preprocess(channels, size), "classification")


def foreign(modelname: str = "MobileNet", classes: Sequence[str] = CLASSES, codebase: str = "MMCls") -> dict[str, str]:
    """The properties of a file of the original tools."""
    return {"MODEL_INFO": json.dumps({"codebase": codebase, "modelname": modelname, "classes": list(classes)})}


def classifier(
    path: Path,
    *,
    known: ModelInfo | Mapping[str, str] | None = None,
    classes: int = 3,
    channels: int = 3,
    size: tuple[int | str, int | str] = (16, 16),
    batch: int | str = 1,
    softmax: bool = True,
    flat: bool = False,
    opset: int = 11,
    ir: int = 6,
) -> Path:
    """Write a classifier: average of each channel, one linear layer, softmax.

    Args:
        path: Where.
        known: Its metadata; None writes those of ``info``, an empty dict none.
        classes: Of the output.
        channels: Of the input.
        size: Of the input; a text is an axis of any size.
        batch: Likewise.
        softmax: Whether it ends so; logits otherwise.
        flat: Whether the output lacks the axis of the batch, as the original's LeNet.
        opset: Of the operators.
        ir: Of the file.
    """
    weights, bias = linear(classes, channels)
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["row"], axis=1),
        helper.make_node("Gemm", ["row", "weights", "bias"], ["logits"], transB=1),
        helper.make_node("Softmax" if softmax else "Identity", ["logits"], ["rows"]),
        helper.make_node("Reshape", ["rows", "shape"], ["probs"]),
    ]
    shape = [classes] if flat else [-1, classes]
    constants = {"weights": weights, "bias": bias, "shape": np.asarray(shape, np.int64)}
    outputs = [helper.make_tensor_value_info("probs", TensorProto.FLOAT, [classes] if flat else [batch, classes])]
    metadata = (info(channels=channels) if known is None else known) if known != {} else {}
    return _write(path, nodes, constants, (batch, channels, *size), outputs, metadata, opset, ir)


def teachable(path: Path) -> Path:
    """Write a classifier whose features are the averages of the channels, and whose last layer can be replaced."""
    weights, bias = linear(3, 3)
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"], axis=1),
        helper.make_node("Gemm", ["features", "weights", "bias"], ["logits"], transB=1),
        helper.make_node("Softmax", ["logits"], ["probs"], axis=1),
    ]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("probs", "features")]
    known = replace(info(), head=Head("features", "weights", "bias"))
    return _write(path, nodes, {"weights": weights, "bias": bias}, (1, 3, 16, 16), outputs, known, 11, 6)


def several_labels(path: Path, *, thresholds: Sequence[float] = (), classes: Sequence[str] = CLASSES) -> Path:
    """Write a model of several labels a picture: a colour is there where its channel is bright."""
    weights, bias = linear(len(classes), 3)
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["row"], axis=1),
        helper.make_node("Gemm", ["row", "weights", "bias"], ["logits"], transB=1),
        helper.make_node("Sigmoid", ["logits"], ["probs"]),
    ]
    outputs = [helper.make_tensor_value_info("probs", TensorProto.FLOAT, ["batch", len(classes)])]
    options = {"thresholds": list(thresholds)} if thresholds else {}
    known = replace(info(classes), kind="multi_label", options=options)
    return _write(path, nodes, {"weights": weights, "bias": bias}, ("batch", 3, 16, 16), outputs, known, 11, 6)


def detector(
    path: Path,
    boxes: Sequence[Sequence[float]] = ((2, 4, 8, 12, 0.9), (0, 0, 4, 4, 0.5), (4, 4, 16, 16, 0.2)),
    labels: Sequence[int] = (1, 0, 2),
    *,
    known: ModelInfo | Mapping[str, str] | None = None,
    size: tuple[int, int] = (16, 16),
) -> Path:
    """Write a detector that finds these boxes (x1, y1, x2, y2, score in pixels of its input) on every picture."""
    if known is None:
        known = ModelInfo("detection", "SSD_Lite", CLASSES, preprocess(size=size), "detection")
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["boxes", "nothing"], ["dets"]),
        helper.make_node("Identity", ["which"], ["labels"]),
    ]
    constants = {
        "zero": np.float32(0).reshape(()),
        "boxes": np.asarray(boxes, np.float32).reshape(1, -1, 5),
        "which": np.asarray(labels, np.int64).reshape(1, -1),
    }
    outputs = [
        helper.make_tensor_value_info("dets", TensorProto.FLOAT, [1, len(boxes), 5]),
        helper.make_tensor_value_info("labels", TensorProto.INT64, [1, len(boxes)]),
    ]
    return _write(path, nodes, constants, (1, 3, *size), outputs, known, 11, 6)


def raw_detector(
    path: Path,
    boxes: Sequence[Sequence[float]] = ((2, 4, 8, 12), (0, 0, 4, 4), (4, 4, 16, 16)),
    scores: Sequence[Sequence[float]] = ((0, 0.9, 0), (0.5, 0, 0), (0, 0, 0.2)),
    *,
    known: ModelInfo | Mapping[str, str] | None = None,
) -> Path:
    """Write a detector that leaves the choice to the runtime: these boxes (x1, y1, x2, y2) and scores by class."""
    if known is None:
        known = ModelInfo("detection", "SSD_Lite", CLASSES, preprocess(), "detection", {"decode": "raw_boxes"})
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["there", "nothing"], ["boxes"]),
        helper.make_node("Identity", ["sure"], ["scores"]),
    ]
    there, sure = np.asarray(boxes, np.float32)[None], np.asarray(scores, np.float32)[None]
    constants = {"zero": np.float32(0).reshape(()), "there": there, "sure": sure}
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, list(value.shape))
        for name, value in (("boxes", there), ("scores", sure))
    ]
    return _write(path, nodes, constants, (1, 3, 16, 16), outputs, known, 11, 6)


def segmenter(
    path: Path,
    *,
    classes: Sequence[str] = CLASSES,
    known: ModelInfo | Mapping[str, str] | None = None,
    size: tuple[int, int] = (16, 16),
    softmax: bool = False,
) -> Path:
    """Write a segmenter: each block of 2×2 pixels of its input is of the class of its colour.

    Args:
        path: Where.
        classes: Names of red, green and blue.
        known: Its metadata; None writes what suits it.
        size: Of the input.
        softmax: Whether it ends so; logits otherwise.
    """
    if known is None:
        options = {"outputs": "probabilities"} if softmax else {}
        known = ModelInfo("segmentation", "UNet", tuple(classes), preprocess(size=size), "segmentation", options)
    weights, _ = linear(3, 3)
    nodes = [
        helper.make_node("AveragePool", ["input"], ["means"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["means", "weights"], ["values"]),
        helper.make_node(
            "Softmax" if softmax else "Identity", ["values"], ["logits"], **({"axis": 1} if softmax else {})
        ),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 3, size[0] // 2, size[1] // 2])]
    return _write(path, nodes, {"weights": weights[:, :, None, None]}, (1, 3, *size), outputs, known, 13, 7)


POINT_NAMES = ("left_红", "right_绿", "top_blue")
"""The points of ``point_finder``: where a picture is reddest, greenest and bluest."""


def point_finder(
    path: Path,
    *,
    known: ModelInfo | Mapping[str, str] | None = None,
    size: tuple[int, int] = (96, 64),
    decode: str = "heatmaps",
    batch: int | str = 1,
    resize: Any = "letterbox",
) -> Path:
    """Write a model of keypoints whose heat maps are the red, green and blue of the picture, a quarter as large.

    Its SimCC form sums these along the other axis. ``spots`` makes pictures for it.
    """
    if known is None:
        scaled = Preprocess(size=size, mean=(0.0,) * 3, std=(255.0,) * 3, resize=resize, pad_value=0)
        settings = keypoints.options(POINT_NAMES, ((0, 1), (1, 2)), decode, ((0, 1),))
        known = ModelInfo("pose", "Spots", ("人",), scaled, "keypoints", settings)
    if decode == "heatmaps":
        pool = {"kernel_shape": [4, 4], "strides": [4, 4]}
        nodes = [helper.make_node("AveragePool", ["input"], ["heatmaps"], **pool)]
        shapes = {"heatmaps": [batch, 3, size[0] // 4, size[1] // 4]}
    else:
        nodes = [
            helper.make_node("Mul", ["input", "gain"], ["strong"]),
            helper.make_node("ReduceSum", ["strong"], ["simcc_x"], axes=[2], keepdims=0),
            helper.make_node("ReduceSum", ["strong"], ["simcc_y"], axes=[3], keepdims=0),
        ]
        shapes = {"simcc_x": [batch, 3, size[1]], "simcc_y": [batch, 3, size[0]]}
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    return _write(path, nodes, {"gain": np.float32(2).reshape(())}, (batch, 3, *size), outputs, known, 11, 6)


def spots(size: tuple[int, int], points: Sequence[Sequence[float]], sigma: float = 8.0) -> np.ndarray:
    """A picture, (height, width), black with a soft spot of red, one of green and one of blue at x, y; BGR."""
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    layers = [np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2)) for px, py in points]
    return np.rint(255 * np.stack(layers[::-1], axis=2)).astype(np.uint8)


def of_operator(path: Path, operator: str = "Relu", *, opset: int = 13, ir: int = 8) -> Path:
    """Write a model of one operator: versions and operators that a runtime may not know."""
    node = helper.make_node(operator, ["input"], ["output"])
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3])]
    return _write(path, [node], {}, (1, 3), outputs, {}, opset, ir)


def of_many_outputs(path: Path, count: int) -> Path:
    """Write an ONNX model that makes so many numbers of one."""
    node = helper.make_node("Expand", ["input", "shape"], ["output"])
    shape = numpy_helper.from_array(np.array([1, count], np.int64), "shape")
    known = [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 1])]
    made = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, count])]
    return _saved(path, helper.make_graph([node], "x", known, made, [shape]), {}, 13, 8)


def of_two_inputs(path: Path) -> Path:
    """Write a model that adds two tensors (1, 3), ``left`` and ``right``."""
    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("left", "right", "sum")]
    graph = helper.make_graph([helper.make_node("Add", ["left", "right"], ["sum"])], "g", tensors[:2], tensors[2:])
    return _saved(path, graph, {}, 11, 6)


def openvino_of(onnx_file: Path, target: Path, known: ModelInfo | None = None) -> Path:
    """Write the same model for OpenVINO, ``.xml`` and ``.bin``."""
    import openvino

    model = openvino.Core().read_model(str(onnx_file))
    for key, value in (known.to_metadata() if known else {}).items():
        model.set_rt_info(value, ["mmedu_metadata", key])
    target.parent.mkdir(parents=True, exist_ok=True)
    openvino.save_model(model, str(target), compress_to_fp16=False)
    return target


def ncnn_classifier(param: Path, *, classes: int = 3, channels: int = 3) -> Path:
    """Write the same classifier for ncnn, ``.param`` and ``.bin``; the sidecar is the test's own."""
    weights, bias = linear(classes, channels)
    layers = (
        "Input in0 0 1 in0",
        "Pooling pool 1 1 in0 1 0=1 4=1",
        f"InnerProduct linear 1 1 1 2 0={classes} 1=1 2={weights.size}",
        "Softmax softmax 1 1 2 out0 0=0 1=1",
    )
    param.parent.mkdir(parents=True, exist_ok=True)
    param.write_text("\n".join(("7767517", f"{len(layers)} {len(layers)}", *layers)) + "\n", encoding="utf-8")
    flag = np.zeros(1, np.float32)  # weights of 32 bits
    param.with_suffix(".bin").write_bytes(b"".join(part.tobytes() for part in (flag, weights, bias)))
    return param


def linear(classes: int, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """The weights (classes, channels) and bias of the classifier."""
    if channels == 1:
        return _GAIN * np.linspace(-1, 1, classes, dtype=np.float32)[:, None], np.zeros(classes, np.float32)
    return _GAIN * np.eye(classes, channels, dtype=np.float32), np.zeros(classes, np.float32)


def _write(
    path: Path,
    nodes: Sequence[Any],
    constants: Mapping[str, Any],
    shape: Sequence[int | str],
    outputs: Sequence[Any],
    known: ModelInfo | Mapping[str, str],
    opset: int,
    ir: int,
) -> Path:
    inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, list(shape))]
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "g", inputs, outputs, tensors)
    metadata = known.to_metadata() if isinstance(known, ModelInfo) else known
    return _saved(path, graph, metadata, opset, ir)


def _saved(path: Path, graph: Any, metadata: Mapping[str, str], opset: int, ir: int) -> Path:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
    helper.set_model_props(model, dict(metadata))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path


__all__ = [
    "CLASSES",
    "COLOURS",
    "POINT_NAMES",
    "classifier",
    "detector",
    "foreign",
    "info",
    "linear",
    "ncnn_classifier",
    "of_operator",
    "of_two_inputs",
    "openvino_of",
    "picture",
    "point_finder",
    "preprocess",
    "segmenter",
    "spots",
]
