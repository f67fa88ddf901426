"""What a run is told and what it leaves: plain descriptions, made by a task's room and by ``actions.train``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from MMEdu.engine.events import LogLine
from MMEdu.engine.feed import Feed
from MMEdu.engine.loop import Trainer
from MMEdu.engine.protocol import Metrics, Task
from MMEdu.engine.run_settings import RunSettings
from MMEdu.models.recipe import Recipe

EVAL_BATCH = 2
"""Validation batches over training batches: no gradients are kept, more fits."""


@dataclass(frozen=True)
class RunParts:
    """What a task's room makes for one process of a run.

    Attributes:
        build: Makes the network with fresh weights.
        task: The torch side of the task.
        optimizers: Makes the optimisers of the network, one or several, by name.
        train: Feeds training batches of this process.
        val: Feeds validation batches; None without validation.
        best_key: The metric that chooses the best checkpoint.
        meta: What the task writes into every checkpoint (classes, for instance); plain data.
        size: Number of training samples.
        prepare: Computes once what every epoch needs of the loaded network, before anything is trained. It may lower
            the number of torch's threads for the epochs.
        save_every: Seconds between savings where epochs take less; 0 saves after every epoch.
        second: What the run goes on with after some epochs, where that is worthwhile.
        passes: How many epochs of a small table go by between two looks at the run (validation, saving, a line of the
            log), which take longer than each of them; ``train`` gives those of a turn as the batches of its first.
    """

    build: Callable[[], nn.Module]
    task: Task
    optimizers: Callable[[nn.Module], Mapping[str, torch.optim.Optimizer]]
    train: Feed
    val: Feed | None
    best_key: str
    meta: Mapping[str, Any]
    size: int
    prepare: Callable[[Trainer], None] = field(default=lambda _: None)
    save_every: float = 0.0
    second: SecondPhase | None = None
    passes: int = 1


@dataclass(frozen=True)
class SecondPhase:
    """What a run goes on with after its first epochs: the same network, more of which learns.

    Attributes:
        after: Epochs of the first phase.
        judge: ``(best metrics so far) -> (whether it is worthwhile, a line for the user)``; asked once, after them.
        thaw: Chooses what learns of the network from now on.
        parts: ``(parts of the first phase) -> this one's``: other task, optimisers and feeds.
        recipe: Schedule, batch size and clipping of this phase.
        lr: Its base learning rate.
    """

    after: int
    judge: Callable[[Metrics], tuple[bool, str]]
    thaw: Callable[[nn.Module], object]
    parts: Callable[[RunParts], RunParts]
    recipe: Recipe
    lr: float


@dataclass(frozen=True)
class Plan:
    """All that a run needs to know.

    Attributes:
        settings: The engine's part of the user's arguments.
        recipe: The model's.
        parts: What the task's room made.
        header: The first words of the log: tool, task, model and what was asked for; plain data.
        meta: What checkpoints carry.
        fixed: The names in ``meta`` that must be the same where a run is resumed.
        save_fold: The run's folder.
        load: Puts given weights into the fresh network; returns lines for the user.
        report_files: The names of what a run leaves beside checkpoints and log.
    """

    settings: RunSettings
    recipe: Recipe
    parts: RunParts
    header: Mapping[str, Any]
    meta: Mapping[str, Any]
    fixed: Sequence[str]
    save_fold: Path
    load: Callable[[nn.Module], list[str]] = field(default=lambda _: [])
    report_files: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """What a run left. Processes that do not lead have the log's lines, too, but no file of it.

    Attributes:
        log: The lines of the log.
        best_file: The best checkpoint; None without validation.
        latest_file: The last checkpoint.
        log_file: Where the log is.
        predictions: Of the best epoch of this process's own epochs; None without validation.
        indices: The samples that they belong to.
    """

    log: list[LogLine]
    best_file: Path | None
    latest_file: Path
    log_file: Path | None
    predictions: npt.NDArray[Any] | None = None
    indices: npt.NDArray[np.int64] | None = None
