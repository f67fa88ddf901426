"""What the plans of several tasks share: the feeds of a run over ``PictureData``."""

from __future__ import annotations

from functools import partial

from BaseDT.language import say
from MMEdu.engine.events import Notice, left_out
from MMEdu.engine.feed import EvalFeed, SampleSource, TrainFeed
from MMEdu.engine.plan import EVAL_BATCH
from MMEdu.tasks.spec import RunContext


def validates(context: RunContext) -> bool:
    """Return whether a run is to validate and can; a line tells where it cannot."""
    if not context.arguments.validate:
        return False
    if context.data.dataset.val:
        return True
    context.listener(Notice(say("There are no pictures to validate with.", "没有可用于验证的图片，跳过验证。")))
    return False


def report_unreadable(context: RunContext, text: str) -> None:
    """Tell of a picture that is left out; ``text`` names it and the reason."""
    context.listener(left_out(text))


def sources(context: RunContext) -> tuple[SampleSource, SampleSource]:
    """Return the training and the validation pictures through their caches."""
    train, val = (
        SampleSource(part.samples, part.store, partial(report_unreadable, context))
        for part in (context.data.train, context.data.val)
    )
    return train, val


def feeds(context: RunContext, train: SampleSource, val: SampleSource) -> tuple[TrainFeed, EvalFeed]:
    """Return this process's training and validation batches."""
    arguments, group = context.arguments, context.group
    process = {"rank": group.rank, "world": group.world}
    return (
        TrainFeed(train, arguments.batch_size, arguments.random_seed, **process),
        EvalFeed(val, arguments.batch_size * EVAL_BATCH, **process),
    )
