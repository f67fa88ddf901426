"""Layers that cannot be meant are refused by number and kind, with what would fit; files' descriptions likewise."""

from __future__ import annotations

from typing import Any

import pytest

from BaseDT.errors import CheckpointInvalid, ParameterInvalid, ParameterUnknown
from BaseNN.layers.kind import Surroundings
from BaseNN.layers.sizes import Shape
from BaseNN.layers.stack import MOST_LAYERS, Stack

TABLE: Shape = (4,)
PICTURE: Shape = (1, 28, 28)
SEQUENCE: Shape = (30, 132)


def test_issue_says_what_it_says() -> None:
    stack = (
        Stack(Surroundings((1, 24, 24))).add("conv2d", "relu", {"size": 1, "kernel_size": 1}).add("reshape", None, {})
    )
    with pytest.raises(ParameterInvalid) as caught:
        stack.add("linear", None, {"size": (400, 10)})
    assert caught.value.message == "Layer 3, linear: gets 576, size=(400, 10) says 400."
    assert "size=(576, 10)" in caught.value.hint


@pytest.mark.parametrize(
    ("incoming", "layer", "arguments", "fits"),
    [
        (PICTURE, "linear", {"size": (400, 10)}, "size=(784, 10)"),
        (PICTURE, "conv2d", {"size": (3, 6), "kernel_size": 3}, "size=(1, 6)"),
        ((3, 28, 28), "conv2d", {"size": (1, 6), "kernel_size": 3}, "size=(3, 6). Or load the pictures as gray ones"),
        (PICTURE, "conv2d", {"size": 6, "kernel_size": 40}, "kernel_size=28"),
        (PICTURE, "conv2d", {"size": 6}, "kernel_size=3"),
        (PICTURE, "conv2d", {"kernel_size": 3}, "size=(1, 6)"),
        (PICTURE, "conv2d", {"size": 6, "kernel_size": 2, "padding": "same"}, "even"),
        (PICTURE, "conv1d", {"size": 6, "kernel_size": 3}, "squeeze"),
        (PICTURE, "lstm", {"size": 6}, "squeeze"),
        (PICTURE, "maxpool", {"kernel_size": 2, "padding": 3}, "padding=1"),
        (PICTURE, "maxpool", {}, "kernel_size=2"),
        (PICTURE, "batchnorm2d", {"size": 6}, "size=1"),
        (PICTURE, "batchnorm1d", {"size": 6}, "batchnorm2d"),
        (PICTURE, "res_block", {"size": (3, 8)}, "size=(1, 8)"),
        (PICTURE, "res_block", {}, "size=(64, 128)"),
        (PICTURE, "em_lstm", {"size": (8, 8)}, "word2idx"),
        (PICTURE, "linear", {"size": 2**20}, "smaller"),
        (PICTURE, "conv2d", {"size": 2**19, "kernel_size": 1}, "smaller"),
        (TABLE, "linear", {}, "size=(4, 10)"),
        (TABLE, "linear", {"size": (5, 3)}, "size=(4, 3)"),
        (TABLE, "conv2d", {"size": 6, "kernel_size": 3}, "before"),
        (TABLE, "mobilenet", {}, "before"),
        (TABLE, "lstm", {"size": 6}, "(samples, steps, features)"),
        (TABLE, "unsqueeze", {}, "(samples, steps, features)"),
        (TABLE, "batchnorm1d", {"size": 3}, "size=4"),
        (TABLE, "dropout", {"p": 3}, "0 to 1"),
        ((28, 28), "conv2d", {"size": 6, "kernel_size": 3}, "reshape(-1, 1, 28, 28)"),
        (SEQUENCE, "lstm", {"size": (100, 6)}, "size=(132, 6)"),
        (SEQUENCE, "conv1d", {"size": 6, "kernel_size": (3, 3)}, "kernel_size=3"),
        (SEQUENCE, "conv1d", {"size": (132, 6), "kernel_size": 3}, "size=(30, 6)"),
        (SEQUENCE, "action_model", {"size": (13, 6)}, "size=(132, 6)"),
        (SEQUENCE, "batchnorm1d", {"size": 132}, "size=30"),
    ],
)
def test_what_would_fit(incoming: Shape, layer: str, arguments: dict[str, Any], fits: str) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        Stack(Surroundings(incoming)).add(layer, None, arguments)
    assert caught.value.message.startswith(f"Layer 1, {layer}: ")
    assert fits in caught.value.hint


@pytest.mark.parametrize(
    "size", ["ten", (1, 2, 3), (0, 3), 0, -1, 1.5, True, (4, None), [], {}, 10**30, float("nan"), ("4", 3), b"ab"]
)
def test_sizes_that_are_none(size: object) -> None:
    with pytest.raises(ParameterInvalid, match="size"):
        Stack(Surroundings(TABLE)).add("linear", None, {"size": size})


@pytest.mark.parametrize(("name", "near"), [("linaer", "linear"), ("Conv2", "conv2d"), (7, "linear"), ("", "linear")])
def test_no_such_layer(name: Any, near: str) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        Stack().add(name, None, {})
    assert near in caught.value.hint


def test_no_such_activation() -> None:
    with pytest.raises(ParameterInvalid, match="rleu") as caught:
        Stack().add("linear", "rleu", {"size": (1, 1)})
    assert "'relu'" in caught.value.hint


def test_no_such_argument() -> None:
    with pytest.raises(
        ParameterUnknown, match=r"^[^:]*: -501. No such parameter of layer 1, conv2d: kernal_size."
    ) as caught:
        Stack().add("conv2d", None, {"size": (1, 6), "kernal_size": 3})
    assert "'kernel_size'" in caught.value.hint


def test_nothing_follows_a_whole_network() -> None:
    words = Stack(Surroundings((9,), vocabulary=30)).add("em_lstm", None, {"size": (8, 8)})
    with pytest.raises(ParameterInvalid, match="em_lstm"):
        words.add("linear", None, {"size": 3})
    assert len(words.add("em_lstm", None, {"size": (4, 4)}).layers) == 1


def test_other_data_are_laid_anew() -> None:
    stack = Stack(Surroundings(TABLE)).add("linear", "relu", {"size": 10}).add("linear", None, {"size": (10, 3)})
    assert stack.fitted_to(Surroundings((7,))).layers[0].arguments["size"] == (7, 10)
    fixed = Stack(Surroundings(TABLE)).add("linear", None, {"size": (4, 3)})
    with pytest.raises(ParameterInvalid, match="gets 7"):
        fixed.fitted_to(Surroundings((7,)))


def test_layers_before_data_know_what_they_can() -> None:
    stack = Stack().add("conv2d", None, {"size": (1, 6), "kernel_size": 5}).add("maxpool", None, {"kernel_size": 2})
    assert stack.outgoing == (6, None, None)
    assert Stack().add("linear", None, {"size": 10}).add("linear", None, {"size": 3}).layers[1].arguments["size"] == (
        10,
        3,
    )
    assert Stack().add("dropout", None, {}).outgoing is None


@pytest.mark.parametrize(
    "plain",
    [
        None,
        "linear",
        {},
        [3],
        [{}],
        [{"layer": "linear"}],
        [{"layer": "linear", "arguments": []}],
        [{"layer": 3, "arguments": {}}],
        [{"layer": "os.system", "arguments": {}}],
        [{"layer": "linear", "arguments": {"size": [4, 10], "evil": 1}}],
        [{"layer": "linear", "arguments": {3: 1}}],
        [{"layer": "linear", "arguments": {"size": [10**9, 10**9]}}],
        [{"layer": "linear", "arguments": {"size": [4, 10]}, "activation": "eval"}],
        [{"layer": "", "arguments": {}}],
        [{"layer": "", "module": "Own", "arguments": {}, "outgoing": "4"}],
        [{"layer": "", "module": "Own", "arguments": {}, "outgoing": [{}]}],
        [{"layer": "conv2d", "arguments": {"size": [1, 6], "kernel_size": [3], "padding": "__import__"}}],
        [{"layer": "reshape", "arguments": {}}] * (MOST_LAYERS + 1),
    ],
)
def test_files_that_cannot_be_meant(plain: object) -> None:
    with pytest.raises(CheckpointInvalid):
        Stack.from_plain(plain, Surroundings())


def test_there_and_back() -> None:
    stack = (
        Stack(Surroundings(PICTURE))
        .add("conv2d", "relu", {"size": 6, "kernel_size": 5})
        .add("maxpool", None, {"kernel_size": 2})
        .add(None, "tanh", {})
        .add_own("Hardswish", None, (6, 12, 12))
        .add("linear", "softmax", {"size": 10})
    )
    again = Stack.from_plain(stack.to_plain(), stack.surroundings)
    assert [(layer.layer, layer.activation, layer.module, layer.outgoing) for layer in again.layers] == [
        (layer.layer, layer.activation, layer.module, layer.outgoing) for layer in stack.layers
    ]
    assert again.to_plain() == stack.to_plain()


LENET = (
    ("Conv2D", {"size": (1, 6), "kernel_size": (5, 5)}),
    ("AvgPool", {"kernel_size": (2, 2)}),
    ("Conv2D", {"size": (6, 16), "kernel_size": (5, 5)}),
    ("AvgPool", {"kernel_size": (2, 2)}),
    ("Linear", {"size": (256, 120)}),
    ("Linear", {"size": (120, 84)}),
    ("Linear", {"size": (84, 10)}),
)
RESNET = (
    ("Conv2D", {"size": (3, 64), "kernel_size": (7, 7), "stride": 2, "padding": 3}),
    ("BatchNorm2d", {"size": 64}),
    ("MaxPool", {"kernel_size": (3, 3), "stride": 2, "padding": 1}),
    ("Res_Block", {"size": (64, 64), "num_blocks": 2, "stride": 1}),
    ("Res_Block", {"size": (64, 128), "num_blocks": 2, "stride": 2}),
    ("Res_Block", {"size": (128, 256), "num_blocks": 2, "stride": 2}),
    ("Res_Block", {"size": (256, 512), "num_blocks": 2, "stride": 2}),
    ("AvgPool", {"kernel_size": (7, 7)}),
    ("Linear", {"size": (512, 10)}),
)
MOVEMENT = (
    ("LSTM", {"size": (132, 128)}),
    ("Dropout", {"p": 0.2}),
    ("lstm", {"size": (128, 256)}),
    ("unsqueeze", {}),
    ("lstm", {"size": (256, 256)}),
    ("squeeze", {}),
    ("BatchNorm1d", {"size": 256}),
    ("Linear", {"size": (256, 10)}),
)


@pytest.mark.parametrize(("incoming", "layers"), [((1, 28, 28), LENET), ((3, 224, 224), RESNET), ((30, 132), MOVEMENT)])
def test_networks_of_the_documents_fit(incoming: Shape, layers: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    stack = Stack(Surroundings(incoming))
    for name, arguments in layers:
        stack = stack.add(name, "ReLU", arguments)
    assert stack.outgoing == (10,)
