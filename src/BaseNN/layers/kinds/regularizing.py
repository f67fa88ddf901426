"""Dropout and batch normalisation. Torch-free."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import invalid
from BaseDT.errors import ParameterInvalid
from BaseDT.language import english, say
from BaseNN.layers.kind import Laid, LayerKind, Surroundings, laid
from BaseNN.layers.sizes import Shape, is_length, misfit, words
from BaseNN.layers.windows import picture


@dataclass(frozen=True)
class Dropout:
    """What ``dropout`` takes."""

    p: float = argument(0.5, "Share of the numbers that are set to zero.", "被置零的比例。", least=0, most=1)


def _checked_features(name: str, value: Any) -> int:
    """Return a number of features; (6,) is one, too."""
    number = value[0] if isinstance(value, (tuple, list)) and len(value) == 1 else value
    if is_length(number):
        return int(number)
    raise invalid(name, value, "a whole number, e.g. 6", "整数，例如 6")


@dataclass(frozen=True)
class BatchNorm:
    """What ``batchnorm1d`` and ``batchnorm2d`` take."""

    size: int | None = argument(
        None,
        "Number of features or channels; told by what comes in where it is left out.",
        "特征数或通道数；省略时由输入决定。",
        check=_checked_features,
        form={"type": ["integer", "null"], "minimum": 1},
    )


def lay_dropout(arguments: Dropout, incoming: Shape | None, _: Surroundings) -> Laid:
    """What comes in goes out."""
    return laid(arguments, incoming)


def lay_batchnorm(directions: int, arguments: BatchNorm, incoming: Shape | None, _: Surroundings) -> Laid:
    """What comes in goes out, of as many features or channels."""
    if incoming is None:
        return laid(arguments, None if arguments.size is None else _unknown(directions, arguments.size))
    if directions == 2:
        picture(incoming)
    elif len(incoming) not in (1, 2):
        raise misfit(
            incoming,
            say("wants features, or channels × length", "需要特征，或通道 × 长度"),
            say("For pictures: batchnorm2d.", "图片请用 batchnorm2d。"),
        )
    features = incoming[0]
    if features is not None and arguments.size is not None and arguments.size != features:
        raise _other_features(incoming, features, arguments.size)
    return laid(BatchNorm(features if arguments.size is None else arguments.size), incoming)


def _other_features(incoming: Shape, features: int, size: int) -> ParameterInvalid:
    """Make the error of a size that is not what comes in."""
    told = say(f"size={size} says {size}", f"size={size} 写的是 {size}")
    if words(incoming) != str(features):
        told = say(f"the first of them {features}, {english(told)}", f"其第一维为 {features}，{told}")
    return misfit(incoming, told, say(f"Would fit: size={features}.", f"合适的写法：size={features}。"))


def _unknown(directions: int, features: int) -> Shape | None:
    """Of one direction it may be features alone, or a sequence."""
    return (features, None, None) if directions == 2 else None


_MODULES = "BaseNN.layers.modules.regularizing"

KINDS: tuple[LayerKind, ...] = (
    LayerKind(
        name="dropout",
        arguments=Dropout,
        lay=lay_dropout,
        build=f"{_MODULES}:dropout",
        shows=(
            "forgets some numbers at random while learning, so that the network relies on no single one",
            "训练时随机丢弃一部分数，避免网络只依赖其中几个",
        ),
        example="add('dropout', p=0.2)",
    ),
    LayerKind(
        name="batchnorm1d",
        arguments=BatchNorm,
        lay=functools.partial(lay_batchnorm, 1),
        build=f"{_MODULES}:batchnorm1d",
        shows=("brings each feature to mean 0 and spread 1", "把每个特征调整为均值 0、标准差 1"),
        example="add('batchnorm1d', size=10)",
        completes=("size",),
    ),
    LayerKind(
        name="batchnorm2d",
        arguments=BatchNorm,
        lay=functools.partial(lay_batchnorm, 2),
        build=f"{_MODULES}:batchnorm2d",
        shows=("brings each channel to mean 0 and spread 1", "把每个通道调整为均值 0、标准差 1"),
        example="add('batchnorm2d', size=6)",
        completes=("size",),
    ),
)
