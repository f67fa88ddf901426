"""Small exported models on disk: they tell the class of a picture by its colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from BaseDT import image
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess

COLOURS = {"蓝": (230, 20, 20), "绿": (20, 230, 20), "红": (20, 20, 230)}  # BGR
CLASSES = ("红", "绿", "蓝")  # the order of the channels of an RGB input
MakeModel = Callable[..., Path]


def _graph(weights: np.ndarray, side: int) -> onnx.ModelProto:
    """Mean of each channel, times weights, softmax: N×3×side×side to N×C."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probs"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("probs", TensorProto.FLOAT, [1, weights.shape[1]])],
        [numpy_helper.from_array(weights.astype(np.float32), "weights")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)


@pytest.fixture(scope="session")
def make_model() -> MakeModel:
    """Write a classifier of colours; without ``classes`` it says nothing of itself."""

    def make(path: Path, classes: tuple[str, ...] = CLASSES, precision: str = "float32", side: int = 16) -> Path:
        weights = np.zeros((3, max(len(classes), 3)))
        weights[:3, :3] = np.eye(3) * 4
        model = _graph(weights, side)
        if classes:
            info = ModelInfo(
                "classification", "", classes, Preprocess((side, side)), "classification", precision=precision
            )
            helper.set_model_props(model, info.to_metadata())
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(path))
        return path

    return make


@pytest.fixture
def model(make_model: MakeModel, tmp_path: Path) -> Path:
    return make_model(tmp_path / "模 型" / "颜色.onnx")


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Four pictures of each colour in folders of their names; one red picture lies among the blue ones."""
    for name, colour in COLOURS.items():
        for index in range(4):
            image.write(tmp_path / "图 片" / name / f"图 {index}.png", np.full((24, 32, 3), colour, np.uint8))
    image.write(tmp_path / "图 片" / "蓝" / "图 0.png", np.full((24, 32, 3), COLOURS["红"], np.uint8))
    return tmp_path / "图 片"
