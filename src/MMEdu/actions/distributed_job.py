"""Training in several processes of this machine: a job, torch's launcher, and what comes back.

The user's script is never run again: each process reads the job and trains as under ``torchrun``. The leading one
sends its events, not lines of text.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT import errors
from BaseDT.arguments import checked_path
from BaseDT.errors import TrainingInterrupted, WorkerFailed, XEduError
from BaseDT.language import current_language, say
from BaseDT.terminal import write_line
from MMEdu.actions.training_result import TrainingResult
from MMEdu.engine import events
from MMEdu.engine.distributed import STORE_VARIABLE, is_launched
from MMEdu.engine.events import Listener
from MMEdu.tasks.arguments import TrainArguments

if TYPE_CHECKING:
    from MMEdu.actions.train import TrainingSession
    from MMEdu.engine.loop import StopSignal

__all__ = ["Job", "is_launched", "run"]

_STDERR = "stderr.txt"
_LAST_LINES = 30
EVENT_MARK = "\x1e"  # ASCII's record separator: such a line is an event, any other one is text
_POLL = 0.2  # seconds between two looks at ``stop``
_ARGUMENTS_OF_THE_PARENT = frozenset({"distributed", "devices", "save_fold", "checkpoint"})


@dataclass(frozen=True)
class Job:
    """A training as plain data.

    Attributes:
        function: What each process calls, ``"module:function"``.
        task: The task's name.
        backbone: The model's name or the absolute path of its recipe.
        dataset: What ``load_dataset`` takes; absolute paths.
        left_out: Files of it that are not used.
        arguments: Those of ``train``.
        folder: Where everything is written.
        processes: How many take part.
    """

    function: str
    task: str
    backbone: str
    dataset: dict[str, str]
    left_out: list[str]
    arguments: dict[str, Any]
    folder: str
    processes: int

    @classmethod
    def of(cls, session: TrainingSession, arguments: TrainArguments, folder: Path) -> Job:
        """Write a training down.

        Args:
            session: Its model and data set.
            arguments: Checked; the seed is drawn.
            folder: Where everything is written.
        """
        assert session.dataset is not None
        recipe, checkpoint = Path(session.backbone), arguments.checkpoint
        return cls(
            function="MMEdu.actions.job_member:work",
            task=session.spec.name,
            backbone=str(recipe.resolve()) if recipe.suffix and recipe.is_file() else session.backbone,
            dataset={name: str(Path(path).absolute()) for name, path in session.dataset.paths.items()},
            left_out=[str(path) for path in session.dataset.data.left_out],
            arguments={
                **{name: value for name, value in asdict(arguments).items() if name not in _ARGUMENTS_OF_THE_PARENT},
                "checkpoint": None if checkpoint is None else str(checked_path("checkpoint", checkpoint).resolve()),
            },
            folder=str(folder.resolve()),
            processes=arguments.devices or _all_devices(arguments.device),
        )


def _all_devices(device: str) -> int:
    import torch

    if device.startswith("cuda") or (device == "auto" and torch.cuda.is_available()):
        return max(1, torch.cuda.device_count())
    return 2


def run(job: Job, listener: Listener, stop: StopSignal | None) -> TrainingResult:
    """Start the processes, pass their events on, and return what the leading one left.

    Raises:
        XEduError: The error of the process that failed first.
        TrainingInterrupted: The user stopped it (-801).
    """
    with tempfile.TemporaryDirectory(prefix="mmedu-job-") as folder:
        job_folder = Path(folder)
        (job_folder / "job.json").write_text(json.dumps(asdict(job), default=list), encoding="utf-8")
        code = _launch(job, job_folder, listener, stop)
        if code != 0:
            raise _failure(job_folder, code, Path(job.folder))
        result = json.loads((job_folder / "result.json").read_text(encoding="utf-8"))
    best, latest, log_file = (Path(result[k]) if result[k] else None for k in ("best_file", "latest_file", "log_file"))
    return TrainingResult(result["log"], best, latest or Path(), log_file, tuple(map(Path, result["report"])))


def _launch(job: Job, job_folder: Path, listener: Listener, stop: StopSignal | None) -> int:
    command = [sys.executable, "-m", "torch.distributed.run", "--nnodes=1", f"--nproc-per-node={job.processes}"]
    command += ["--rdzv-backend=c10d", f"--rdzv-endpoint={job_folder / 'rendezvous'}", "--rdzv-conf=store_type=file"]
    command += ["--local-addr=127.0.0.1", "-m", "MMEdu.engine.worker", str(job_folder / "job.json")]
    stderr = (job_folder / _STDERR).open("wb")  # the launcher's own reports of a failure help no pupil
    with (
        stderr,
        subprocess.Popen(
            command,
            env=_environment(job, job_folder),
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            errors="replace",
        ) as process,
        _terminated_by(stop, process) as stopped,
    ):
        try:
            for line in process.stdout or ():
                _pass_on(line.rstrip("\n"), listener)
        except KeyboardInterrupt as error:
            _end(process)
            process.wait()
            raise _interrupted(Path(job.folder)) from error
        code = process.wait()
        if stopped.is_set():
            raise _interrupted(Path(job.folder))
        return code


def _pass_on(line: str, listener: Listener) -> None:
    """Hand an event of the leading process to the listener; any other line is somebody's print."""
    text, mark, event = line.partition(EVENT_MARK)
    if text or not mark:
        write_line(text)
    if mark:  # a print without an end of its line stands before it
        listener(events.from_json(json.loads(event)))


def _end(process: subprocess.Popen[str]) -> None:
    """End the launcher and its processes."""
    if os.name == "nt":  # there a process that is ended cannot end its own
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        process.terminate()


@contextmanager
def _terminated_by(stop: StopSignal | None, process: subprocess.Popen[str]) -> Iterator[threading.Event]:
    """End the processes when ``stop`` is set; yields an event that tells whether that happened."""
    stopped, over = threading.Event(), threading.Event()

    def watch() -> None:
        while stop is not None and not over.wait(_POLL):
            if stop.is_set():
                stopped.set()
                _end(process)
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield stopped
    finally:
        over.set()
        thread.join()


def _environment(job: Job, job_folder: Path) -> dict[str, str]:
    """The environment of the processes; what the user has set stays, but for what the job needs."""
    threads = max(1, (os.cpu_count() or 1) // job.processes)
    defaults = {"OMP_NUM_THREADS": str(threads), "TORCH_CPP_LOG_LEVEL": "ERROR"}
    if sys.platform == "linux":
        defaults["GLOO_SOCKET_IFNAME"] = "lo"  # one machine: nothing listens on its network
    needed = {
        STORE_VARIABLE: str(job_folder / "store"),
        "MMEDU_LANG": current_language(),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path),
    }
    return {**defaults, **os.environ, **needed}


def _interrupted(folder: Path) -> TrainingInterrupted:
    from MMEdu.engine.checkpoint import LATEST
    from MMEdu.engine.resuming import where_to_resume

    latest = folder / LATEST
    return TrainingInterrupted(
        say("The training was stopped.", "训练已停止。"), hint=where_to_resume(latest) if latest.exists() else ""
    )


def _failure(job_folder: Path, code: int, folder: Path) -> XEduError:
    """Return the first process's own error, or name its exit code."""
    for file in sorted(job_folder.glob("error-*.json"), key=lambda file: file.stat().st_mtime_ns):
        values = json.loads(file.read_text(encoding="utf-8"))
        kind = getattr(errors, values["type"], None)
        if isinstance(kind, type) and issubclass(kind, XEduError):
            return kind(say(values["message_en"], values["message"]), hint=values["hint"])
    lines = (job_folder / _STDERR).read_text(encoding="utf-8", errors="replace").splitlines()
    report = next((i for i, line in enumerate(lines) if "] failed (exitcode" in line), len(lines))
    lines = lines[:report] or lines  # what the launcher reports of itself would hide what the process said
    hint = say("The end of what it said:", "它最后的输出：") + "\n" + "\n".join(lines[-_LAST_LINES:])
    return WorkerFailed(
        say(
            f"A training process ended with exit code {code} (run folder: {folder}).",
            f"一个训练进程以退出码 {code} 结束（训练文件夹：{folder}）。",
        ),
        hint=hint,
    )
