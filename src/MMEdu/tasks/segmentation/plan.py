"""What one process of a segmenter's training is made of: network, batches, loss, optimiser."""

from __future__ import annotations

from MMEdu.engine.optim import make_optimizer, one_group
from MMEdu.engine.plan import RunParts
from MMEdu.tasks.picture_feeds import feeds, sources, validates
from MMEdu.tasks.segmentation.arguments import SegmentationArguments
from MMEdu.tasks.segmentation.data import SegmentationData
from MMEdu.tasks.segmentation.learning import SegmentationTask
from MMEdu.tasks.spec import RunContext


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
            "main": make_optimizer(arguments.optimizer, one_group(network), arguments.lr, arguments.weight_decay)
        },
        train=train,
        val=val if validates(context) else None,
        best_key=arguments.save_best,
        meta={"CLASSES": list(classes)},
        size=data.size,
    )
