"""``TrainingRequest``: what a training is asked for, and ``TrainingOutcome``: what it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from BaseNN.data.training_data import TrainingData
from BaseNN.layers.stack import Stack


@dataclass(frozen=True)
class TrainingRequest:
    """A training, as ``nn.train`` is asked for it; checked.

    Attributes:
        model: What learns; its weights are changed.
        stack: Its layers.
        data: What it learns from.
        task: ``cls``, ``reg`` or ``gen``.
        folder: Where everything is written.
        optimizer: Its name.
        lr: Learning rate.
        epochs: Passes over the data, in all where a run is resumed.
        batch_num: Into how many batches data that came at once are cut.
        loss: Its name, one of ``losses.LOSSES``.
        metrics: Names, some of ``metrics.METRICS``.
        filename: Of the documented file.
        device: As torch names it.
        seed: What the user set; None draws one.
        resume: Whether the interrupted run in the folder goes on.
        fresh: Whether the network has learnt nothing yet.
    """

    model: nn.Module
    stack: Stack
    data: TrainingData
    task: str
    folder: Path
    optimizer: str = "Adam"
    lr: float = 0.1
    epochs: int = 30
    batch_num: int = 1
    loss: str = "CrossEntropyLoss"
    metrics: Sequence[str] = ()
    filename: str = "basenn.pth"
    device: str = "cpu"
    seed: int | None = None
    resume: bool = False
    fresh: bool = False

    @property
    def batch_size(self) -> int:
        """Samples of a batch: what the data say, else all of them in ``batch_num`` parts."""
        return self.data.batch_size or -(-len(self.data.inputs) // self.batch_num)


@dataclass(frozen=True)
class TrainingOutcome:
    """What a training leaves.

    Attributes:
        log: The documented list: a line for each step, ``epoch`` counted from 0.
        file: The documented file.
        meta: What the file says, plain data.
        notes: Sentences where the result cannot be meant.
        best_file: The checkpoint of the best epoch; None where nothing was held out.
    """

    log: list[dict[str, Any]]
    file: Path
    meta: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    best_file: Path | None = None
