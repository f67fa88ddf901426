"""What one process of a detector's training is made of: network, batches, losses, optimiser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from BaseDT.language import say
from MMEdu.engine.events import Notice, left_out
from MMEdu.engine.feed import EvalFeed, SampleSource, TrainFeed
from MMEdu.engine.optim import make_optimizer, one_group
from MMEdu.engine.plan import EVAL_BATCH, RunParts
from MMEdu.tasks.detection.arguments import DetectionArguments
from MMEdu.tasks.detection.data import DetectionData
from MMEdu.tasks.detection.learning import DetectionTask
from MMEdu.tasks.spec import RunContext

if TYPE_CHECKING:
    from torch import nn


def parts(context: RunContext) -> RunParts:
    """Make the parts of a run; see ``tasks.spec.MakeParts``."""
    data: DetectionData = context.data
    arguments: DetectionArguments = context.arguments
    entry, group, classes = context.entry, context.group, data.dataset.classes
    validates = arguments.validate and bool(data.dataset.val)
    if arguments.validate and not validates:
        context.listener(Notice(say("There are no pictures to validate with.", "没有可用于验证的图片，跳过验证。")))
    train, val = (
        SampleSource(part.samples, part.store, lambda text: context.listener(left_out(text)))
        for part in (data.train, data.val)
    )
    data.train.samples.see(train.cached)  # a mosaic shows other pictures of the set
    assert arguments.batch_size is not None  # resolved
    process = {"rank": group.rank, "world": group.world}
    return RunParts(
        build=lambda: _network(context, len(classes)),
        task=DetectionTask(entry.preprocess, data.val.samples, len(classes)),
        optimizers=lambda network: {
            "main": make_optimizer(arguments.optimizer, one_group(network), arguments.lr, arguments.weight_decay)
        },
        train=TrainFeed(train, arguments.batch_size, arguments.random_seed, **process),
        val=EvalFeed(val, arguments.batch_size * EVAL_BATCH, **process) if validates else None,
        best_key=arguments.save_best,
        meta={"CLASSES": list(classes)},
        size=data.size,
        from_scratch=(say("From scratch: Frozen_stages does nothing.", "从零开始训练：Frozen_stages 不起作用。"),),
    )


def _network(context: RunContext, num_classes: int) -> nn.Module:
    """Build a detector, and freeze what stays as it will be loaded."""
    network = context.entry.build(num_classes)
    if context.arguments.Frozen_stages:
        network.freeze(context.arguments.Frozen_stages)  # type: ignore[operator]
    if not context.starts and hasattr(network.backbone, "norm_eval"):
        network.backbone.norm_eval = False  # fresh statistics must be learned
    return network
