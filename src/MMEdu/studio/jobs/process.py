"""A job's process: started apart from the server, asked to stop by a file, known to live by its lock."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from BaseDT import file_lock
from BaseDT.files import remove, write_whole
from MMEdu.actions import own_process
from MMEdu.actions.job_files import LOCK, OUTPUT, STOP

_RUNNER = "MMEdu.actions.job_runner"
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows knows the latter alone, and means the former


def start(folder: Path, work: Path, language: str) -> subprocess.Popen[bytes]:
    """Start the program of a job's folder.

    Args:
        folder: The job's.
        work: Where it runs.
        language: Of its messages.

    Raises:
        OSError: It cannot be started.
    """
    remove(folder / STOP)
    with (folder / OUTPUT).open("ab") as output:
        return subprocess.Popen(
            own_process.command(_RUNNER, str(work)),
            cwd=folder,
            env=own_process.environment(language=language),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
            creationflags=_apart(),
        )


def _apart() -> int:
    """Return flags for Windows: Ctrl-C at the server, or its window closing, is no affair of a job."""
    if sys.platform == "win32":
        group, hidden = subprocess.CREATE_NEW_PROCESS_GROUP, subprocess.CREATE_NO_WINDOW
        return group | hidden | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return 0


def ask_to_stop(folder: Path) -> None:
    """Ask a job to stop; it saves what it has.

    Raises:
        DiskFull, PathNotWritable: Its folder cannot be written (-803, -104).
    """
    write_whole(folder / STOP, b"", durable=False)


def lives(folder: Path) -> bool:
    """Tell whether a job's process lives, whoever started it."""
    return file_lock.is_held(folder / LOCK)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that does not end."""
    with contextlib.suppress(OSError):
        process.kill()


def end_by_number(folder: Path, pid: object) -> None:
    """End the process of a job that another server started; only while it holds its lock: numbers are used again."""
    if isinstance(pid, int) and pid > 1 and lives(folder):
        with contextlib.suppress(OSError):
            os.kill(pid, _KILL)
