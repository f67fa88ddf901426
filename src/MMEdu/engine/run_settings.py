"""What the engine itself needs of a training's arguments. Plain data; what only a task reads stays in its room."""

from __future__ import annotations

import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class RunSettings:
    """The engine's part of the arguments of ``train``, under their documented names.

    Attributes:
        epochs: How many, in total when a run is resumed.
        batch_size: Samples per step and process.
        lr: Base learning rate; the schedule moves it.
        seed: ``random_seed``, or the number drawn where that is 0.
        seeded: Whether the user gave it: the same numbers are then worth more than the last bit of speed.
        device: As ``device.resolve`` takes it.
        precision: ``auto``, ``float32``, ``bfloat16`` or ``float16``.
        early_stop: Stop after so many epochs without a better result; None never.
        max_keep_ckpts: How many ``epoch_N.pth`` stay; None keeps all.
        resume: Whether the interrupted run in the folder goes on.
        eval_interval: Validate after so many epochs, and after the last.
        log_interval: A line of the log after so many steps, and after the last of an epoch.
    """

    epochs: int = 100
    batch_size: int = 32
    lr: float = 0.01
    seed: int = 0
    seeded: bool = False
    device: str = "cpu"
    precision: str = "auto"
    early_stop: int | None = None
    max_keep_ckpts: int | None = None
    resume: bool = False
    eval_interval: int = 1
    log_interval: int = 10


def drawn_seed(random_seed: int) -> int:
    """Return the seed of a run: 0 means, as documented, that none is fixed; then one is drawn."""
    return random_seed or secrets.randbelow(2**31 - 1) + 1
