"""Parts of known networks: stages of ResNet, MobileNetV2. Torch-free.

He et al. 2015, Deep Residual Learning for Image Recognition; Sandler et al. 2018, MobileNetV2.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

from BaseDT.argument_schema import argument
from BaseDT.language import say
from BaseNN.layers.kind import Laid, LayerKind, Surroundings, laid
from BaseNN.layers.sizes import (
    SIZE_FORM,
    Shape,
    Size,
    agreed,
    check_weights,
    checked_size,
    missing,
)
from BaseNN.layers.windows import picture

EXPANSION = 4
"""How many times more channels a bottleneck gives than its size says."""
MOBILENET_FEATURES = 1280


@dataclass(frozen=True)
class Residual:
    """What ``res_block`` and ``res_bottleneck`` take."""

    size: Size | None = argument(
        None,
        "Channels in and channels out, e.g. (64, 128); a bottleneck gives four times as many.",
        "输入与输出的通道数，例如 (64, 128)；瓶颈结构（res_bottleneck）的输出为其 4 倍。",
        check=checked_size,
        label=("in, out", "输入, 输出"),
        form=SIZE_FORM,
    )
    num_blocks: int = argument(1, "Blocks in a row.", "串联的残差块个数。", most=100)
    stride: int = argument(
        1, "Step of the first block; 2 halves the picture.", "第一个块的步长；2 表示图片减半。", most=64
    )


def _of_pictures() -> Any:
    """Declare the channels of pictures as an argument."""
    return argument(
        None,
        "Channels of the pictures; told by what comes in.",
        "图片的通道数；由输入决定。",
        most=2**16,
        python_only=True,
    )


@dataclass(frozen=True)
class MobileNet:
    """What ``mobilenet`` takes."""

    num_classes: int | None = argument(
        None, "Number of classes; told by the data.", "类别数；由数据决定。", most=2**16, python_only=True
    )
    channels: int | None = _of_pictures()


@dataclass(frozen=True)
class MobileNetBackbone:
    """What ``mobilenet_backbone`` takes."""

    channels: int | None = _of_pictures()


def lay_residual(expansion: int, arguments: Residual, incoming: Shape | None, _: Surroundings) -> Laid:
    """Only the first block has a step; windows of three with one zero on either side."""
    if arguments.size is None:
        name = "res_block" if expansion == 1 else "res_bottleneck"
        raise missing("size", f"add('{name}', size=(64, 128))")
    shape = (None, None, None) if incoming is None else picture(incoming)
    size = agreed(shape[0], arguments.size, say("{} channels", " {} 个通道"))
    outgoing = size[1] * expansion
    check_weights(arguments.num_blocks * 9 * size[1] * max(size[0] or 1, outgoing))
    sides = tuple(None if side is None else (side - 1) // arguments.stride + 1 for side in shape[1:])
    return laid(replace(arguments, size=size), (outgoing, *sides))


def lay_mobilenet(arguments: MobileNet, incoming: Shape | None, around: Surroundings) -> Laid:
    """A whole MobileNetV2: one number for each class."""
    classes = arguments.num_classes or around.classes or None
    complete = MobileNet(classes, _channels(arguments.channels, incoming))
    return laid(complete, (classes,))


def lay_mobilenet_backbone(arguments: MobileNetBackbone, incoming: Shape | None, _: Surroundings) -> Laid:
    """What MobileNetV2 sees in a picture."""
    return laid(MobileNetBackbone(_channels(arguments.channels, incoming)), (MOBILENET_FEATURES,))


def _channels(given: int | None, incoming: Shape | None) -> int | None:
    """Return the channels that come in; of a picture of unknown channels those of colour."""
    if incoming is None:
        return given or 3
    return picture(incoming)[0] or given or 3


_MODULES = "BaseNN.layers.modules.blocks"

KINDS: tuple[LayerKind, ...] = (
    LayerKind(
        name="res_block",
        arguments=Residual,
        lay=functools.partial(lay_residual, 1),
        build=f"{_MODULES}:res_block",
        shows=(
            "a stage of ResNet: what comes in is added to what was found",
            "ResNet 的一个阶段：输入与提取的特征相加",
        ),
        example="add('res_block', size=(16, 32), num_blocks=2, stride=2)",
        completes=("size",),
    ),
    LayerKind(
        name="res_bottleneck",
        arguments=Residual,
        lay=functools.partial(lay_residual, EXPANSION),
        build=f"{_MODULES}:res_bottleneck",
        shows=(
            "a stage of ResNet with narrow blocks; gives four times as many channels",
            "ResNet 的瓶颈阶段；输出通道为 4 倍",
        ),
        example="add('res_bottleneck', size=(16, 16), num_blocks=2)",
        completes=("size",),
    ),
    LayerKind(
        name="mobilenet",
        arguments=MobileNet,
        lay=lay_mobilenet,
        build=f"{_MODULES}:mobilenet",
        shows=("a whole MobileNetV2 for as many classes as the data have", "完整的 MobileNetV2，类别数由数据决定"),
        example="add('mobilenet')",
        completes=("num_classes",),
    ),
    LayerKind(
        name="mobilenet_backbone",
        arguments=MobileNetBackbone,
        lay=lay_mobilenet_backbone,
        build=f"{_MODULES}:mobilenet_backbone",
        shows=(
            f"what MobileNetV2 sees in a picture, {MOBILENET_FEATURES} numbers",
            f"MobileNetV2 提取的图片特征，{MOBILENET_FEATURES} 个数",
        ),
        example="add('mobilenet_backbone')",
    ),
)
