"""EfficientNet-Lite0 with its 1,000 classes of ImageNet as an ONNX file, written node by node from published weights.

Tan & Le 2019, table 1, without squeeze-and-excitation, with ReLU6 and TensorFlow's padding. Batch normalisation is
folded into the convolutions. The file gives probabilities and the 1,280 features that the last layer sees, so that
``XEdu.teach`` can put other classes behind them; and the map whose mean the features are, so that it can show where in
the picture it saw them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.model_info import KEY
from BaseDT.onnx_write import OnnxGraph
from XEdu.weights import torch_file
from XEdu.weights.tflite_to_onnx import same_padding

VERSION = 2
"""Grows with every change of what is written: files of another version are made again."""
SIZE = 224
FEATURES = 1280
_EPS = 1e-3
_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
"""Of the sixteen blocks. Kernels and widths are those of the weights."""

Weights: TypeAlias = Mapping[str, npt.NDArray[Any]]


def class_names() -> tuple[str, ...]:
    """Return the names of ImageNet's 1,000 classes, by label."""
    text = resources.files("XEdu.presets").joinpath("imagenet_classes.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def convert(data: bytes, source: Mapping[str, str]) -> bytes:
    """Write the network as an ONNX file.

    ``input`` (N, 3, 224, 224), ``probs`` (N, 1000), ``features`` (N, 1280), ``feature_map`` (N, 1280, 7, 7).

    Args:
        data: The ``.pth`` file with the published weights.
        source: Properties of the file that say where they are from.

    Raises:
        ValueError: It is no file of these weights.
    """
    weights = torch_file.tensors(data)
    try:
        graph = _graph(weights)
    except KeyError as error:
        raise ValueError(f"the weights have no {error.args[0]}") from error
    return graph.encoded({KEY: json.dumps(_description()), **source})


def _description() -> dict[str, Any]:
    """Return what the file says of itself, in the format of ``BaseDT.model_info``."""
    gray = [127.0, 127.0, 127.0]
    preprocess = {
        "size": [SIZE, SIZE],
        "color": "rgb",
        "mean": gray,
        "std": [128.0, 128.0, 128.0],
        "resize": "short_side",
        "resize_to": SIZE + 32,
        "interpolation": "auto",
        "pad_value": 0,
    }
    return {
        "format": 1,
        "task": "classification",
        "backbone": "EfficientNet_Lite0",
        "classes": list(class_names()),
        "preprocess": preprocess,
        "kind": "classification",
        "options": {},
        "precision": "float32",
        "tool": "mmedu",
        "head": {"features": "features", "weight": "classifier.weight", "bias": "classifier.bias"},
    }


def _graph(weights: Weights) -> OnnxGraph:
    graph = OnnxGraph("efficientnet_lite0")
    layers = _Layers(graph, weights)
    value, side = layers.normalised(graph.add_input("input", ("batch", 3, SIZE, SIZE)), "_conv_stem", "_bn0", 2, SIZE)
    value = layers.relu6(value)
    for number, stride in enumerate(_STRIDES):
        value, side = layers.block(value, f"_blocks.{number}", stride, side)
    value, side = layers.normalised(value, "_conv_head", "_bn1", 1, side)
    places = graph.add("Clip", [value, *layers.bounds()], "feature_map")
    pooled = graph.add("GlobalAveragePool", [places])
    features = graph.add("Flatten", [pooled], "features", axis=1)
    head = [graph.named(f"classifier.{part}", weights[f"_fc.{part}"]) for part in ("weight", "bias")]
    logits = graph.add("Gemm", [features, *head], transB=1)
    graph.add_output(graph.add("Softmax", [logits], "probs", axis=1), ("batch", len(weights["_fc.bias"])))
    graph.add_output(features, ("batch", FEATURES))
    graph.add_output(places, ("batch", FEATURES, side, side))
    return graph


@dataclass(frozen=True)
class _Layers:
    """The layers of the network, written into a graph."""

    graph: OnnxGraph
    weights: Weights

    def block(self, value: str, name: str, stride: int, side: int) -> tuple[str, int]:
        """Expand by 1 × 1, filter each channel, project by 1 × 1; the input is added where the shape stays."""
        source = value
        if f"{name}._expand_conv.weight" in self.weights:
            value = self.relu6(self.normalised(value, f"{name}._expand_conv", f"{name}._bn0", 1, side)[0])
        value, side = self.normalised(value, f"{name}._depthwise_conv", f"{name}._bn1", stride, side)
        value, _ = self.normalised(self.relu6(value), f"{name}._project_conv", f"{name}._bn2", 1, side)
        return (self.graph.add("Add", [value, source]) if self._stays(name, stride) else value), side

    def _stays(self, name: str, stride: int) -> bool:
        first = self.weights.get(f"{name}._expand_conv.weight")
        inputs = len(self.weights[f"{name}._bn1.weight"]) if first is None else first.shape[1]
        return stride == 1 and bool(inputs == len(self.weights[f"{name}._bn2.weight"]))

    def normalised(self, value: str, convolution: str, norm: str, stride: int, side: int) -> tuple[str, int]:
        """Convolve and normalise, in one convolution; returns the value and its side in pixels."""
        kernel = self.weights[f"{convolution}.weight"].astype(np.float64)
        parts = (f"{norm}.{part}" for part in ("weight", "bias", "running_mean", "running_var"))
        scale, shift, mean, variance = (self.weights[part].astype(np.float64) for part in parts)
        factor = scale / np.sqrt(variance + _EPS)
        folded = (kernel * factor[:, None, None, None]).astype(np.float32)
        bias = (shift - mean * factor).astype(np.float32)
        size, out = kernel.shape[2], -(-side // stride)
        before, behind = same_padding(side, size, stride, 1, out)
        result = self.graph.add(
            "Conv",
            [value, self.graph.constant(folded), self.graph.constant(bias)],
            kernel_shape=(size, size),
            strides=(stride, stride),
            pads=(before, before, behind, behind),
            group=len(kernel) if kernel.shape[1] == 1 else 1,
        )
        return result, out

    def relu6(self, value: str) -> str:
        """Clip at 0 and 6."""
        return self.graph.add("Clip", [value, *self.bounds()])

    def bounds(self) -> list[str]:
        """Return the constants 0 and 6."""
        return [self.graph.constant(np.float32(0)), self.graph.constant(np.float32(6))]
