"""Layers that only lay numbers out in another way. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from BaseDT.language import say
from BaseNN.layers.kind import Laid, LayerKind, Surroundings, laid
from BaseNN.layers.sizes import Shape
from BaseNN.layers.windows import sequence


@dataclass(frozen=True)
class Nothing:
    """What ``squeeze``, ``unsqueeze`` and ``part0`` take: nothing."""


def lay_squeeze(arguments: Nothing, incoming: Shape | None, _: Surroundings) -> Laid:
    """A first length of one goes; any other stays."""
    if incoming is None or not incoming or incoming[0] is None:
        return laid(arguments, None)
    return laid(arguments, incoming[1:] if incoming[0] == 1 else incoming)


def lay_unsqueeze(arguments: Nothing, incoming: Shape | None, _: Surroundings) -> Laid:
    """(steps, features) -> (1, features) of the last step."""
    if incoming is None:
        return laid(arguments, (1, None))
    return laid(arguments, (1, sequence(incoming, say("steps × features", "步数 × 特征数"))[1]))


def lay_part0(arguments: Nothing, incoming: Shape | None, _: Surroundings) -> Laid:
    """The first of what a module of the user's own gives; what comes from a layer of the table is one already."""
    return laid(arguments, incoming)


_MODULES = "BaseNN.layers.modules.shaping"

KINDS: tuple[LayerKind, ...] = (
    LayerKind(
        name="squeeze",
        arguments=Nothing,
        lay=lay_squeeze,
        build=f"{_MODULES}:squeeze",
        shows=("takes away a first length of one", "去掉长度为 1 的第一维"),
        example="add('squeeze')",
    ),
    LayerKind(
        name="unsqueeze",
        arguments=Nothing,
        lay=lay_unsqueeze,
        build=f"{_MODULES}:unsqueeze",
        shows=("keeps the last step of a sequence", "只保留序列的最后一步"),
        example="add('unsqueeze')",
    ),
    LayerKind(
        name="part0",
        arguments=Nothing,
        lay=lay_part0,
        build=f"{_MODULES}:part0",
        shows=("takes the first of several results, e.g. of an nn.LSTM", "取多个结果中的第一个，例如 nn.LSTM 的输出"),
        example="add('part0')",
    ),
)
