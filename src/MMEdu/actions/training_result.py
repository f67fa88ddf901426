"""What a training left: plain data, which a process of a job can send to its parent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from BaseDT.language import say
from MMEdu.engine.events import LogLine


class TrainingLog(list[LogLine]):
    """The lines of a log: a list like any other, but for what a notebook shows of it below a cell."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        del cycle
        last = f" The last: {self[-1]}" if self else ""
        printer.text(say(f"A log of {len(self)} lines.{last}", f"训练日志，共 {len(self)} 行。{last}"))


@dataclass(frozen=True)
class TrainingResult:
    """What a training left.

    Attributes:
        log: The lines of the log file.
        best_file: The best checkpoint, None without validation.
        latest_file: The last checkpoint.
        log_file: Where the log is; None in processes that do not lead.
        report: Curves, confusion matrix and what else was drawn.
    """

    log: list[LogLine]
    best_file: Path | None
    latest_file: Path
    log_file: Path | None
    report: tuple[Path, ...]
