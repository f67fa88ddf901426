"""What every demo ends with: where everything lies, and whether it reached what it should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from BaseDT.language import say

if TYPE_CHECKING:
    from MMEdu.actions.training_result import TrainingResult

NamedFile: TypeAlias = tuple[str, Path]
"""What a file is, in the user's language, and the file."""


@dataclass(frozen=True)
class Ending:
    """How a demo ended.

    Attributes:
        files: What it made, in the order of the work.
        failed: What did not go as it should, a sentence each; empty: nothing.
    """

    files: Sequence[NamedFile]
    failed: Sequence[str] = ()


def files_of_training(run: TrainingResult, task: str) -> Iterator[NamedFile]:
    """Name what a training left: the model, its report, the log."""
    from MMEdu.actions.info import report_meanings

    if run.best_file is not None:
        yield say("the trained model", "训练好的模型"), run.best_file
    for path in run.report:
        yield say(*report_meanings(task)[path.name]), path
    if run.log_file is not None:
        yield say("the log", "训练日志"), run.log_file


def below(goal: float, *, fewer: bool) -> str:
    """Say that a demo did not reach its goal, in percent.

    Args:
        goal: What it should reach.
        fewer: Whether the user chose the number of epochs.
    """
    text = say(f"This is below the {goal:g} % that the demo should reach.", f"低于本演示应达到的 {goal:g} %。")
    cause = say("--epochs was given: leave it out.", "请去掉 --epochs 再试。")
    return f"{text} {cause}" if fewer else text
