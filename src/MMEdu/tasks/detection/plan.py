"""What one process of a detector's training is made of: network, batches, losses, optimiser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from MMEdu.engine.optim import make_optimizer, one_group
from MMEdu.engine.plan import RunParts
from MMEdu.tasks.detection.arguments import DetectionArguments
from MMEdu.tasks.detection.data import DetectionData
from MMEdu.tasks.detection.learning import DetectionTask
from MMEdu.tasks.picture_feeds import feeds, sources, validates
from MMEdu.tasks.spec import RunContext

if TYPE_CHECKING:
    from torch import nn


def parts(context: RunContext) -> RunParts:
    """Make the parts of a run; see ``tasks.spec.MakeParts``."""
    data: DetectionData = context.data
    arguments: DetectionArguments = context.arguments
    entry, classes = context.entry, data.classes
    train_source, val_source = sources(context)
    data.train.samples.see(train_source.cached)  # a mosaic shows other pictures of the set
    train, val = feeds(context, train_source, val_source)
    return RunParts(
        build=lambda: _network(context, len(classes)),
        task=DetectionTask(entry.preprocess, data.val.samples, len(classes)),
        optimizers=lambda network: {
            "main": make_optimizer(arguments.optimizer, one_group(network), arguments.lr, arguments.weight_decay)
        },
        train=train,
        val=val if validates(context) else None,
        best_key=arguments.save_best,
        meta={"CLASSES": list(classes)},
        size=data.size,
    )


def _network(context: RunContext, num_classes: int) -> nn.Module:
    """Build a detector, and freeze what stays as it will be loaded."""
    network = context.entry.build(num_classes)
    if context.arguments.Frozen_stages:
        network.freeze(context.arguments.Frozen_stages)  # type: ignore[operator]
    if not context.starts and hasattr(network.backbone, "norm_eval"):
        network.backbone.norm_eval = False  # fresh statistics must be learned
    return network
