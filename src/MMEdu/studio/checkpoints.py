"""Checkpoints (``.pth``) open in a process of their own: torch stays out of the server, and so does what they hold.

The process stays for more pictures, and ends with the studio: its questions come through its input.
"""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from BaseDT import errors
from BaseDT.errors import WorkerFailed, XEduError
from BaseDT.language import current_language, say
from MMEdu.actions import checkpoint_child, own_process
from MMEdu.requirements import require_for_checkpoint

_SECONDS = 120.0
"""Torch is imported and a file read from a slow disk in less."""
_IDLE = 600.0
"""Seconds after which a process that nobody asks ends: it holds some hundred megabytes."""


class CheckpointProcess:
    """A checkpoint that answers picture after picture.

    Args:
        file: The checkpoint.
        idle: Seconds without a question after which the process ends.

    Raises:
        DependencyMissing: Torch is not installed (-502).
        XEduError: The file cannot be used; as ``checkpoint_trying.Checkpoint.open``.
        WorkerFailed: The process ended, or said nothing for two minutes (-805).
    """

    def __init__(self, file: Path, idle: float = _IDLE) -> None:
        require_for_checkpoint()
        self._file, self._idle, self._asked = file, idle, time.monotonic()
        self._watch: threading.Timer | None = None
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            own_process.command(checkpoint_child.__name__, str(file), current_language()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=own_process.environment(),
        )
        try:
            self.facts: dict[str, Any] = self._received()[0]["facts"]
        except BaseException:
            self.close()
            raise
        self._asked = time.monotonic()
        self._watch_later(idle)

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def answer(self, data: bytes, threshold: float | str | None, *, draw: bool) -> tuple[dict[str, Any], bytes]:
        """Say what is in a picture.

        Returns:
            ``trying.Answer`` as plain data, and the drawing; empty where none was asked for.
        """
        question = {"threshold": threshold, "draw": draw, "language": current_language()}
        with self._lock:
            assert self._process.stdin is not None
            try:
                checkpoint_child.write(self._process.stdin, question, data)
            except (OSError, ValueError) as error:  # it has ended, or was ended
                raise self._ended() from error
            answer, drawing = self._received()
            self._asked = time.monotonic()
        return answer["answer"], drawing

    def close(self) -> None:
        """End the process."""
        if self._watch is not None:
            self._watch.cancel()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was still to be written has nobody to read it

    def _watch_later(self, seconds: float) -> None:
        self._watch = threading.Timer(seconds, self._look)
        self._watch.daemon = True
        self._watch.start()

    def _look(self) -> None:
        """End the process where nobody has asked it for long."""
        if not self._lock.acquire(blocking=False):
            return self._watch_later(self._idle)
        try:
            rest = self._asked + self._idle - time.monotonic()
            if rest <= 0:
                self.close()
            elif self.alive:
                self._watch_later(rest)
        finally:
            self._lock.release()
        return None

    def _received(self) -> tuple[dict[str, Any], bytes]:
        assert self._process.stdout is not None
        patience = threading.Timer(_SECONDS, self._process.kill)
        patience.daemon = True
        patience.start()
        try:
            received = checkpoint_child.read(self._process.stdout)
        finally:
            patience.cancel()
        if received is None:
            raise self._ended()
        if (told := received[0].get("error")) is not None:
            raise _raised(told)
        return received

    def _ended(self) -> WorkerFailed:
        return WorkerFailed(
            say(f"The process that ran {self._file.name} has ended.", f"运行 {self._file.name} 的进程已结束。"),
            hint=say(
                "Try again; if it happens again, the computer may have too little memory for this model.",
                "请再试一次；如果还是这样，可能是电脑内存不足以运行这个模型。",
            ),
        )


def _raised(told: dict[str, str]) -> XEduError:
    """Return an error of the process as its own kind."""
    kind = getattr(errors, told["type"], XEduError)
    if not (isinstance(kind, type) and issubclass(kind, XEduError)):
        kind = XEduError
    return kind(told["message"], hint=told["hint"])
