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
    """Give a training the recipe's optimiser and rate where the user leaves both as they are documented.

    A recipe may have others for a pretrained backbone and from scratch; a checkpoint has none.

    Args:
        arguments: Of ``train``.
        entry: The model.
        interrupted: The ``meta`` of the run that is to go on, or None.

    Returns:
        The arguments, and a line for the user where they changed.
    """
    usual = {item.name: item.default for item in fields(arguments)}
    if any(getattr(arguments, name) != usual[name] for name in ("optimizer", "lr")):
        return arguments, []
    start = entry.recipe.pretrained if arguments.pretrained else entry.recipe.scratch
    before = {} if interrupted is None else interrupted.get("settings", {})
    if before:  # it goes on as it began, whatever it began with
        return replace(arguments, **{name: before.get(name, usual[name]) for name in ("optimizer", "lr")}), []
    if start is None or arguments.checkpoint is not None:
        return arguments, []
    changed = replace(arguments, optimizer=start.optimizer, lr=start.lr)
    if interrupted is not None:
        return changed, []
    english, chinese = ("From pretrained weights", "从预训练权重") if arguments.pretrained else ("From scratch", "从零")
    text = f"{english} {start.optimizer} learns best: lr={start.lr:g}; optimizer= and lr= choose others."
    zh = f"{chinese}开始，使用 {start.optimizer}，lr={start.lr:g}；可用 optimizer=、lr= 另选。"
    return changed, [say(text, zh)]
