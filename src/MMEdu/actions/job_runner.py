"""Runs a program as a job: ``python -m MMEdu.actions.job_runner WORK [SECONDS]``, started in the job's own folder.

The file ``program.py`` of that folder runs as ``python program.py`` would run it from the work folder; nothing of it is
changed. What happens stands in the folder, for whoever looks, also after whoever started it is gone:

- ``events.jsonl``: a JSON object a line: events of the engine, what the program printed (``output``), and how it stands
  (``state``: running, stopping, and done, stopped or failed at its end, with code, message and hint);
- ``job.lock``: held while the process lives.

A file ``stop`` that appears there ends it: a training between two steps, anything else by Ctrl-C. What has not ended
after SECONDS (10) is ended.
"""

from __future__ import annotations

import _thread
import contextlib
import faulthandler
import io
import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from BaseDT.errors import XEduError
from BaseDT.file_lock import FileLock
from BaseDT.language import say
from MMEdu.actions.job_files import EVENTS, LOCK, PROGRAM, STOP, add_event
from MMEdu.engine.events import Event, Iteration, Progress, Pulse, to_json
from MMEdu.engine.host import Host, run_by

_LOOK, _PATIENCE, _AGAIN, _END = 0.1, 1.5, 2.0, 10.0
"""Seconds: between two looks at the stop file; until Ctrl-C; until the next one; until the end, saved or not."""
_RARELY = 0.1
_LONGEST = 4000
_LOCKED_WITHIN = 3.0
STOPPED, FAILED = 130, 1


def main(work: str, seconds: float = _END) -> int:
    """Run the program of the working directory from another folder.

    Args:
        work: The folder that the program runs in.
        seconds: How long it may take to stop.

    Returns:
        The exit code.
    """
    folder = Path.cwd()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # inherited from a shell it may be ignored
    if not _locked(lock := FileLock(folder / LOCK)):
        return FAILED
    os.chdir(work)
    if hasattr(os, "nice"):  # the page that shows it stays quick; on Windows whoever starts it says so
        os.nice(5)
    faulthandler.enable()
    told = Told(folder / EVENTS)
    told.state("running", pid=os.getpid())
    sys.stdout, sys.stderr = Echo(sys.stdout, told), Echo(sys.stderr, told)
    ending = Ending(folder, told, seconds)
    try:
        code = _run(_as_called(folder / PROGRAM, Path(work)), told, ending)
    except KeyboardInterrupt:  # while the end was written down
        told.state("stopped", **_nothing_finished())
        code = STOPPED
    lock.release()
    return code


def _locked(lock: FileLock) -> bool:
    """Take the lock; whoever looks whether it is held has it for a moment."""
    until = time.monotonic() + _LOCKED_WITHIN
    while not lock.take():
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK)
    return True


def _as_called(program: Path, work: Path) -> str:
    """Return a program's path as it is typed in the work folder."""
    with contextlib.suppress(ValueError):
        return str(program.relative_to(work.resolve()))
    return str(program)


def _run(program: str, told: Told, ending: Ending) -> int:
    """Run the program, and tell how it ended."""
    sys.argv = [program]
    failure: dict[str, Any] = {}
    try:
        with run_by(Host(told.event, ending)):
            runpy.run_path(program, run_name="__main__")
        state = "done"
    except SystemExit as error:
        state = "done" if error.code in (None, 0) else "failed"
        failure = {} if state == "done" else _unforeseen(error)
    except KeyboardInterrupt as error:  # a training that was stopped says where it can go on
        state, failure = "stopped", _described(error) if isinstance(error, XEduError) else _nothing_finished()
        _print(error)
    except XEduError as error:
        state, failure = "failed", _described(error)
        _print(error)
    except MemoryError as error:
        state, failure = "failed", _out_of_memory()
        _print(error)
    except Exception as error:  # noqa: BLE001 - of a program, which may raise what it likes
        state, failure = "failed", _unforeseen(error)
        _print(error)
    ending.over()
    sys.stdout.flush()
    sys.stderr.flush()
    told.state(state, **failure)
    return {"done": 0, "stopped": STOPPED}.get(state, FAILED)


def _print(error: BaseException) -> None:
    """Print an error as Python does at the end of a program."""
    sys.excepthook(type(error), error, error.__traceback__)


def _described(error: XEduError) -> dict[str, Any]:
    return {"error": type(error).__name__, "code": error.code, "message": error.message, "hint": error.hint}


def _nothing_finished() -> dict[str, Any]:
    return {"message": say("It was stopped before anything was finished.", "已停止，还没有可用的结果。")}


def _out_of_memory() -> dict[str, Any]:
    return {
        "error": "MemoryError",
        "code": 0,
        "message": say("The memory of this computer is not enough.", "这台电脑的内存不够。"),
        "hint": say("Choose a smaller batch or smaller pictures, and close other programs.",
                    "请减小批大小或图片尺寸，并关闭其他程序。"),
    }  # fmt: skip


def _unforeseen(error: BaseException) -> dict[str, Any]:
    return {
        "error": type(error).__name__,
        "code": 0,
        "message": say(f"The program ended with {type(error).__name__}: {error}",
                       f"程序因 {type(error).__name__} 结束：{error}"),
        "hint": say("What it printed last says more.", "最后的输出里有更多信息。"),
    }  # fmt: skip


class Told:
    """Writes events down, a line each, as they come.

    Args:
        path: The file; lines are added.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._last: dict[type, float] = {}

    def state(self, state: str, **values: Any) -> None:
        """Tell how the job stands."""
        self.tell({"event": "state", "state": state, "time": time.time(), **values})

    def event(self, event: Event) -> None:
        """Tell of an event; of those that come many times a second, some."""
        if isinstance(event, (Progress, Pulse, Iteration)) and not self._is_due(event):
            return
        self.tell(to_json(event))

    def tell(self, values: dict[str, Any]) -> None:
        """Add a line. A full disk, or a folder that is gone, ends no program: it finds out itself."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            add_event(self._path, values)

    def _is_due(self, event: Progress | Pulse | Iteration) -> bool:
        last_one = event.iteration == event.iterations if isinstance(event, Iteration) else event.done >= event.total
        now, kind = time.monotonic(), type(event)
        if not last_one and now - self._last.get(kind, -_RARELY) < _RARELY:
            return False
        self._last[kind] = now
        return True


class Echo(io.TextIOWrapper):
    """Standard output that also tells each of its lines.

    Args:
        stream: The one that it replaces.
        told: Told of the lines.
    """

    def __init__(self, stream: Any, told: Told) -> None:
        super().__init__(stream.detach(), encoding="utf-8", errors="backslashreplace", write_through=True)
        self._told, self._line = told, ""

    def write(self, text: str) -> int:
        """Write text."""
        written = super().write(text)
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._tell(line)
        if len(self._line) > _LONGEST:
            self.flush()
        return written

    def flush(self) -> None:
        """Write what waits, also of the events."""
        with contextlib.suppress(OSError):
            super().flush()

    def _tell(self, line: str) -> None:
        line = line.rpartition("\r")[2] or line  # a bar is redrawn in place: the last of it stays
        self._told.tell({"event": "output", "text": line[:_LONGEST]})


class Ending:
    """Looks for the stop file, and ends the program: at first it is asked, at last it is not.

    Args:
        folder: Of the job.
        told: Told that the job is being stopped.
        seconds: How long that may take.
    """

    def __init__(self, folder: Path, told: Told, seconds: float) -> None:
        self._folder, self._told, self._seconds = folder, told, seconds
        self._asked, self._over = threading.Event(), threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def is_set(self) -> bool:
        """Whether a training is to end."""
        return self._asked.is_set()

    def over(self) -> None:
        """Say that the program has ended: nothing needs to end it any more."""
        self._over.set()
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _watch(self) -> None:
        while not self._is_asked():
            if self._over.wait(_LOOK):
                return
        self._told.state("stopping")
        self._asked.set()
        asked_at, pause = time.monotonic(), _PATIENCE
        while (left := self._seconds - (time.monotonic() - asked_at)) > 0:
            if self._over.wait(min(pause, left)):
                return
            _interrupt()
            pause = _AGAIN
        self._told.state("stopped")
        os._exit(STOPPED)

    def _is_asked(self) -> bool:
        try:
            return (self._folder / STOP).exists() or not self._folder.exists()  # a job that nobody wants any more
        except OSError:
            return False


def _interrupt() -> None:
    """Do what Ctrl-C does to this process."""
    if hasattr(signal, "pthread_kill"):  # it wakes one that waits, too
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(float, sys.argv[2:])))
