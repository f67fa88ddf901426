"""What one process of a training is made of: network, batches, losses, optimiser."""

from __future__ import annotations

from MMEdu.engine.optim import make_optimizer, one_group
from MMEdu.engine.plan import RunParts
from MMEdu.tasks.picture_feeds import feeds, sources, validates
from MMEdu.tasks.pose.arguments import PoseArguments
from MMEdu.tasks.pose.data import PoseData
from MMEdu.tasks.pose.description import Described
from MMEdu.tasks.pose.learning import PoseTask
from MMEdu.tasks.spec import RunContext


def parts(context: RunContext) -> RunParts:
    """Make the parts of a run; see ``tasks.spec.MakeParts``."""
    data: PoseData = context.data
    arguments: PoseArguments = context.arguments
    entry, dataset = context.entry, data.dataset
    train, val = feeds(context, *sources(context))
    described = Described(dataset.names, dataset.skeleton, dataset.flip_pairs, dataset.classes)
    return RunParts(
        build=lambda: entry.build(len(dataset.names)),
        task=PoseTask(entry, data.val.samples, described),
        optimizers=lambda network: {
            "main": make_optimizer(arguments.optimizer, one_group(network), arguments.lr, arguments.weight_decay)
        },
        train=train,
        val=val if validates(context) else None,
        best_key=arguments.save_best,
        meta=described.meta(),
        size=data.size,
    )
