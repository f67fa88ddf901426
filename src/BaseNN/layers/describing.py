"""What ``print_model`` writes: each layer, what comes out of it, how many weights it has."""

from __future__ import annotations

from typing import Any

from torch import nn

from BaseDT.argument_schema import arguments_of
from BaseDT.language import say
from BaseDT.terminal import table
from BaseNN.layers.building import layer_of_each
from BaseNN.layers.sizes import words
from BaseNN.layers.stack import Layer, Stack


def lines(stack: Stack, model: nn.Module) -> list[str]:
    """Return a table of the layers, and the sum of their weights."""
    rows: list[tuple[str | int, ...]] = [
        ("", say("layer", "网络层"), say("arguments", "参数"), say("gives", "输出形状"), say("weights", "权重数"))
    ]
    weights = _weights(stack, model)
    rows += [(number, *_row(stack.layers[number - 1]), weights[number - 1]) for number in range(1, len(weights) + 1)]
    total = _count(model)
    comes = stack.surroundings.inputs
    head = [] if comes is None else [say(f"in: {words(comes)}", f"输入：{words(comes)}")]
    return [*head, *table(rows), say(f"{total} weights", f"共 {total} 个权重")]


def in_a_line(stack: Stack) -> str:
    """Return all layers in a line: ``linear (size=(4, 10)) + relu - linear (size=(10, 3)) + softmax``."""
    return " - ".join(_in_a_line(layer) for layer in stack.layers)


def _in_a_line(layer: Layer) -> str:
    name, arguments = layer.layer or layer.module, _arguments(layer)
    what = f"{name} ({arguments})" if arguments else name
    return " + ".join(part for part in (what, layer.activation) if part)


def _weights(stack: Stack, model: nn.Module) -> list[int]:
    """Count the weights of each layer."""
    counted = [0] * len(stack.layers)
    if len(counted) == 1 or not isinstance(model, nn.Sequential):
        return [*counted[:-1], _count(model)] if counted else []
    for number, module in zip(layer_of_each(stack, model), model, strict=True):
        counted[number] += _count(module)
    return counted


def _row(layer: Layer) -> tuple[str | int, ...]:
    name = layer.layer or layer.module
    what = f"{name} + {layer.activation}" if name and layer.activation else name or layer.activation
    return what, _arguments(layer), "" if layer.outgoing is None else words(layer.outgoing)


def _arguments(layer: Layer) -> str:
    if layer.kind is None:
        return ""
    defaults = {item.name: _short(item.default) for item in arguments_of(layer.kind.arguments) if not item.python_only}
    values = {name: layer.arguments[name] if name == "size" else _short(layer.arguments[name]) for name in defaults}
    if "kernel_size" in values and defaults["stride"] is None and values["stride"] == values["kernel_size"]:
        del values["stride"]  # of a pooling: as large as its window
    return ", ".join(f"{name}={value}" for name, value in values.items() if value not in (None, defaults[name]))


def _short(value: Any) -> Any:
    """Return one number for several that are equal."""
    return value[0] if isinstance(value, (tuple, list)) and len(set(value)) == 1 else value


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
