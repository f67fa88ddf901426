"""Which layers a module of the original is made of: its nodes, one after another, as calls of ``add``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from BaseDT.errors import ModelUnsupported
from BaseDT.escaping import one_line
from BaseDT.language import english, say
from BaseNN.files.foreign.nodes import Node
from BaseNN.layers.stack import Stack

_ACTIVATIONS = {"ReLU": "relu", "Tanh": "tanh", "LeakyReLU": "leakyrelu", "Sigmoid": "sigmoid", "Softmax": "softmax"}
_SLOPE = 0.2
"""Of the leaky ReLU that BaseNN has."""
_ACTION = ["LSTM", "Part0", "dim2", "BatchNorm1d"]
"""What ``action_model`` is made of."""
_DRAWS = ("GaussianDiffusion", "Unet")


@dataclass(frozen=True)
class Added:
    """One call of ``add``.

    Attributes:
        layer: As ``add`` takes it; None for an activation alone; the class's name for a module of the user's own.
        arguments: Its own.
        activation: Empty for none.
        tensors: Its weights and statistics, in torch's order, by name.
        own: Whether it is a module of the user's own.
        over_batch: Whether its softmax goes over the batch where a sequence comes in, as torch's own default does.
    """

    layer: str | None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    activation: str = ""
    tensors: Sequence[tuple[str, Tensor]] = ()
    own: bool = False
    over_batch: bool = False


def layers_of(network: Node) -> list[Added]:
    """Return the layers of a module.

    Args:
        network: A ``Sequential``, or a module that stands alone.

    Raises:
        ModelUnsupported: It holds what no layer of ours is (-206).
        ValueError: It is damaged.
    """
    nodes = list(network.children().values()) if network.kind == "Sequential" else [network]
    added: list[Added] = []
    position = 0
    while position < len(nodes):
        layer, used = _next(nodes[position:])
        position += used
        if layer.layer is None and added and not added[-1].activation and added[-1].layer is not None:
            added[-1] = replace(added[-1], activation=layer.activation, over_batch=layer.over_batch)
        else:
            added.append(layer)
    return _without_double_reshape(added)


def _next(nodes: Sequence[Node]) -> tuple[Added, int]:
    """Return the layer that comes next, and how many nodes it is made of."""
    first = nodes[0]
    kinds = [node.kind for node in nodes[:4]]
    if kinds == _ACTION:
        size = (_whole(first, "input_size"), _whole(first, "hidden_size"))
        return Added("action_model", {"size": size}, tensors=_tensors(*nodes[:4])), 4
    if kinds[0] == "LSTM":
        return _lstm(first), 2 if kinds[1:2] == ["Part0"] else 1
    if kinds[0] == "LeakyReLU" and first.get("negative_slope") != _SLOPE:
        raise unsupported(f"LeakyReLU(negative_slope={first.get('negative_slope')!r})")
    if kinds[0] in _ACTIVATIONS:
        over_batch = kinds[0] == "Softmax" and first.get("dim") in (None, 0)
        return Added(None, activation=_ACTIVATIONS[kinds[0]], over_batch=over_batch), 1
    if kinds[0] in _DRAWS:
        raise _draws()
    if kinds[0] in _LAYERS:
        return _LAYERS[kinds[0]](first), 1
    return Added(first.kind, tensors=_tensors(first), own=True), 1


def check_same(added: Sequence[Added], stack: Stack) -> None:
    """Make sure that layers which depend on what comes in are what they are in the file.

    Raises:
        ModelUnsupported: One would answer otherwise than in the original (-206).
    """
    for number, (layer, laid) in enumerate(zip(added, stack.layers, strict=True)):
        if layer.arguments.get("directions", 0) != laid.arguments.get("directions", 0):
            raise unsupported(say("a pooling across channels", "跨通道的池化"), number)
        if layer.over_batch and laid.outgoing is not None and len(laid.outgoing) == 2:
            raise unsupported(say("a softmax over the batch", "对批次维做的 Softmax"), number)


def _without_double_reshape(added: list[Added]) -> list[Added]:
    """Leave out what ``linear`` does by itself."""
    return [
        layer
        for number, layer in enumerate(added)
        if layer.layer != "reshape"
        or layer.activation
        or number + 1 == len(added)
        or added[number + 1].layer != "linear"
    ]


def _linear(node: Node) -> Added:
    size = (_whole(node, "in_features"), _whole(node, "out_features"))
    return Added("linear", {"size": size}, tensors=_tensors(node))


def _convolution(node: Node) -> Added:
    for name, usual in (("dilation", 1), ("groups", 1)):
        if set(_pair(node, name)) != {usual}:
            raise unsupported(f"{node.kind}({name}={node.get(name)!r})")
    if node.get("padding_mode", "zeros") != "zeros":
        raise unsupported(f"{node.kind}(padding_mode={node.get('padding_mode')!r})")
    size = (_whole(node, "in_channels"), _whole(node, "out_channels"))
    window = {name: _window(node, name) for name in ("kernel_size", "stride", "padding")}
    return Added(node.kind.lower(), {"size": size, **window}, tensors=_tensors(node))


def _pooling(node: Node) -> Added:
    if node.get("ceil_mode") or _pair(node, "dilation", 1) not in ((1,), (1, 1)):
        raise unsupported(f"{node.kind}(ceil_mode=…, dilation=…)")
    window = {name: _window(node, name) for name in ("kernel_size", "stride", "padding")}
    window["directions"] = 1 if node.kind.endswith("1d") else 2
    return Added("maxpool" if node.kind.startswith("Max") else "avgpool", window)


def _norm(node: Node) -> Added:
    return Added(node.kind.lower(), {"size": _whole(node, "num_features")}, tensors=_tensors(node))


def _dropout(node: Node) -> Added:
    share = node.get("p")
    return Added("dropout", {"p": float(share) if isinstance(share, int | float) else 0.5})


def _lstm(node: Node) -> Added:
    plain = node.get("num_layers") == 1 and not node.get("bidirectional") and node.get("batch_first")
    if not plain:
        raise unsupported("LSTM(num_layers=…, bidirectional=…, batch_first=…)")
    size = (_whole(node, "input_size"), _whole(node, "hidden_size"))
    return Added("lstm", {"size": size}, tensors=_tensors(node))


def _words(node: Node) -> Added:
    return words_of(list(node.tensors()))


def words_of(tensors: Sequence[tuple[str, Tensor]]) -> Added:
    """Return ``em_lstm`` of its weights; sizes are theirs.

    Raises:
        ValueError: They are not those of such a network.
    """
    shapes = {name: tuple(value.shape) for name, value in tensors}
    try:
        _, vector = shapes["embedding.weight"]
        _, memory = shapes["lstm.weight_hh_l0"]
    except KeyError:
        raise ValueError("em_lstm") from None
    count = sum(name.startswith("lstm.weight_ih") for name in shapes)
    return Added("em_lstm", {"size": (vector, memory), "num_layers": count}, tensors=list(tensors))


def _stage(node: Node) -> Added:
    blocks = list(node.children()["layer1"].children().values()) if "layer1" in node.children() else []
    if not blocks or len({block.kind for block in blocks}) != 1 or blocks[0].kind not in ("BasicBlock", "Bottleneck"):
        raise ValueError("ResNet")
    first = blocks[0].children()["conv1"]
    size = (_whole(first, "in_channels"), _whole(first, "out_channels"))
    layer = "res_block" if blocks[0].kind == "BasicBlock" else "res_bottleneck"
    stride = blocks[0].get("stride", 1)
    arguments = {"size": size, "num_blocks": len(blocks), "stride": stride if isinstance(stride, int) else 1}
    return Added(layer, arguments, tensors=_tensors(node))


def _mobilenet(node: Node) -> Added:
    layer = "mobilenet" if node.kind == "MobileNetV2" else "mobilenet_backbone"
    return Added(layer, tensors=_tensors(node))


def _plain(layer: str) -> Callable[[Node], Added]:
    return lambda _: Added(layer)


_LAYERS: dict[str, Callable[[Node], Added]] = {
    "Linear": _linear,
    "Conv2d": _convolution,
    "Conv1d": _convolution,
    "MaxPool2d": _pooling,
    "AvgPool2d": _pooling,
    "MaxPool1d": _pooling,
    "AvgPool1d": _pooling,
    "BatchNorm1d": _norm,
    "BatchNorm2d": _norm,
    "Dropout": _dropout,
    "lstm": _words,
    "ResNet": _stage,
    "MobileNetV2": _mobilenet,
    "MobileNetV2_backbone": _mobilenet,
    "Reshape": _plain("reshape"),
    "Flatten": _plain("reshape"),
    "Squeeze": _plain("squeeze"),
    "Unsqueeze": _plain("unsqueeze"),
}


def _tensors(*nodes: Node) -> list[tuple[str, Tensor]]:
    return [pair for node in nodes for pair in node.tensors()]


def _whole(node: Node, name: str) -> int:
    value = node.get(name)
    if type(value) is not int:
        raise ValueError(f"{node.kind}.{name}")
    return value


def _pair(node: Node, name: str, default: object = None) -> tuple[int, ...]:
    value = node.get(name, default)
    values = value if isinstance(value, (tuple, list)) else (value,)
    if not all(type(item) is int for item in values) or not 1 <= len(values) <= 2:
        raise ValueError(f"{node.kind}.{name}")
    return tuple(values)


def _window(node: Node, name: str) -> int | tuple[int, ...]:
    values = _pair(node, name)
    return values[0] if len(set(values)) == 1 else values


def unsupported(what: str, number: int | None = None) -> ModelUnsupported:
    """Make the error of a module that no layer of ours is (-206); it is named.

    Args:
        what: The module.
        number: Of its layer, from 0.
    """
    name, name_zh = one_line(english(what)), one_line(what)
    where, where_zh = ("", "") if number is None else (f" (layer {number + 1})", f"（第 {number + 1} 层）")
    return ModelUnsupported(
        say(
            f"The file holds a module that is not rebuilt here: {name}{where}.",
            f"文件中有无法重建的模块：{name_zh}{where_zh}。",
        ),
        hint=say(
            "Lay the same layers with add(), this module among them, then load the file.",
            "请先用 add() 按原样添加各层（包括该模块），再载入该文件。",
        ),
    )


def _draws() -> ModelUnsupported:
    return ModelUnsupported(
        say(
            "The file holds a diffusion model of the original, whose network is another one than here.",
            "文件中是原版的扩散模型，其网络结构与这里不同。",
        ),
        hint=say("Train it anew: add('diffusion_model').", "请重新训练：add('diffusion_model')。"),
    )
