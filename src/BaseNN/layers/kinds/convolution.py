"""Convolutions and poolings: windows that slide over pictures and sequences. Torch-free."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import invalid
from BaseDT.errors import ParameterInvalid
from BaseDT.language import english, say
from BaseNN.layers.kind import Laid, LayerKind, Surroundings, laid
from BaseNN.layers.sizes import (
    SIZE_FORM,
    Pair,
    Shape,
    Size,
    agreed,
    check_weights,
    checked_pair,
    checked_size,
    misfit,
    missing,
)
from BaseNN.layers.windows import picture, places, sequence, spread

_NUMBER = {"type": "integer", "minimum": 1}
_PADDING = {"type": "integer", "minimum": 0}


def checked_padding(name: str, value: Any) -> Pair | str:
    """Return zeros on either side, or ``same``: as many as keep the size."""
    if isinstance(value, str) and value.lower() in ("same", "valid"):
        return "same" if value.lower() == "same" else (0,)
    if isinstance(value, str):
        raise invalid(name, value, "a whole number, at least 0, or 'same'", "不小于 0 的整数，或 'same'")
    return checked_pair(name, value, least=0)


@dataclass(frozen=True)
class Convolution:
    """What ``conv1d`` and ``conv2d`` take."""

    size: Size | None = argument(
        None,
        "Channels in and channels out, e.g. (1, 6); 6 alone takes what comes in.",
        "输入与输出的通道数，例如 (1, 6)；只写 6 时输入取自上一层。",
        check=checked_size,
        label=("in, out", "输入, 输出"),
        form=SIZE_FORM,
    )
    kernel_size: Pair | None = argument(
        None, "Size of the window.", "窗口（卷积核）的大小。", check=checked_pair, form=_NUMBER
    )
    stride: Pair = argument((1,), "Step of the window.", "窗口每次移动的步长。", check=checked_pair, form=_NUMBER)
    padding: Pair | str = argument(
        (0,),
        "Zeros on either side; 'same': as many as keep the size.",
        "两侧补零的个数；'same' 表示保持大小不变。",
        check=checked_padding,
        form=_PADDING,
    )


@dataclass(frozen=True)
class Pooling:
    """What ``maxpool`` and ``avgpool`` take."""

    kernel_size: Pair | None = argument(None, "Size of the window.", "窗口的大小。", check=checked_pair, form=_NUMBER)
    stride: Pair | None = argument(
        None,
        "Step of the window; as large as the window by default.",
        "窗口的步长；默认与窗口相同。",
        check=checked_pair,
        form=_NUMBER,
    )
    padding: Pair = argument(
        (0,),
        "Places on either side.",
        "两侧补位的个数。",
        check=functools.partial(checked_pair, least=0),
        form=_PADDING,
    )
    directions: int = argument(
        2,
        "2 over pictures, 1 over sequences; told by what comes in.",
        "图片为 2，序列为 1；由输入决定。",
        choices=(1, 2),
        python_only=True,
    )


def lay_convolution(directions: int, arguments: Convolution, incoming: Shape | None, _: Surroundings) -> Laid:
    """Channels first; a window over the rest."""
    example = f"add('conv{directions}d', size=(1, 6), kernel_size=3)"
    if arguments.size is None or arguments.kernel_size is None:
        raise missing("size" if arguments.size is None else "kernel_size", example)
    kernel = spread("kernel_size", arguments.kernel_size, directions)
    stride = spread("stride", arguments.stride, directions)
    padding = _padding(arguments.padding, kernel, stride)
    shape = _seen(incoming, directions)
    size = _channels(shape[0], arguments.size)
    check_weights((size[0] or 1) * size[1] * math.prod(kernel))
    outgoing = (size[1], *places(shape, shape[1:], kernel, stride, padding))
    return laid(replace(arguments, size=size, kernel_size=kernel, stride=stride, padding=padding), outgoing)


def _channels(incoming: int | None, size: Size) -> Size:
    """Return the channels in and out; colour where gray was meant is mostly a forgotten ``color``."""
    try:
        return agreed(incoming, size, say("{} channels", " {} 个通道"))
    except ParameterInvalid as error:
        if (incoming, size[0]) == (3, 1):
            more = say(
                "Or load the pictures as gray ones: color='grayscale'.", "或以灰度方式载入图片：color='grayscale'。"
            )
            error.hint = say(f"{english(error.hint)} {english(more)}", f"{error.hint}{more}")
        raise


def _seen(incoming: Shape | None, directions: int) -> Shape:
    """Return what a window slides over; unknown lengths where nothing is known."""
    if incoming is None:
        return (None,) * (directions + 1)
    return picture(incoming) if directions == 2 else sequence(incoming, say("channels × length", "通道 × 长度"))


def _padding(padding: Pair | str, kernel: Pair, stride: Pair) -> Pair:
    if not isinstance(padding, str):
        return spread("padding", padding, len(kernel))
    if any(size % 2 == 0 for size in kernel) or set(stride) != {1}:
        raise invalid(
            "padding",
            padding,
            "a number where the kernel is even or the stride is not 1",
            "数字（卷积核为偶数或步长不为 1 时）",
        )
    return tuple(size // 2 for size in kernel)


def lay_pooling(name: str, arguments: Pooling, incoming: Shape | None, _: Surroundings) -> Laid:
    """Over pictures in two directions, over (channels, length) in one."""
    if arguments.kernel_size is None:
        raise missing("kernel_size", f"add('{name}', kernel_size=2)")
    directions = 1 if incoming is not None and len(incoming) == 2 else arguments.directions if incoming is None else 2
    shape = _seen(incoming, directions)
    kernel = spread("kernel_size", arguments.kernel_size, directions)
    stride = kernel if arguments.stride is None else spread("stride", arguments.stride, directions)
    padding = spread("padding", arguments.padding, directions)
    if any(2 * pad > size for pad, size in zip(padding, kernel, strict=True)):
        raise misfit(
            shape,
            say("wants a padding of at most half the window", "padding 不能超过窗口的一半"),
            say(f"Would fit: padding={min(kernel) // 2}.", f"合适的写法：padding={min(kernel) // 2}。"),
        )
    outgoing = (shape[0], *places(shape, shape[1:], kernel, stride, padding))
    complete = Pooling(kernel_size=kernel, stride=stride, padding=padding, directions=directions)
    return laid(complete, outgoing)


_MODULES = "BaseNN.layers.modules.convolution"

KINDS: tuple[LayerKind, ...] = (
    LayerKind(
        name="conv2d",
        arguments=Convolution,
        lay=functools.partial(lay_convolution, 2),
        build=f"{_MODULES}:conv2d",
        shows=("windows slide over the picture and look for patterns", "窗口滑过图片，寻找图案"),
        example="add('conv2d', size=(1, 6), kernel_size=3)",
        completes=("size",),
    ),
    LayerKind(
        name="conv1d",
        arguments=Convolution,
        lay=functools.partial(lay_convolution, 1),
        build=f"{_MODULES}:conv1d",
        shows=("windows slide along the sequence and look for patterns", "窗口沿序列滑动，寻找规律"),
        example="add('conv1d', size=(1, 6), kernel_size=3)",
        completes=("size",),
    ),
    LayerKind(
        name="maxpool",
        arguments=Pooling,
        lay=functools.partial(lay_pooling, "maxpool"),
        build=f"{_MODULES}:maxpool",
        shows=("keeps the largest number of each window", "每个窗口保留最大的数"),
        example="add('maxpool', kernel_size=2)",
    ),
    LayerKind(
        name="avgpool",
        arguments=Pooling,
        lay=functools.partial(lay_pooling, "avgpool"),
        build=f"{_MODULES}:avgpool",
        shows=("keeps the mean of each window", "每个窗口取平均"),
        example="add('avgpool', kernel_size=2)",
    ),
)
