"""What a pupil sees of a training: some twenty lines of loss, what was saved, and what is odd."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from BaseDT.language import say
from BaseDT.terminal import write_line
from BaseNN.learning.metrics import LABELS
from BaseNN.learning.record import Record, epoch_means
from MMEdu.engine.events import Event, Iteration, Notice, RunFinished, Validated
from MMEdu.engine.host import heard_by_host

_LINES = 20
_SILENCE = 10.0
"""Seconds without a line, at most, while an epoch goes on."""


class Console:
    """Prints lines of the documented form, ``{epoch:0  Loss:0.6931  Accuracy:0.5000}``, about twenty of a training.

    Args:
        record: What every step gave.
        epochs: Of the run.
    """

    def __init__(self, record: Record, epochs: int) -> None:
        self._record, self._epochs = record, epochs
        self._read, self._wrote, self._last = 0, False, time.monotonic()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, Iteration):
            self._show(event)
        elif isinstance(event, Validated) and self._wrote:
            self._wrote = False
            scores = "  ".join(f"{name}:{value:.4f}" for name, value in event.metrics.items())
            write_line(say(f"  held out: {scores}", f"  验证：{scores}"))
        elif isinstance(event, Notice):
            write_line(event.text)
        elif isinstance(event, RunFinished):
            write_line(say(f"Trained in {event.seconds:.1f} s.", f"训练完成，用时 {event.seconds:.1f} 秒。"))

    def _show(self, event: Iteration) -> None:
        if event.iteration == event.iterations:
            for epoch, values in self._new():
                if self._is_shown(epoch):
                    self._write(line_of(epoch, values))
                    self._wrote = True
        elif time.monotonic() - self._last > _SILENCE:  # a long epoch
            self._write(f"{line_of(event.epoch - 1, event.losses)} {event.iteration}/{event.iterations}")

    def _write(self, text: str) -> None:
        write_line(text)
        self._last = time.monotonic()

    def _is_shown(self, epoch: int) -> bool:
        """Whether an epoch, counted from 0, has a line: all of a short run, else every few and the last."""
        return epoch % max(1, -(-self._epochs // _LINES)) == 0 or epoch == self._epochs - 1

    def _new(self) -> Iterator[tuple[int, Mapping[str, float]]]:
        """Return the means of the epochs that are over since the last look."""
        lines = self._record.read()
        new, self._read = lines[self._read :], len(lines)
        return epoch_means(new)


def line_of(epoch: int, values: Mapping[str, Any]) -> str:
    """Return the documented line of an epoch, counted from 0."""
    shown = "".join(f"  {LABELS.get(name, name.capitalize())}:{value:.4f}" for name, value in values.items())
    return f"{{epoch:{epoch}{shown}}}"


def console(record: Record, epochs: int) -> Any:
    """Return the pupil's console; whoever runs the program hears of everything, too."""
    return heard_by_host(Console(record, epochs))
