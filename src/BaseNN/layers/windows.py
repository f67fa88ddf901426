"""Windows that slide over pictures and sequences: how many places one has. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence

from BaseDT.errors import ParameterInvalid
from BaseDT.language import english, say
from BaseNN.layers.sizes import Pair, Shape, misfit


def spread(name: str, value: Pair, directions: int) -> Pair:
    """Return a number for each direction.

    Raises:
        ParameterInvalid: There are two, and one direction (-305).
    """
    if len(value) in (1, directions):
        return value * directions if len(value) == 1 else value
    raise ParameterInvalid(
        say(
            f"{name}={value} has two numbers, a sequence has one direction.",
            f"{name}={value} 有两个数，序列只有一个方向。",
        ),
        hint=say(f"For example: {name}={value[0]}.", f"例如：{name}={value[0]}。"),
    )


def places(incoming: Shape, lengths: Sequence[int | None], kernel: Pair, stride: Pair, padding: Pair) -> Shape:
    """Return how many places a window has in each direction: floor((length + 2 padding - kernel) / stride) + 1.

    Args:
        incoming: What comes in, for the message.
        lengths: Of the directions; None where unknown.
        kernel: The window.
        stride: Its step.
        padding: Zeros on either side.

    Raises:
        ParameterInvalid: It is larger than what comes in (-305).
    """
    directions = tuple(zip(lengths, kernel, stride, padding, strict=True))
    if any(length is not None and length + 2 * pad < size for length, size, _, pad in directions):
        shown = kernel[0] if len(set(kernel)) == 1 else kernel
        most = min(length + 2 * pad for length, _, _, pad in directions if length is not None)
        raise misfit(
            incoming,
            say(f"smaller than its window, kernel_size={shown}", f"小于窗口 kernel_size={shown}"),
            say(
                f"Would fit: kernel_size={most}; or leave out a pooling layer before it, or add padding.",
                f"合适的写法：kernel_size={most}；也可以去掉前面的池化层，或加大 padding。",
            ),
        )
    return tuple(
        None if length is None else (length + 2 * pad - size) // step + 1 for length, size, step, pad in directions
    )


def picture(incoming: Shape) -> Shape:
    """Return (channels, height, width) of what comes in.

    Raises:
        ParameterInvalid: It is no picture (-305).
    """
    if len(incoming) == 3:
        return incoming
    hint = say("It goes before the first linear or reshape.", "请放在第一个 linear 或 reshape 之前。")
    if len(incoming) == 2:
        hint = say(
            f"Gray pictures as arrays have one channel: x.reshape(-1, 1, {incoming[0]}, {incoming[1]}).",
            f"数组形式的灰度图片有一个通道：x.reshape(-1, 1, {incoming[0]}, {incoming[1]})。",
        )
    raise misfit(incoming, say("wants pictures: channels × height × width", "需要图片：通道 × 高 × 宽"), hint)


def sequence(incoming: Shape, wants: str) -> Shape:
    """Return the two lengths of what comes in.

    Args:
        incoming: What comes in.
        wants: What the two are, made by ``say``: "channels × length".

    Raises:
        ParameterInvalid: It is no sequence (-305).
    """
    if len(incoming) == 2:
        return incoming
    if len(incoming) == 3 and incoming[0] == 1:
        hint = say("add('squeeze') before it takes the channel away.", "在它之前 add('squeeze') 可去掉通道。")
    else:
        hint = say(
            f"Data of sequences have the shape (samples, {english(wants).replace(' × ', ', ')}).",
            f"序列数据的形状为（样本数, {wants.replace(' × ', ', ')}）。",
        )
    raise misfit(incoming, say(f"wants sequences: {english(wants)}", f"需要序列：{wants}"), hint)
