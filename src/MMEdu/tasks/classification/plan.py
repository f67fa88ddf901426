"""What one process of a classifier's training is made of: network, batches, losses, optimiser."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from MMEdu.engine.optim import make_optimizer, one_group, two_rates
from MMEdu.engine.plan import RunParts
from MMEdu.models.heads import head_of
from MMEdu.models.stages import freeze_stages
from MMEdu.tasks.classification.arguments import ClassificationArguments
from MMEdu.tasks.classification.data import ClassificationData
from MMEdu.tasks.classification.frozen_backbone import SAVE_EVERY, FrozenBackbone, HeadTask, freeze_backbone
from MMEdu.tasks.classification.learning import ClassificationTask
from MMEdu.tasks.classification.mirrored_classes import MirrorCheck
from MMEdu.tasks.classification.one_class import OneClass
from MMEdu.tasks.classification.second_phase import WholeNetwork
from MMEdu.tasks.picture_feeds import feeds, report_unreadable, sources, validates
from MMEdu.tasks.spec import RunContext

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch
    from torch import nn


def parts(context: RunContext) -> RunParts:
    """Make the parts of a run; see ``tasks.spec.MakeParts``."""
    data: ClassificationData = context.data
    arguments: ClassificationArguments = context.arguments
    entry, classes = context.entry, data.classes
    batches = _batches(context)
    return RunParts(
        build=lambda: _frozen(entry.build(len(classes)), arguments.freeze),
        task=_task(context, HeadTask if arguments.head_first else ClassificationTask),
        optimizers=lambda network: {"main": _optimizer(network, arguments)},
        best_key=arguments.save_best,
        meta={"CLASSES": list(classes), **data.answers.meta},
        size=data.size,
        **(batches if validates(context) else {**batches, "val": None}),
    )


def _task(context: RunContext, kind: type[ClassificationTask]) -> ClassificationTask:
    data: ClassificationData = context.data
    arguments: ClassificationArguments = context.arguments
    return kind(
        context.entry.preprocess,
        data.answers,
        data.val.samples.labels,
        len(data.classes),
        topk=_topk(arguments),
        metric=arguments.metric,
        class_weights=_class_weights(data, arguments),
        starts_fresh=not arguments.pretrained and arguments.checkpoint is None,
        mirror_check=_mirror_check(data),
    )


def _class_weights(data: ClassificationData, arguments: ClassificationArguments) -> npt.NDArray[np.float32] | None:
    if arguments.balance != "auto" and not data.answers.balances:
        return None
    return data.answers.class_weights(data.dataset)


def _mirror_check(data: ClassificationData) -> MirrorCheck | None:
    """Look for classes that flips made one: where flips were made, and each picture has one class."""
    if data.augment.flip <= 0 or not isinstance(data.answers, OneClass):
        return None
    return MirrorCheck(data.classes, data.plain_train_pictures(), data.val.samples)


def _topk(arguments: ClassificationArguments) -> tuple[int, ...]:
    assert isinstance(arguments.topk, tuple)  # resolved
    return arguments.topk


def _batches(context: RunContext) -> dict[str, Any]:
    """The parts that say what an epoch reads: pictures, or features that are computed once."""
    data: ClassificationData = context.data
    if context.arguments.head_first:
        cached = FrozenBackbone(data, context.arguments, context.group, partial(report_unreadable, context))
        second = None
        if context.arguments.freeze == "auto":
            second = WholeNetwork(context, _task(context, ClassificationTask), cached).phase()
        head = {"train": cached.train, "val": cached.val, "prepare": cached.prepare, "save_every": SAVE_EVERY}
        return {**head, "second": second}
    train, val = feeds(context, *sources(context))
    return {"train": train, "val": val}


def _optimizer(network: nn.Module, arguments: ClassificationArguments) -> torch.optim.Optimizer:
    groups = one_group(network)
    if arguments.backbone_lr is not None:
        groups = two_rates(network, head_of(network).module, arguments.backbone_lr)
    return make_optimizer(arguments.optimizer, groups, arguments.lr, arguments.weight_decay)


def _frozen(network: nn.Module, freeze: str | int | None) -> nn.Module:
    """Freeze what the user wants to keep of a network."""
    if freeze in ("backbone", "auto"):
        return freeze_backbone(network)
    return freeze_stages(network, int(freeze)) if freeze else network
