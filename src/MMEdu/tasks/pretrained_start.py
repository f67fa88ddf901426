"""How a training from pretrained weights is paced where the user leaves it open: what several tasks share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from BaseDT.language import say
from MMEdu.tasks.arguments import TrainArguments

if TYPE_CHECKING:  # the command line reads the arguments and starts without numpy
    from MMEdu.models.registry import ModelEntry

A = TypeVar("A", bound=TrainArguments)


def paced(arguments: A, entry: ModelEntry, interrupted: Mapping[str, Any] | None) -> tuple[A, list[str]]:
    """Give a pretrained start the recipe's optimiser and rate where the user leaves both as they are documented.

    Args:
        arguments: Of ``train``.
        entry: The model.
        interrupted: The ``meta`` of the run that is to go on, or None.

    Returns:
        The arguments, and a line for the user where they changed.
    """
    usual = {item.name: item.default for item in fields(arguments)}
    start = entry.recipe.pretrained
    is_open = all(getattr(arguments, name) == usual[name] for name in ("optimizer", "lr"))
    if not is_open or start is None or not arguments.pretrained:
        return arguments, []
    changed = replace(arguments, optimizer=start.optimizer, lr=start.lr)
    if interrupted is not None:
        return changed, []
    text = f"From pretrained weights {start.optimizer} learns best: lr={start.lr:g}; optimizer= and lr= choose others."
    zh = f"从预训练权重开始，使用 {start.optimizer}，lr={start.lr:g}；可用 optimizer=、lr= 另选。"
    return changed, [say(text, zh)]
