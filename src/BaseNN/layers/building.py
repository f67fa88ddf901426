"""From layers to a ``torch.nn.Sequential``."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import nn

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import first_line
from BaseDT.language import english, say
from BaseNN.layers.sizes import Shape, words
from BaseNN.layers.stack import Layer, Stack

_ONCE = ("reshape", "squeeze", "unsqueeze")
"""Modules without weights whose names carry no number, as in the files of the original."""


def build(stack: Stack, own: Mapping[int, nn.Module]) -> nn.Module:
    """Make the network of a stack, with fresh weights.

    Args:
        stack: Its layers.
        own: Modules of the user's own, by number of the layer, counted from 0.

    Returns:
        A ``Sequential`` whose modules are named after their kind and number, e.g. ``linear1``, ``relu1``; the module
        itself where a layer is a whole network.

    Raises:
        ParameterInvalid: A layer lacks what only data could tell (-305).
    """
    if stack.is_whole:
        return modules_of(stack, len(stack.layers) - 1, own)[0][1]
    return extend(nn.Sequential(), stack, own)


def extend(network: nn.Sequential, stack: Stack, own: Mapping[int, nn.Module], first: int = 0) -> nn.Sequential:
    """Append the modules of the layers from ``first`` on; those before keep their weights."""
    made: OrderedDict[str, nn.Module] = OrderedDict(network.named_children())
    for number in range(first, len(stack.layers)):
        incoming = stack.incoming(number)
        for name, module in modules_of(stack, number, own):
            if name == "reshape" and name in made and incoming is not None and len(incoming) == 1:
                continue  # in a row already
            made[f"{name}{number + 1}" if name not in _ONCE or name in made else name] = module
    return nn.Sequential(made)


def layer_of_each(stack: Stack, network: nn.Sequential) -> list[int]:
    """Return of which layer each module of a network is; layers are counted from 0.

    A module without a number in its name belongs to the layer of the one behind it.
    """
    found: list[int | None] = []
    at = 0
    for name, _ in network.named_children():
        fits = (number for number in range(at, len(stack.layers)) if name.endswith(str(number + 1)))
        number = next(fits, None)
        at = at if number is None else number
        found.append(number)
    last = len(stack.layers) - 1
    listed: list[int] = []
    for number in reversed(found):
        last = last if number is None else number
        listed.append(last)
    return listed[::-1]


def modules_of(stack: Stack, number: int, own: Mapping[int, nn.Module]) -> Sequence[tuple[str, nn.Module]]:
    """Make the modules of one layer, its activation last."""
    layer = stack.layers[number]
    return [*_modules(stack, number, own), *_activation(layer)]


def _modules(stack: Stack, number: int, own: Mapping[int, nn.Module]) -> Iterator[tuple[str, nn.Module]]:
    layer = stack.layers[number]
    if layer.module:
        if number not in own:
            raise _own_is_missing(number, layer)
        yield type(own[number]).__name__, own[number]
    elif layer.kind is not None:
        if layer.kind.lacks(layer.arguments):
            raise _incomplete(number, layer)
        yield from layer.kind.modules(layer.arguments, stack.surroundings)


def _activation(layer: Layer) -> list[tuple[str, nn.Module]]:
    """Make the module of an activation; softmax is taken over the features of each step, or over the channels."""
    if not layer.activation:
        return []
    is_sequence = layer.outgoing is not None and len(layer.outgoing) == 2
    made: dict[str, nn.Module] = {
        "relu": nn.ReLU(),
        "tanh": nn.Tanh(),
        "leakyrelu": nn.LeakyReLU(0.2),
        "sigmoid": nn.Sigmoid(),
        "softmax": nn.Softmax(dim=-1 if is_sequence else 1),
    }
    return [(layer.activation, made[layer.activation])]


def outgoing_of(module: nn.Module, incoming: Shape | None, *, words_come_in: bool = False) -> Shape | None:
    """Return what comes out of a module of the user's own for one sample: it is tried on zeros.

    Args:
        module: Whether it is training is as before afterwards.
        incoming: What goes in.
        words_come_in: Whether numbers of words go in rather than measured ones.

    Returns:
        None where the incoming shape is unknown or it gives no tensor.

    Raises:
        ParameterInvalid: It fails (-305).
    """
    if incoming is None or None in incoming:
        return None
    lengths = [length for length in incoming if length is not None]
    was = [(part, part.training) for part in module.modules()]
    place = next((parameter.device for parameter in module.parameters()), torch.device("cpu"))
    try:
        zeros = torch.zeros(2, *lengths, dtype=torch.int64 if words_come_in else torch.float32, device=place)
        with torch.no_grad():
            out = module.eval()(zeros)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise _own_fails(module, incoming, error) from None
    finally:
        for part, training in was:
            part.training = training
    return tuple(out.shape[1:]) if isinstance(out, torch.Tensor) and out.ndim else None


def _own_fails(module: nn.Module, incoming: Shape, error: Exception) -> ParameterInvalid:
    name, reason = type(module).__name__, first_line(error)
    got = words(incoming)
    return ParameterInvalid(
        say(f"{name} does not take what comes in, {english(got)}: {reason}", f"{name} 不能处理输入 {got}：{reason}"),
        hint=say(
            "A sample of this shape comes in behind the batch: (batch, …).",
            "输入的第一维是批次，其后是该形状：(批次, …)。",
        ),
    )


def _own_is_missing(number: int, layer: Layer) -> ParameterInvalid:
    return ParameterInvalid(
        say(
            f"Layer {number + 1} is a module of your own, {layer.module}, which a file does not hold.",
            f"第 {number + 1} 层是自定义模块 {layer.module}，文件中不包含它的代码。",
        ),
        hint=say(
            "Add the same layers to an nn() first, this module among them, then load.",
            "请先在 nn() 中按原样添加各层（包括该模块），再载入。",
        ),
    )


def _incomplete(number: int, layer: Layer) -> ParameterInvalid:
    lacks = layer.kind.lacks(layer.arguments) if layer.kind else ""
    return ParameterInvalid(
        say(
            f"Layer {number + 1}, {layer.layer}: {lacks} is not known yet, it depends on what comes in.",
            f"第 {number + 1} 层 {layer.layer}：{lacks} 取决于输入，目前未知。",
        ),
        hint=say(
            "Load the data first, or write it out, e.g. size=(4, 10).", "请先载入数据，或完整写出，例如 size=(4, 10)。"
        ),
    )
