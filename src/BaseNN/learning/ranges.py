"""What the last activation of a network never gives."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from torch import nn

from BaseDT.language import english, say
from BaseNN.learning.losses import Loss, ends_in

_REACH: tuple[tuple[type[nn.Module], float, float], ...] = (
    (nn.Sigmoid, 0, 1),
    (nn.Softmax, 0, 1),
    (nn.Tanh, -1, 1),
    (nn.ReLU, 0, float("inf")),
)


def out_of_reach(model: nn.Module, targets: npt.NDArray[Any]) -> list[str]:
    """Return a sentence where a network of numbers cannot say what it is to say.

    Args:
        model: It.
        targets: (N, K).
    """
    low, high = float(targets.min()), float(targets.max())
    for kind, least, most in _REACH:
        if ends_in(model, kind) and (low < least or high > most):
            name = kind.__name__.lower()
            reach = say(f"from {least:g} on", f"不小于 {least:g}") if most == float("inf") else _between(least, most)
            return [
                say(
                    f"The numbers to learn go from {low:g} to {high:g}; {name} at the end gives numbers "
                    f"{english(reach)}: the others are out of reach. Leave the last activation out.",
                    f"要学习的数值范围是 {low:g} 到 {high:g}，而最后的 {name} 只能输出{reach}的数："
                    "请去掉最后一层的激活函数。",
                )
            ]
    return []


def cut_off(model: nn.Module, loss: Loss) -> str:
    """Return a sentence where the last activation cuts off what a loss chooses a class by; empty where it does not."""
    if not loss.of_logits or not ends_in(model, nn.ReLU):
        return ""
    return say(
        "relu at the end makes 0 of everything below: take activation='softmax' for the last layer, or none.",
        "最后的 relu 会把小于 0 的数都变成 0：最后一层请改用 activation='softmax'，或不加激活函数。",
    )


def _between(least: float, most: float) -> str:
    return say(f"from {least:g} to {most:g}", f" {least:g} 到 {most:g} 之间")
