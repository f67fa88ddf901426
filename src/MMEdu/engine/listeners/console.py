"""What a person sees of a run: the documented lines, and a bar where the output can draw one.

Three faces of the same lines: ``PlainConsole`` (pipes, Thonny, IDLE), ``TerminalConsole`` (a bar below the lines) and
``NotebookConsole`` (a bar in the cell's output). ``console()`` chooses.
"""

from __future__ import annotations

import contextlib
import html
import sys
from datetime import timedelta
from typing import Any, TextIO

from BaseDT.display import in_notebook
from BaseDT.escaping import visible
from BaseDT.language import say
from BaseDT.terminal import write_line as write_line
from MMEdu.engine.events import (
    CheckpointSaved,
    Event,
    Iteration,
    Listener,
    Notice,
    Progress,
    Pulse,
    RunFailed,
    RunFinished,
    RunStarted,
    Stopped,
    Validated,
)
from MMEdu.engine.host import heard_by_host

_NOTHING = -1


def line_of(event: Event) -> str | None:
    """Return the line that an event is worth, or None."""
    if isinstance(event, Iteration):
        return _iteration(event)
    if isinstance(event, Validated):
        # COCO says -1 where there is nothing to measure, such as no large object.
        shown = ((name, "–" if value == _NOTHING else f"{value:.4f}") for name, value in event.metrics.items())
        values = ", ".join(f"{name}: {value}" for name, value in shown)
        return f"Epoch(val) [{event.epoch}][{event.iteration}]  {values}"
    if isinstance(event, RunStarted):
        return _started(event)
    if isinstance(event, CheckpointSaved) and event.kind == "best":
        return say(f"Best so far, saved: {event.path}", f"目前最好的模型，已保存：{event.path}")
    if isinstance(event, Notice):
        return event.text
    if isinstance(event, RunFinished):
        return _finished(event)
    return None


def _iteration(event: Iteration) -> str:
    losses = ", ".join(f"{name}: {value:.4f}" for name, value in event.losses.items())
    return (
        f"Epoch [{event.epoch}][{event.iteration}/{event.iterations}]  lr: {event.lr:.3e}, "
        f"eta: {timedelta(seconds=round(event.eta))}, time: {event.seconds:.4f}, "
        f"data_time: {event.data_seconds:.4f}, memory: {event.memory}, {losses}"
    )


def _started(event: RunStarted) -> str:
    env = event.environment
    size = say(f"{env['dataset_size']} pictures", f"{env['dataset_size']} 张图片")
    batch = say(f"batch size {env['batch_size']}", f"批大小 {env['batch_size']}")
    batch_size, processes = env["batch_size"], env.get("processes", 1)
    if isinstance(batch_size, int) and isinstance(processes, int) and processes > 1:
        whole = batch_size * processes
        batch = say(
            f"batch size {batch_size} in each of {processes} processes, {whole} in all",
            f"{processes} 个进程，每个批大小 {batch_size}，共 {whole}",
        )
    seed = say(f"random seed {env['seed']}", f"随机种子 {env['seed']}")
    return f"{env['backbone']}: {size}, {batch}, {env['device']}, {env['precision']}, {seed}"


def _finished(event: RunFinished) -> str:
    files = "".join(f"\n  {file}" for file in event.files)
    return say(f"Done in {event.seconds:.1f} s.{files}", f"训练完成，用时 {event.seconds:.1f} 秒。{files}")


class PlainConsole:
    """Plain lines. A long work is one line at every quarter."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._last: tuple[str, int] = ("", -1)

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, Progress):
            self._progress(event)
        elif (text := line_of(event)) is not None:
            write_line(text, self._stream)

    def _progress(self, event: Progress) -> None:
        quarter = (event.what, 4 * event.done // max(1, event.total))
        if quarter != self._last and event.done:
            self._last = quarter
            if quarter[1]:
                write_line(f"{event.what}: {event.done}/{event.total}", self._stream)


def bar_of(event: Event) -> tuple[str, int, int] | None:
    """Return what a bar shows after an event: the work in hand, how much of it is done, how much there is."""
    if isinstance(event, (Progress, Pulse)):
        return event.what, event.done, event.total
    if isinstance(event, Iteration):
        return say("Training", "训练"), *event.progress
    return None


class TerminalConsole:
    """Lines, and below them a bar of the work in hand."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        self._console = Console(highlight=False, soft_wrap=True)
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._bars = Bars(*columns, console=self._console, transient=True, refresh_per_second=4)
        self._task: Any = None
        self._what = ""

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if (bar := bar_of(event)) is not None:
            self._update(*bar)
        if (text := line_of(event)) is not None:
            with contextlib.suppress(OSError, ValueError):  # a terminal that is gone ends no training
                self._console.print(visible(text), markup=False)
        if isinstance(event, (RunFinished, RunFailed, Stopped)):
            self._hide()

    def _update(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            self._hide()
            self._what, self._task = what, self._bars.add_task(what, total=total)
            self._bars.start()
        self._bars.update(self._task, completed=done, total=total)
        if done >= total:
            self._hide()

    def _hide(self) -> None:
        if self._task is not None:
            self._bars.stop()
            self._bars.remove_task(self._task)
        self._what, self._task = "", None


class NotebookConsole(PlainConsole):
    """Lines, and a bar that is redrawn in place in the cell's output."""

    def __init__(self) -> None:
        super().__init__()
        self._handle: Any = None
        self._bar: tuple[str, int] = ("", -1)

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if not isinstance(event, Progress):
            super().__call__(event)
        if (bar := bar_of(event)) is not None:
            self._update(*bar)
        if isinstance(event, (RunFinished, RunFailed, Stopped)):
            self._handle = None  # the next work has its own cell and its own bar

    def _update(self, what: str, done: int, total: int) -> None:
        from IPython.display import HTML, display

        share = 100 * done // max(1, total)
        if (what, share) == self._bar:
            return
        bar = HTML(
            f"{html.escape(what)} <progress value='{done}' max='{total}' style='width:50%'></progress> {done}/{total}"
        )
        if self._handle is None or what != self._bar[0]:
            self._handle = display(bar, display_id=True)
        else:
            self._handle.update(bar)
        self._bar = what, share
        if done >= total:
            self._handle = None


def console() -> Listener:
    """Choose what the output can show; whoever runs the program hears of it, too."""
    return heard_by_host(_console())


def _console() -> Listener:
    if in_notebook():
        return NotebookConsole()
    if sys.stdout is not None and sys.stdout.isatty():
        return TerminalConsole()
    return PlainConsole()
