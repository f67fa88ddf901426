"""What one process of a segmenter's training is made of: network, batches, loss, optimiser."""

from __future__ import annotations

from torch import nn

from MMEdu.engine.optim import Groups, make_optimizer, one_group, two_rates
from MMEdu.engine.plan import RunParts
from MMEdu.tasks.picture_feeds import feeds, sources, validates
from MMEdu.tasks.segmentation.arguments import SegmentationArguments
from MMEdu.tasks.segmentation.data import SegmentationData
from MMEdu.tasks.segmentation.learning import SegmentationTask
from MMEdu.tasks.spec import RunContext

_FRESH_FASTER = 10.0
"""Chosen by validation: from ImageNet's weights a few hundred steps are then enough."""


def parts(context: RunContext) -> RunParts:
    """Make the parts of a run; see ``tasks.spec.MakeParts``."""
    data: SegmentationData = context.data
    arguments: SegmentationArguments = context.arguments
    entry, classes = context.entry, data.classes
    train, val = feeds(context, *sources(context))
    return RunParts(
        build=lambda: entry.build(len(classes)),
        task=SegmentationTask(entry.preprocess, data.val.samples, classes, starts_fresh=not context.starts),
        optimizers=lambda network: {
            "main": make_optimizer(
                arguments.optimizer,
                _groups(network, pretrained=bool(arguments.pretrained)),
                arguments.lr,
                arguments.weight_decay,
            )
        },
        train=train,
        val=val if validates(context) else None,
        best_key=arguments.save_best,
        meta={"CLASSES": list(classes)},
        size=data.size,
    )


def _groups(network: nn.Module, *, pretrained: bool) -> Groups:
    """Let fresh weights move faster than a backbone that is known.

    A run that goes on has the same groups; how fast each moves is saved with the optimiser.
    """
    backbone = getattr(network, "backbone", None)
    if not isinstance(backbone, nn.Module):
        return one_group(network)
    return two_rates(network, backbone, _FRESH_FASTER if pretrained else 1.0)
