"""INT8 of a classifier of pictures laid in BaseNN: by the way of every classifier, and it stays one of BaseNN."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from BaseNN.export.convert import Version, convert
from BaseNN.files.trained import TrainedNetwork
from BaseNN.layers import building
from BaseNN.layers.kind import Surroundings
from BaseNN.layers.stack import Stack
from MMEdu.export.int8.quantizer import Quantizer, Scheme
from XEdu.hub import Workflow


def test_it_stays_a_network_of_basenn_and_says_nearly_the_same(tmp_path: Path) -> None:
    torch.manual_seed(0)
    stack = Stack(Surroundings((1, 12, 16), 3, 0, 1)).add("conv2d", "relu", {"size": (1, 8), "kernel_size": 3})
    stack = stack.add("maxpool", None, {"kernel_size": 2}).add("linear", "softmax", {"size": 3})
    model = building.build(stack, {}).eval()
    made = TrainedNetwork(model, stack, "cls", "img", ("猫", "狗", "鸟"), color="grayscale")
    file = convert(made, tmp_path / "数 字", "ONNX", Version(10, 6), None, lambda _: None).file
    pictures = np.random.default_rng(0).integers(0, 256, (16, 12, 16, 1)).astype(np.uint8)
    int8 = Quantizer(tmp_path, file, pictures, lambda outputs: outputs[0][0]).quantized(Scheme("minmax"))
    tensors = pictures.transpose(0, 3, 1, 2).astype(np.float32) / 255
    before, after = (Workflow("basenn", path).inference(tensors)[0] for path in (file, int8))
    assert np.abs(before - after).max() < 0.02
    assert not np.array_equal(before, after)
