"""What whole networks (``em_lstm``, ``diffusion_model``) share as they learn: a learning rate that suits them."""

from __future__ import annotations

from BaseNN.learning.learning import Learning
from BaseNN.learning.rates import rate_of
from BaseNN.learning.record import Record
from BaseNN.learning.request import TrainingRequest


class WholeLearning(Learning):
    """How a layer learns that is a whole network; it has a loss of its own.

    Args:
        request: What is asked for.
        record: Keeps what every step gives.
        suits: A learning rate that suits.
        too_large: From here on nothing is learnt with Adam.
    """

    best_key = "loss"

    def __init__(self, request: TrainingRequest, record: Record, suits: float, too_large: float) -> None:
        self.request, self.record = request, record
        self._rate = rate_of(request, suits, too_large)

    @property
    def lr(self) -> float:
        """The learning rate that was asked for, or one that suits the network."""
        return self._rate.lr

    @property
    def notes(self) -> tuple[str, ...]:
        """Says so where another learning rate was taken."""
        return self._rate.notes
