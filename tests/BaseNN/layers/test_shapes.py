"""Shapes are told before torch: what a layer says comes out is what comes out of its modules."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from BaseNN.layers.building import build
from BaseNN.layers.kind import Surroundings, all_kinds
from BaseNN.layers.sizes import Shape
from BaseNN.layers.stack import Stack

CASES: tuple[tuple[str, dict[str, Any], Shape], ...] = (
    ("linear", {"size": (4, 10)}, (4,)),
    ("linear", {"size": 10}, (3, 8, 8)),
    ("linear", {"size": (None, 10)}, (5, 6)),
    ("reshape", {}, (3, 4, 5)),
    ("conv2d", {"size": (1, 6), "kernel_size": 5}, (1, 28, 28)),
    ("conv2d", {"size": 6, "kernel_size": (3, 5), "stride": 2, "padding": 1}, (3, 17, 31)),
    ("conv2d", {"size": 6, "kernel_size": 3, "padding": "same"}, (1, 8, 9)),
    ("conv1d", {"size": (4, 7), "kernel_size": 3, "stride": 2}, (4, 20)),
    ("maxpool", {"kernel_size": 2}, (2, 9, 9)),
    ("maxpool", {"kernel_size": 3, "stride": 2, "padding": 1}, (2, 9, 12)),
    ("maxpool", {"kernel_size": (2, 1)}, (2, 9, 9)),
    ("maxpool", {"kernel_size": 2}, (4, 9)),
    ("avgpool", {"kernel_size": 2, "stride": 3}, (2, 9, 9)),
    ("avgpool", {"kernel_size": 4}, (4, 9)),
    ("dropout", {}, (4,)),
    ("dropout", {"p": 0.2}, (3, 8, 8)),
    ("batchnorm1d", {"size": 4}, (4,)),
    ("batchnorm1d", {}, (4, 9)),
    ("batchnorm2d", {"size": 3}, (3, 8, 8)),
    ("lstm", {"size": (6, 5)}, (7, 6)),
    ("action_model", {"size": 5}, (7, 6)),
    ("squeeze", {}, (1, 28, 28)),
    ("squeeze", {}, (2, 28)),
    ("unsqueeze", {}, (7, 6)),
    ("part0", {}, (4,)),
    ("res_block", {"size": (3, 8)}, (3, 9, 9)),
    ("res_block", {"size": 3, "num_blocks": 2, "stride": 2}, (3, 9, 8)),
    ("res_bottleneck", {"size": (8, 4), "num_blocks": 2, "stride": 3}, (8, 9, 9)),
    ("mobilenet", {}, (3, 32, 32)),
    ("mobilenet", {}, (1, 28, 28)),
    ("mobilenet_backbone", {}, (3, 32, 32)),
)
WHOLE = {"em_lstm", "diffusion_model"}


def test_every_kind_is_tried() -> None:
    assert {name for name, _, _ in CASES} | WHOLE == set(all_kinds())


@pytest.mark.parametrize("activation", [None, "softmax"])
@pytest.mark.parametrize(("layer", "arguments", "incoming"), CASES)
def test_told_as_it_is(layer: str, arguments: dict[str, Any], incoming: Shape, activation: str | None) -> None:
    stack = Stack(Surroundings(incoming, classes=3)).add(layer.upper(), activation, arguments)
    out = build(stack, {}).eval()(torch.zeros(2, *incoming))
    assert stack.outgoing == tuple(out.shape[1:])


@pytest.mark.parametrize(("layer", "arguments", "incoming"), CASES)
def test_laid_before_the_data_as_after(layer: str, arguments: dict[str, Any], incoming: Shape) -> None:
    around = Surroundings(incoming, classes=3)
    after = Stack(around).add(layer, None, arguments)
    assert Stack().add(layer, None, arguments).fitted_to(around) == after
    assert Stack.from_plain(after.to_plain(), around).layers[0].arguments == after.layers[0].arguments


def test_words() -> None:
    stack = Stack(Surroundings((9,), vocabulary=30)).add("em_lstm", None, {"size": (8, 16), "num_layers": 2})
    assert stack.outgoing == (9, 30)
    out, (memory, _) = build(stack, {})(torch.zeros(2, 9, dtype=torch.int64))
    assert out.shape == (2, 9, 30)
    assert memory.shape == (2, 2, 16)


def test_pictures_of_noise() -> None:
    stack = Stack(Surroundings((1, 28, 28), channels=1)).add("diffusion_model", None, {})
    assert stack.outgoing == (1, 28, 28)
    assert stack.layers[0].arguments["channels"] == 1
