"""Learning rates of whole networks: the documented 0.1 is far too large for them with Adam."""

from __future__ import annotations

from dataclasses import dataclass

from BaseDT.language import say
from BaseNN.learning.request import TrainingRequest


@dataclass(frozen=True)
class Rate:
    """The learning rate of a training.

    Attributes:
        lr: It.
        notes: Says so where it is not what was asked for.
    """

    lr: float
    notes: tuple[str, ...] = ()


def rate_of(request: TrainingRequest, suits: float, too_large: float) -> Rate:
    """Return the rate that was asked for, or one that suits the network where that would only spoil it.

    Args:
        request: What is asked for.
        suits: A rate that suits.
        too_large: From here on nothing is learnt with Adam.
    """
    asked = request.lr
    if asked < too_large or request.optimizer != "Adam":
        return Rate(asked)
    network = request.stack.layers[0].layer
    text = say(
        f"lr={asked:g} is too large for {network}: it learns with lr={suits:g}.",
        f"lr={asked:g} 对 {network} 过大，改用 lr={suits:g} 训练。",
    )
    return Rate(suits, (text,))
