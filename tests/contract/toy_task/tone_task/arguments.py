"""What its training takes: one argument of its own."""

from dataclasses import dataclass, replace

from BaseDT.argument_schema import argument
from MMEdu.tasks.arguments import TrainArguments


@dataclass(frozen=True, kw_only=True)
class ToneArguments(TrainArguments):
    sharpness: float = argument(1.0, "How much an error counts.", "误差的权重。", above=0)


@dataclass(frozen=True, kw_only=True)
class TonePrediction:
    """Nothing beyond pictures."""


def resolve(arguments, entry, data, *, starts, interrupted):
    return replace(arguments, batch_size=arguments.batch_size or entry.recipe.batch_size), []
