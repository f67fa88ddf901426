"""Training in several processes of this machine: a job, torch's launcher, and what comes back.

The user's script is never run again: each process reads the job and trains as under ``torchrun``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from BaseDT import errors
from BaseDT.arguments import PathLike, checked_path
from BaseDT.errors import TrainingInterrupted, WorkerFailed, XEduError
from BaseDT.language import say
from MMEdu.engine.distributed import STORE_VARIABLE, is_launched
from MMEdu.training import TrainingResult

__all__ = ["Job", "is_launched", "run", "work"]

_STDERR = "stderr.txt"
_TOLD = 30  # lines
_ARGUMENTS_OF_THE_PARENT = frozenset({"distributed", "devices", "save_fold", "checkpoint", "random_seed"})


@dataclass(frozen=True)
class Job:
    """A training as plain data.

    Attributes:
        conductor: The function that does it in each process.
        task: Whose documented class it belongs to.
        backbone: The model's name or the absolute path of its recipe.
        dataset: What ``load_dataset`` was given; absolute paths.
        left_out: Files of it that are not used.
        arguments: The documented arguments of ``train``.
        processes: How many take part.
    """

    conductor: str
    task: str
    backbone: str
    dataset: dict[str, str]
    left_out: list[str]
    arguments: dict[str, Any]
    processes: int

    @classmethod
    def of(
        cls,
        task: str,
        backbone: str,
        dataset: Mapping[str, PathLike | None],
        left_out: Sequence[Path],
        arguments: Mapping[str, Any],
        seed: int,
        save_fold: Path,
    ) -> Job:
        """Write a training down."""
        recipe = Path(backbone)
        kept = {name: value for name, value in arguments.items() if name not in _ARGUMENTS_OF_THE_PARENT}
        start = arguments["checkpoint"]
        return cls(
            conductor=f"{__name__}:work",
            task=task,
            backbone=str(recipe.resolve()) if recipe.suffix and recipe.is_file() else backbone,
            dataset={name: str(Path(place).resolve()) for name, place in dataset.items() if place is not None},
            left_out=[str(path) for path in left_out],
            arguments={
                **kept,
                "random_seed": seed,
                "save_fold": str(save_fold.resolve()),
                "checkpoint": None if start is None else str(checked_path("checkpoint", start).resolve()),
            },
            processes=arguments["devices"] or _all_devices(arguments["device"]),
        )


def _all_devices(device: str) -> int:
    import torch

    if device.startswith("cuda") or (device == "auto" and torch.cuda.is_available()):
        return max(1, torch.cuda.device_count())
    return 2


def run(job: Job, write: Callable[[str], None]) -> TrainingResult:
    """Start the processes, pass their lines on, and return what the leading one left.

    Raises:
        XEduError: The error of the process that failed first.
        TrainingInterrupted: The user stopped it (-801).
    """
    with tempfile.TemporaryDirectory(prefix="mmedu-job-") as folder:
        place = Path(folder)
        (place / "job.json").write_text(json.dumps(asdict(job), default=list), encoding="utf-8")
        code = _launch(job, place, write)
        if code != 0:
            raise _failure(place, code, Path(job.arguments["save_fold"]))
        result = json.loads((place / "result.json").read_text(encoding="utf-8"))
    best, latest, log_file = (Path(result[k]) if result[k] else None for k in ("best_file", "latest_file", "log_file"))
    return TrainingResult(result["log"], best, latest or Path(), log_file, tuple(map(Path, result["report"])))


def _launch(job: Job, place: Path, write: Callable[[str], None]) -> int:
    command = [sys.executable, "-m", "torch.distributed.run", "--nnodes=1", f"--nproc-per-node={job.processes}"]
    command += ["--rdzv-backend=c10d", f"--rdzv-endpoint={place / 'rendezvous'}", "--rdzv-conf=store_type=file"]
    command += ["--local-addr=127.0.0.1", "-m", "MMEdu.engine.worker", str(place / "job.json")]
    stderr = (place / _STDERR).open("wb")  # the launcher's own reports of a failure help no pupil
    with (
        stderr,
        subprocess.Popen(
            command,
            env=_environment(job, place),
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                write(line.rstrip("\n"))
        except KeyboardInterrupt as error:
            process.terminate()
            process.wait()
            raise _interrupted(Path(job.arguments["save_fold"])) from error
        return process.wait()


def _environment(job: Job, place: Path) -> dict[str, str]:
    """The environment of the processes; what the user has set stays, but for what the job needs."""
    threads = max(1, (os.cpu_count() or 1) // job.processes)
    defaults = {"OMP_NUM_THREADS": str(threads), "TORCH_CPP_LOG_LEVEL": "ERROR"}
    if sys.platform == "linux":
        defaults["GLOO_SOCKET_IFNAME"] = "lo"  # one machine: nothing listens on its network
    needed = {
        STORE_VARIABLE: str(place / "store"),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path),
    }
    return {**defaults, **os.environ, **needed}


def _interrupted(save_fold: Path) -> TrainingInterrupted:
    from MMEdu.engine.checkpoint import LATEST
    from MMEdu.engine.saving import where_to_resume

    latest = save_fold / LATEST
    return TrainingInterrupted("The training was stopped.", hint=where_to_resume(latest) if latest.exists() else "")


def _failure(place: Path, code: int, save_fold: Path) -> XEduError:
    """Return the first process's own error, or name its exit code."""
    for file in sorted(place.glob("error-*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        kind = getattr(errors, told["type"], None)
        if isinstance(kind, type) and issubclass(kind, XEduError):
            return kind(told["message"], hint=told["hint"])
    told = (place / _STDERR).read_text(encoding="utf-8", errors="replace").splitlines()
    report = next((i for i, line in enumerate(told) if "] failed (exitcode" in line), len(told))
    told = told[:report] or told  # what the launcher reports of itself would hide what the process said
    hint = say("The end of what it said:", "它最后的输出：") + "\n" + "\n".join(told[-_TOLD:])
    return WorkerFailed(f"A training process ended with exit code {code} (run folder: {save_fold}).", hint=hint)


def work(job: Mapping[str, Any], place: Path) -> None:
    """Train as one of the processes of a job; leave the result, or the error, in its folder."""
    rank = os.environ.get("RANK", "0")
    try:
        result = _train(job)
    except XEduError as error:
        told = {"type": type(error).__name__, "message": error.message, "hint": error.hint}
        (place / f"error-{rank}.json").write_text(json.dumps(told), encoding="utf-8")
        sys.exit(1)
    if rank == "0" and result is not None:
        left = {
            "log": result.log,
            "best_file": str(result.best_file) if result.best_file else None,
            "latest_file": str(result.latest_file),
            "log_file": str(result.log_file),
            "report": [str(path) for path in result.report],
        }
        (place / "result.json").write_text(json.dumps(left), encoding="utf-8")


def _train(job: Mapping[str, Any]) -> TrainingResult | None:
    from MMEdu.classification import MMClassification
    from MMEdu.detection import MMDetection

    conductor = MMDetection if job["task"] == MMDetection.TASK else MMClassification
    return conductor(job["backbone"]).train_as_worker(job["dataset"], job["left_out"], job["arguments"])
