"""Sizes of layers: what ``size=`` and ``kernel_size=`` may be, and how a shape is written in a sentence. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from BaseDT.arguments import invalid, is_integer
from BaseDT.errors import ParameterInvalid
from BaseDT.language import english, say

Shape: TypeAlias = tuple[int | None, ...]
"""What comes out of a layer for one sample, without the batch: (C, H, W), (features,) …; None is an unknown length."""
Size: TypeAlias = tuple[int | None, int]
"""Incoming and outgoing; None leaves the incoming to what comes before."""
Pair: TypeAlias = tuple[int, ...]
"""One number for every direction, or one for height and one for width."""

MOST = 2**20
"""Of one number of a size: beyond it somebody mistyped, or means to fill the memory."""
MOST_WEIGHTS = 2**28
SIZE_FORM = {"type": "array", "items": {"type": ["integer", "null"], "minimum": 1}, "minItems": 2, "maxItems": 2}


def is_length(value: object, least: int = 1) -> bool:
    """Tell whether a value is a whole number that a size may hold."""
    return is_integer(value) and least <= value <= MOST


def checked_size(name: str, value: Any) -> Size:
    """Return (in, out); ``10`` and ``(None, 10)`` leave the incoming out.

    Raises:
        ParameterInvalid: It is something else (-305).
    """
    both = (None, value) if is_integer(value) else value
    if _listed(both, 2) and (both[0] is None or is_length(both[0])) and is_length(both[1]):
        return None if both[0] is None else int(both[0]), int(both[1])
    _check_most(name, value, both)
    raise invalid(
        name, value, "(in, out), e.g. (4, 10), or out alone, e.g. 10", "（输入，输出），例如 (4, 10)，或只写输出 10"
    )


def _check_most(name: str, value: object, numbers: object) -> None:
    """Name the limit where a number is beyond it (-305)."""
    if isinstance(numbers, (list, tuple)) and any(is_integer(number) and number > MOST for number in numbers):
        raise invalid(name, value, f"numbers of at most {MOST}", f"不超过 {MOST} 的数")


def checked_pair(name: str, value: Any, least: int = 1) -> Pair:
    """Return one number or two, each as Python's own.

    Raises:
        ParameterInvalid: It is something else (-305).
    """
    values = (value,) if is_integer(value) else value
    if (_listed(values, 1) or _listed(values, 2)) and all(is_length(item, least) for item in values):
        return tuple(int(item) for item in values)
    _check_most(name, value, values)
    raise invalid(
        name,
        value,
        f"a whole number, at least {least}, or two for height and width, e.g. 3 or (3, 5)",
        f"不小于 {least} 的整数，或高、宽两个整数，例如 3 或 (3, 5)",
    )


def _listed(value: object, count: int) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes)) and len(value) == count


def words(shape: Shape) -> str:
    """Write a shape as in a sentence: ``6 × 28 × 28``; ``?`` where a length is unknown."""
    return " × ".join("?" if length is None else str(length) for length in shape) or say("one number", "单个数")


def count_of(shape: Shape) -> int | None:
    """Return how many numbers a shape holds; None where a length is unknown."""
    return None if None in shape else math.prod(length for length in shape if length is not None)


def misfit(gets: Shape, wants: str, hint: str = "") -> ParameterInvalid:
    """Make the error of a layer that does not fit what comes in (-305).

    Args:
        gets: What comes in.
        wants: What it wants, a clause in both languages made by ``say``.
        hint: What would fit.
    """
    got = words(gets)
    return ParameterInvalid(say(f"gets {got}, {english(wants)}.", f"输入为 {got}，{wants}。"), hint=hint)


def missing(name: str, example: str) -> ParameterInvalid:
    """Make the error of a size that a layer cannot do without (-305)."""
    return ParameterInvalid(
        say(f"{name}= is missing.", f"缺少参数 {name}。"), hint=say(f"For example: {example}.", f"例如：{example}。")
    )


def check_weights(count: int) -> None:
    """Refuse a layer that no memory of a school would hold.

    Raises:
        ParameterInvalid: It has too many weights (-305).
    """
    if count > MOST_WEIGHTS:
        raise ParameterInvalid(
            say(f"would have {count} weights, too many.", f"将有 {count} 个权重，过多。"),
            hint=say("Choose smaller sizes, or pool before it.", "请减小尺寸，或在它之前加入池化层。"),
        )


def agreed(incoming: int | None, size: Size, example: str) -> Size:
    """Return a size whose incoming number is that of what comes before.

    Args:
        incoming: What comes in; None where it is unknown.
        size: As given.
        example: How the incoming number is written, made by ``say``: ``{} channels``; in Chinese with the space before
            a digit.

    Raises:
        ParameterInvalid: They differ (-305).
    """
    given, outgoing = size
    if given is not None and incoming is not None and given != incoming:
        fits = f"size=({incoming}, {outgoing})"
        got = english(example).format(incoming)
        got = got.replace("channels", "channel").replace("features", "feature") if incoming == 1 else got
        raise ParameterInvalid(
            say(
                f"gets {got}, size=({given}, {outgoing}) says {given}.",
                f"输入为{example.format(incoming)}，size=({given}, {outgoing}) 写的是 {given}。",
            ),
            hint=say(f"Would fit: {fits}.", f"合适的写法：{fits}。"),
        )
    return (incoming if given is None else given), outgoing
