"""What one process of a classifier's training is made of: network, batches, losses, optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.language import say
from MMEdu.engine.events import Notice, left_out
from MMEdu.engine.feed import EvalFeed, SampleSource, TrainFeed
from MMEdu.engine.optim import make_optimizer, one_group, two_rates
from MMEdu.engine.plan import EVAL_BATCH, RunParts
from MMEdu.models.heads import head_of
from MMEdu.models.stages import freeze_stages
from MMEdu.tasks.classification.arguments import ClassificationArguments
from MMEdu.tasks.classification.data import ClassificationData
from MMEdu.tasks.classification.frozen_backbone import SAVE_EVERY, FrozenBackbone, HeadTask, freeze_backbone
from MMEdu.tasks.classification.learning import ClassificationTask
from MMEdu.tasks.spec import RunContext

if TYPE_CHECKING:
    import torch
    from torch import nn


def parts(context: RunContext) -> RunParts:
    """Make the parts of a run; see ``tasks.spec.MakeParts``."""
    data: ClassificationData = context.data
    arguments: ClassificationArguments = context.arguments
    entry, classes = context.entry, data.dataset.classes
    validates = arguments.validate and bool(data.dataset.val)
    if arguments.validate and not validates:
        context.listener(Notice(say("There are no pictures to validate with.", "没有可用于验证的图片，跳过验证。")))
    task_class = HeadTask if arguments.freeze == "backbone" else ClassificationTask
    batches = _batches(context)
    return RunParts(
        build=lambda: _frozen(entry.build(len(classes)), arguments.freeze),
        task=task_class(
            entry.preprocess,
            data.val.samples.labels,
            len(classes),
            topk=_topk(arguments),
            metric=arguments.metric,
            class_weights=class_weights(data) if arguments.balance == "auto" else None,
        ),
        optimizers=lambda network: {"main": _optimizer(network, arguments)},
        best_key=arguments.save_best,
        meta={"CLASSES": list(classes)},
        size=data.size,
        **(batches if validates else {**batches, "val": None}),
    )


def _topk(arguments: ClassificationArguments) -> tuple[int, ...]:
    assert isinstance(arguments.topk, tuple)  # resolved
    return arguments.topk


def _batches(context: RunContext) -> dict[str, Any]:
    """The parts that say what an epoch reads: pictures, or features that are computed once."""
    data: ClassificationData = context.data
    arguments, group = context.arguments, context.group
    on_unreadable = _reporter(context)
    if arguments.freeze == "backbone":
        cached = FrozenBackbone(data, arguments, group, on_unreadable)
        return {"train": cached.train, "val": cached.val, "prepare": cached.prepare, "save_every": SAVE_EVERY}
    process = {"rank": group.rank, "world": group.world}
    train, val = (SampleSource(part.samples, part.store, on_unreadable) for part in (data.train, data.val))
    return {
        "train": TrainFeed(train, arguments.batch_size, arguments.random_seed, **process),
        "val": EvalFeed(val, arguments.batch_size * EVAL_BATCH, **process),
    }


def _reporter(context: RunContext) -> Callable[[str], None]:
    return lambda text: context.listener(left_out(text))


def _optimizer(network: nn.Module, arguments: ClassificationArguments) -> torch.optim.Optimizer:
    groups = one_group(network)
    if arguments.backbone_lr is not None:
        groups = two_rates(network, head_of(network).module, arguments.backbone_lr)
    return make_optimizer(arguments.optimizer, groups, arguments.lr, arguments.weight_decay)


def _frozen(network: nn.Module, freeze: str | int | None) -> nn.Module:
    """Freeze what the user wants to keep of a network."""
    if freeze == "backbone":
        return freeze_backbone(network)
    return freeze_stages(network, int(freeze)) if freeze else network


def class_weights(data: ClassificationData) -> npt.NDArray[np.float32]:
    """Weigh classes so that each counts the same in the loss: N / (C * n_c)."""
    counts = np.maximum(1, np.array(data.dataset.counts("train"), dtype=np.float64))
    weights: npt.NDArray[np.float32] = (counts.sum() / (len(counts) * counts)).astype(np.float32)
    return weights
