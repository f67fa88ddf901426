"""Optimisers and the learning rate's way through a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from MMEdu.models.recipe import Schedule

# A short run warms up over a tenth of its steps at most: a classroom's set has few of them.
_SHORT = 10


Groups = Sequence[Mapping[str, Any]]
"""Parameters as torch's optimisers take them: ``params`` of each group, and ``lr_multiplier`` where it has its own."""


def one_group(model: nn.Module) -> Groups:
    """All parameters learn alike."""
    return [{"params": list(model.parameters())}]


def two_rates(model: nn.Module, fast: nn.Module, multiplier: float) -> Groups:
    """One part of a network learns at the base rate, the rest at a share of it.

    Args:
        model: The network.
        fast: The part of it; its group comes first, so that its rate is the one that is logged.
        multiplier: On the learning rate of the rest.
    """
    chosen = {id(p) for p in fast.parameters()}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    return [{"params": list(fast.parameters())}, {"params": rest, "lr_multiplier": multiplier}]


def make_optimizer(name: str, groups: Groups, lr: float, weight_decay: float) -> torch.optim.Optimizer:
    """Make one of ``settings.OPTIMIZERS``; SGD with momentum 0.9, all in their multi-tensor form.

    Frozen parameters are left out, and groups of nothing else.
    """
    trainable = [{**group, "params": [p for p in group["params"] if p.requires_grad]} for group in groups]
    trainable = [group for group in trainable if group["params"]]
    extra: dict[str, Any] = {"momentum": 0.9} if name == "SGD" else {}
    kind: type[torch.optim.Optimizer] = getattr(torch.optim, name)
    return kind(trainable, lr=lr, weight_decay=weight_decay, foreach=True, **extra)  # type: ignore[call-arg]


def lr_factor(schedule: Schedule, *, step: int, steps_per_epoch: int, epochs: int) -> float:
    """Give the factor on the base learning rate at one step.

    Args:
        schedule: The recipe's.
        step: Counted from 0 over the whole run.
        steps_per_epoch: Optimiser steps in an epoch.
        epochs: The run's total.
    """
    epoch = step // steps_per_epoch
    share = step / max(1, steps_per_epoch * epochs)
    factor = {
        "constant": lambda: 1.0,
        "step": lambda: schedule.gamma ** sum(epoch >= m for m in schedule.milestones),
        "exponential": lambda: schedule.gamma**epoch,
        "linear": lambda: 1.0 - share,
        "cosine": lambda: 0.5 * (1.0 + math.cos(math.pi * share)),
    }[schedule.kind]()
    warmup = min(schedule.warmup_iters, steps_per_epoch * epochs // _SHORT)
    if step < warmup:
        factor *= schedule.warmup_ratio + (1.0 - schedule.warmup_ratio) * step / warmup
    return float(factor)


def set_lr(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set the learning rate of every group, relative to the group's own multiplier if it has one."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group.get("lr_multiplier", 1.0)
