"""Small tables: an epoch takes less time than a look at it, so that many make one turn of the engine's loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseNN.data.training_data import TrainingData
from BaseNN.learning.feeds import MemoryFeed, Turn
from BaseNN.learning.learning import Learning
from BaseNN.learning.record import Record
from BaseNN.learning.request import TrainingRequest
from MMEdu.engine.loop import Trainer, is_alone

_MOST_WORK = 20_000_000
"""Weights times samples of a batch: beyond it a step takes milliseconds, and the engine's own loop costs nothing."""
_STEPS = 100
"""Steps of a turn: some 50 ms, after which a stop is heard."""
_LEAST_TURNS = 10
_LEAST_STEPS = 20
"""Short runs have shorter turns, so that their curves have some points."""


def is_small(request: TrainingRequest) -> bool:
    """Tell whether a training is one of many tiny steps."""
    data: TrainingData = request.data
    weights = sum(p.numel() for p in request.model.parameters())
    return data.inputs.ndim == 2 and weights * min(request.batch_size, len(data.inputs)) <= _MOST_WORK


def passes_of(epochs: int, steps: int) -> int:
    """Return how many epochs make a turn.

    Args:
        epochs: Of the run.
        steps: Of an epoch.
    """
    in_a_turn = min(_STEPS, max(_LEAST_STEPS, epochs * steps // _LEAST_TURNS))
    return max(1, min(epochs, in_a_turn // steps))


class SmallTable(Learning):
    """Learns from a table that lies on the device, without a look between the steps.

    Args:
        request: What is asked for.
        record: Keeps what every step gives.
        feed: The table, and the order of its rows.
    """

    def __init__(self, request: TrainingRequest, record: Record, feed: MemoryFeed) -> None:
        super().__init__(request, record)
        self._feed = feed
        self._there: tuple[Tensor, Tensor] | None = None

    def step(self, trainer: Trainer, batch: Turn) -> dict[str, Tensor]:
        """Learn for the epochs of a turn; return the means over its steps."""
        optimizer = next(iter(trainer.optimizers.values()))
        taken: list[dict[str, Tensor]] = []
        try:
            for epoch in range(batch.first, batch.first + batch.passes):
                for inputs in self._batches(epoch, trainer.device):
                    values = self.losses(trainer.wrapped, inputs)
                    values["loss"].backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                    optimizer.zero_grad(set_to_none=True)
                    values["loss"] = values["loss"].detach()
                    taken.append(values)
        except ValueError as error:
            if is_alone(error):
                raise _alone() from error
            raise
        for values in taken:
            self.record.add(values)
        return {name: torch.stack([values[name] for values in taken]).mean() for name in taken[0]}

    def after_step(self, values: Mapping[str, Any]) -> None:
        """Every step of the turn was noted already."""

    def _batches(self, epoch: int, device: torch.device) -> Iterator[tuple[Tensor, Tensor]]:
        """Give inputs and targets of an epoch; all at once where that is the batch."""
        if self._there is None:
            assert self._feed.targets is not None
            self._there = self._feed.inputs.to(device), self._feed.targets.to(device)
        if self._feed.steps == 1:
            yield self._there
            return
        for indices in self._feed.order(epoch):
            rows = torch.from_numpy(indices).to(device)
            yield self._there[0][rows], self._there[1][rows]


def _alone() -> ParameterInvalid:
    return ParameterInvalid(
        say(
            "A batch of one sample cannot be normalised (batchnorm).",
            "每批只有一个样本时，无法使用批归一化（batchnorm）。",
        ),
        hint=say("Use a larger batch_size, or leave batchnorm out.", "请增大 batch_size，或去掉 batchnorm 层。"),
    )
