"""Small exported networks of BaseNN for tests: what they say follows from their data by one linear layer.

``conftest.py`` puts this folder on the path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from BaseDT.own_network_info import OwnNetworkInfo, pictures_as_learned

FLOWERS = ("山鸢尾", "变色鸢尾", "维吉尼亚鸢尾")
WORDS = {"床": 0, "前": 1, "明": 2, "月": 3, "光": 4}


def original(dataset_type: str, size: Sequence[int], **more: str) -> dict[str, str]:
    """The properties of a file that the original wrote."""
    return {"input_size": str(list(size)), "dataset_type": dataset_type, **more}


def table(path: Path, known: OwnNetworkInfo | Mapping[str, str] | None = None, *, softmax: bool = True) -> Path:
    """Write a network of rows of three numbers: the largest one is the class."""
    nodes = [
        helper.make_node("Mul", ["input", "gain"], ["values"]),
        helper.make_node("Softmax" if softmax else "Identity", ["values"], ["output"]),
    ]
    info = OwnNetworkInfo("tab", (1, 3), classes=FLOWERS, tool="mmedu") if known is None else known
    return _written(path, nodes, ["n", 3], {"gain": np.float32(3 if softmax else 1).reshape(())}, info)


def pictures(
    path: Path,
    known: OwnNetworkInfo | Mapping[str, str] | None = None,
    *,
    channels: int = 3,
    size: tuple[int, int] = (4, 8),
) -> Path:
    """Write a network of pictures: the average of each channel, 0 to 1, the strongest of B, G, R is the class."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["output"], axis=1),
    ]
    color = "gray" if channels == 1 else "bgr"
    info = OwnNetworkInfo(
        "img", (1, channels, *size), classes=("蓝", "绿", "红"), preprocess=pictures_as_learned(size, color)
    )
    return _written(path, nodes, ["n", channels, *size], {}, info if known is None else known)


def sequences(path: Path, known: OwnNetworkInfo | Mapping[str, str] | None = None) -> Path:
    """Write a network of sequences (N, 2, 3): the numbers of the last step."""
    nodes = [helper.make_node("ReduceMax", ["input"], ["output"], axes=[1], keepdims=0)]
    info = OwnNetworkInfo("npz", (1, 2, 3), classes=("站", "坐", "跑")) if known is None else known
    return _written(path, nodes, ["n", 2, 3], {}, info)


def text(
    path: Path, known: OwnNetworkInfo | Mapping[str, str] | None = None, shape: Sequence[int | str] = ("n", "t")
) -> Path:
    """Write a network of words, (N, T) or what else, whose next word is the one that follows in ``WORDS``."""
    following = np.roll(np.eye(len(WORDS), dtype=np.float32), 1, axis=1)
    nodes = [
        helper.make_node("Reshape", ["input", "flat"], ["words"]),
        helper.make_node("Gather", ["table", "words"], ["output"], axis=0),
    ]
    info = OwnNetworkInfo("npz", (1, 4), "gen", word2idx=WORDS) if known is None else known
    constants = {"flat": np.array([-1], np.int64), "table": following}
    return _written(path, nodes, shape, constants, info, TensorProto.INT64)


def _written(
    path: Path,
    nodes: Sequence[Any],
    shape: Sequence[int | str],
    constants: Mapping[str, Any],
    known: OwnNetworkInfo | Mapping[str, str],
    kind: int = TensorProto.FLOAT,
) -> Path:
    inputs = [helper.make_tensor_value_info("input", kind, list(shape))]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", "k"])]
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(list(nodes), "g", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 10)], ir_version=6)
    helper.set_model_props(model, known.to_metadata() if isinstance(known, OwnNetworkInfo) else dict(known))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path
