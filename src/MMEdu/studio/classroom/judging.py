"""The judge's process, seen from the server: jobs go in, answers come out; one that is stuck is ended."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from BaseDT.errors import DatasetInvalid, WorkerFailed
from BaseDT.language import current_language, say
from MMEdu.actions import own_process

_SECONDS = 300.0
_LINE = 4 * 2**20
_QUIET: int = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
"""On Windows: no window, and the page comes first."""


class Failed(Exception):
    """A job that came to nothing, in a sentence or two.

    Args:
        message: What was found.
        hint: What to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class JudgeProcess:
    """``MMEdu.actions.judging``, started when it is first needed, and again when it has died.

    Args:
        log: Where its process may complain.
        seconds: That a job may take.
    """

    def __init__(self, log: Path, seconds: float = _SECONDS) -> None:
        self._log, self._seconds = log, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._lock = threading.Lock()

    def describe(self, folder: Path) -> dict[str, Any]:
        """Say what a folder of labelled pictures has.

        Raises:
            DatasetInvalid: It cannot be judged with (-201).
        """
        try:
            return self.ask({"describe": str(folder), "language": current_language()})
        except Failed as failure:
            raise DatasetInvalid(failure.message, hint=failure.hint) from failure

    def ask(self, job: dict[str, Any], progress: Callable[[int, int], object] = lambda *_: None) -> dict[str, Any]:
        """Do a job.

        Raises:
            Failed: It came to nothing.
            WorkerFailed: The process cannot be started (-805).
        """
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            try:
                process.stdin.write(json.dumps(job).encode("ascii") + b"\n")
                process.stdin.flush()
                return self._answer(progress)
            except (OSError, ValueError) as error:  # the pipe is closed; half a line
                self._end()
                raise _died() from error

    def close(self) -> None:
        """End the process; a job that runs comes to nothing."""
        if (process := self._process) is not None:
            process.kill()
        with self._lock:
            self._end()

    def _answer(self, progress: Callable[[int, int], object]) -> dict[str, Any]:
        while True:
            try:
                line = self._answers.get(timeout=self._seconds)
            except queue.Empty:
                self._end()
                minutes = round(self._seconds / 60)
                raise Failed(
                    say(f"It was not done after {minutes} minutes.", f"{minutes} 分钟后仍未完成。"),
                    say("Hand in a smaller model.", "请提交小一些的模型。"),
                ) from None
            if not line:
                self._end()
                raise _died()
            answer = json.loads(line)
            if "progress" in answer:
                progress(*answer["progress"])
            elif "failed" in answer:
                raise Failed(answer["failed"]["message"], answer["failed"]["hint"])
            else:
                return cast(dict[str, Any], answer["done"])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        environment = {"OMP_NUM_THREADS": "2", **own_process.environment()}
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    own_process.command("MMEdu.actions.judging"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=environment,
                    creationflags=_QUIET,
                )
        except OSError as error:
            raise WorkerFailed(
                say("The process that judges cannot be started.", "无法启动评估进程。"),
                hint=say("Close other programs.", "请关闭其他程序。"),
            ) from error
        self._answers = queue.Queue()
        threading.Thread(target=_listen, args=(self._process, self._answers), daemon=True).start()
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue


def _listen(process: subprocess.Popen[bytes], answers: queue.Queue[bytes]) -> None:
    """Pass lines on; an empty one says that the process is over."""
    assert process.stdout is not None
    try:
        while line := process.stdout.readline(_LINE):
            answers.put(line)
    except (OSError, ValueError):
        pass
    answers.put(b"")


def _died() -> Failed:
    return Failed(
        say("The model brought down the program that judged it.", "评估这个模型的程序崩溃了。"),
        say("Convert it again, and hand it in anew.", "请重新转换后再提交。"),
    )
