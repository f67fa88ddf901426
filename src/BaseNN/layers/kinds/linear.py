"""Fully connected layers, and what lays numbers in a row for them. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass, replace

from BaseDT.argument_schema import argument
from BaseDT.language import say
from BaseNN.layers.kind import Laid, LayerKind, Surroundings, laid
from BaseNN.layers.sizes import SIZE_FORM, Shape, Size, agreed, check_weights, checked_size, count_of, missing, words

_EXAMPLE = "add('linear', size=(4, 10))"


@dataclass(frozen=True)
class Linear:
    """What ``linear`` takes."""

    size: Size | None = argument(
        None,
        "Numbers in and numbers out, e.g. (4, 10); 10 alone takes what comes in.",
        "输入与输出的个数，例如 (4, 10)；只写 10 时输入取自上一层。",
        check=checked_size,
        label=("in, out", "输入, 输出"),
        form=SIZE_FORM,
    )


@dataclass(frozen=True)
class Reshape:
    """What ``reshape`` takes: nothing."""


def lay_linear(arguments: Linear, incoming: Shape | None, _surroundings: Surroundings) -> Laid:
    """Everything that comes in is laid in a row."""
    if arguments.size is None:
        raise missing("size", _EXAMPLE)
    count = None if incoming is None else count_of(incoming)
    shown = "{}" if incoming is None or len(incoming) == 1 else f"{words(incoming)} = {{}}"
    shown = say(shown, f" {shown}")
    size = agreed(count, arguments.size, shown)
    check_weights((size[0] or 1) * size[1])
    return laid(replace(arguments, size=size), (size[1],))


def lay_reshape(arguments: Reshape, incoming: Shape | None, _surroundings: Surroundings) -> Laid:
    """Everything that comes in is laid in a row."""
    return laid(arguments, None if incoming is None else (count_of(incoming),))


KINDS: tuple[LayerKind, ...] = (
    LayerKind(
        name="linear",
        arguments=Linear,
        lay=lay_linear,
        build="BaseNN.layers.modules.linear:linear",
        shows=("every input is connected with every output", "全连接：每个输入与每个输出相连"),
        example=_EXAMPLE,
        completes=("size",),
    ),
    LayerKind(
        name="reshape",
        arguments=Reshape,
        lay=lay_reshape,
        build="BaseNN.layers.modules.linear:reshape",
        shows=("lays all numbers of a sample in a row", "把一个样本的所有数排成一行"),
        example="add('reshape')",
    ),
)
