"""What a run leaves in its folder: ``epoch_N.pth``, ``latest.pth``, one best file; and how a run goes on."""

from __future__ import annotations

import contextlib
import copy
import math
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from BaseDT.errors import CannotResume, XEduError
from BaseDT.files import discard, write_whole
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine import checkpoint
from MMEdu.engine.events import CheckpointSaved, Listener, Notice
from MMEdu.engine.protocol import Metrics

if TYPE_CHECKING:
    from MMEdu.engine.loop import Trainer

_SHARE_OF_DISK = 1 / 3
_LOG_NAME = re.compile(r"[^/\\:]+\.log\.json")
"""A plain name: neither a folder of any system nor a drive of Windows."""
_MOST = 10**6
"""More epochs, or pictures at a time, than any run has; a file that says more would have us count for ever."""


@dataclass(frozen=True)
class RunProgress:
    """How far a run has come; plain data that ``latest.pth`` carries.

    Attributes:
        epoch: Whole epochs that are done.
        best: The metrics of the best epoch, None before the first validation.
        best_epoch: That epoch, counted from 1.
        log: The name of the run's log file.
        micro_batch: Samples that are computed at a time.
    """

    epoch: int = 0
    best: dict[str, float] | None = None
    best_epoch: int = 0
    log: str = ""
    micro_batch: int = 0


@dataclass
class Saver:
    """Writes the checkpoints of one run.

    Args:
        folder: The run's ``save_fold``.
        meta: What every checkpoint carries; epoch and time are added.
        key: The metric that chooses the best one.
        emit: Told of every file.
        keep: How many ``epoch_N.pth`` stay at most; None keeps all.
        every: Seconds between savings; epochs that take less share one, but for the last, and no best is lost.
    """

    folder: Path
    meta: Mapping[str, Any]
    key: str
    emit: Listener
    keep: int | None = None
    every: float = 0.0
    last: Path | None = field(default=None, init=False)
    _written: list[Path] = field(default_factory=list, init=False)
    # What is not written yet: the best epoch, and all of the latest one.
    _waiting: tuple[int, dict[str, Any]] | None = field(default=None, init=False)
    _unsaved: tuple[RunProgress, dict[str, Any]] | None = field(default=None, init=False)
    _saved_at: float = field(default=-math.inf, init=False)

    def best_name(self, epoch: int) -> str:
        """The documented name of the best file."""
        return f"best_{self.key}_epoch_{epoch}.pth"

    def limit_to_disk(self, model: nn.Module, epochs: int) -> None:
        """Keep fewer ``epoch_N.pth`` when the run would fill more than a third of the free disk."""
        size = sum(t.numel() * t.element_size() for t in model.state_dict().values())
        self.folder.mkdir(parents=True, exist_ok=True)
        fitting = max(1, int(shutil.disk_usage(self.folder).free * _SHARE_OF_DISK / max(1, size)) - 3)
        if fitting < min(epochs, self.keep or epochs):
            self.keep = fitting
            text = f"The disk is short: only the newest {fitting} epoch_N.pth are kept."
            self.emit(Notice(say(text, f"磁盘空间不足：只保留最新的 {fitting} 个 epoch_N.pth。")))

    def save(
        self,
        trainer: Trainer,
        run: RunProgress,
        metrics: Metrics | None,
        *,
        is_best: bool,
        is_last: bool = True,
    ) -> None:
        """Write the files of an epoch. ``latest.pth`` comes last but for the removal of what it replaces."""
        state = {name: value.detach().cpu() for name, value in trainer.evaluated.state_dict().items()}
        meta = {**self.meta, "epoch": run.epoch, "time": time.strftime("%Y-%m-%d %H:%M:%S"), "metrics": metrics}
        whole = {
            "state_dict": state,
            "meta": meta,
            "optimizer": _state_of_training(trainer),
            "rng": torch.get_rng_state(),
        }
        if not is_last and time.perf_counter() - self._saved_at < self.every:
            # What is not trained is the same later; everything else would be overwritten by the next step.
            fixed = {name for name, weight in trainer.evaluated.named_parameters() if not weight.requires_grad}
            if trainer.average is not None:
                fixed = set()
            state = {name: value if name in fixed else value.clone() for name, value in state.items()}
            self._unsaved = run, {**whole, "state_dict": state, "optimizer": copy.deepcopy(whole["optimizer"])}
            if is_best:
                self._waiting = run.epoch, {"state_dict": state, "meta": meta}
            return
        self._write(run, whole, is_best=is_best)

    def flush(self) -> None:
        """Write the latest epoch, and the best one, where they share a saving that does not come any more."""
        if self._unsaved is not None:
            run, whole = self._unsaved
            self._write(run, whole, is_best=self._waiting is not None and self._waiting[0] == run.epoch)

    def _write(self, run: RunProgress, whole: Mapping[str, Any], *, is_best: bool) -> None:
        weights = checkpoint.to_bytes({name: whole[name] for name in ("state_dict", "meta")})
        self._keep_epoch(write_whole(self.folder / f"epoch_{run.epoch}.pth", weights))
        if is_best:
            self._write_best(run.epoch, weights)
        elif self._waiting is not None:
            self._write_best(self._waiting[0], checkpoint.to_bytes(self._waiting[1]))
        del weights  # a large model is not held twice
        latest = checkpoint.to_bytes({**whole, "meta": {**whole["meta"], "run": vars(run)}})
        self.last = write_whole(self.folder / checkpoint.LATEST, latest)
        self._unsaved = self._waiting = None
        self.emit(CheckpointSaved(self.last, "latest"))
        self.remove_other_bests(run.best_epoch)
        self._saved_at = time.perf_counter()

    def _write_best(self, epoch: int, weights: memoryview) -> None:
        self.emit(CheckpointSaved(write_whole(self.folder / self.best_name(epoch), weights), "best"))

    def _keep_epoch(self, path: Path) -> None:
        self.emit(CheckpointSaved(path, "epoch"))
        self._written.append(path)
        while self.keep is not None and len(self._written) > self.keep:
            discard(self._written.pop(0))

    def remove_other_bests(self, best_epoch: int) -> None:
        """Leave one best file of this metric: that of ``best_epoch``."""
        for file in self.folder.glob(f"best_{self.key}_epoch_*.pth"):
            if best_epoch and file.name != self.best_name(best_epoch):
                discard(file)

    def forget_later_epochs(self, epoch: int, epochs: int) -> None:
        """After a resume: what a killed run wrote beyond its last whole epoch is no part of the run."""
        self._written = [f for n in range(1, epoch + 1) if (f := self.folder / f"epoch_{n}.pth").exists()]
        for later in range(epoch + 1, epochs + 1):
            discard(self.folder / f"epoch_{later}.pth")

    def best_file(self, best_epoch: int) -> Path | None:
        """The best checkpoint of the run, None before the first validation."""
        return self.folder / self.best_name(best_epoch) if best_epoch else None


def where_to_resume(latest: Path) -> str:
    """Say how an interrupted run goes on."""
    return say(
        f"The last checkpoint is {latest}; resume=True goes on from it.",
        f"最近的权重文件：{latest}；用 resume=True 可以继续。",
    )


def read_interrupted(folder: Path) -> dict[str, Any]:
    """Read the ``latest.pth`` of a run that is to go on.

    Raises:
        CannotResume: There is none, or it was not written by a training, or was edited (-604).
    """
    file = folder / checkpoint.LATEST
    if not file.exists():
        hint = say("Train without resume=True first.", "请先不带 resume=True 训练一次。")
        raise CannotResume(f"There is no run to resume in {folder}.", hint=hint)
    content = checkpoint.read(file)
    if "optimizer" not in content or "run" not in content["meta"]:
        hint = say("Use checkpoint= to start from its weights.", "可以用 checkpoint= 从它的权重开始训练。")
        raise CannotResume(f"{file} holds weights only.", hint=hint)
    progress_of(content["meta"])
    _check_arguments(content["meta"])
    return content


def _state_of_training(trainer: Trainer) -> dict[str, Any]:
    """Return what a resumed run needs beside the weights that are evaluated: plain data and tensors."""
    state: dict[str, Any] = {
        "optimizers": {name: optimizer.state_dict() for name, optimizer in trainer.optimizers.items()},
        "scaler": trainer.scaler.state_dict(),
    }
    if trainer.average is not None:
        state["trained"] = {name: value.detach().cpu() for name, value in trainer.model.state_dict().items()}
        state["averaged"] = int(trainer.average.n_averaged)
    return state


def progress_of(meta: Mapping[str, Any]) -> RunProgress:
    """Return how far an interrupted run has come. It names files that are written and deleted: all of it is checked.

    Raises:
        CannotResume: Something is not as a training writes it (-604).
    """
    run = meta["run"]
    if not isinstance(run, dict):
        raise _edited("run")
    if unknown := run.keys() - RunProgress.__dataclass_fields__.keys():
        raise _edited(f"run.{min(map(str, unknown))}")
    state = RunProgress(**run)
    if not _is_whole(state.epoch, 1, _MOST):
        raise _edited("run.epoch")
    if not _is_whole(state.best_epoch, 0, state.epoch):
        raise _edited("run.best_epoch")
    if not (_are_metrics(state.best) if state.best_epoch else state.best is None):
        raise _edited("run.best")
    if not isinstance(state.log, str) or not state.log.isprintable() or not _LOG_NAME.fullmatch(state.log):
        raise _edited("run.log")
    if not _is_whole(state.micro_batch, 1, _MOST):
        raise _edited("run.micro_batch")
    return state


def _check_arguments(meta: Mapping[str, Any]) -> None:
    """Refuse what a resumed run could not even read before it compares it with its own arguments (-604)."""
    if not _is_whole(meta.get("random_seed"), 0, 2**64 - 1):
        raise _edited("random_seed")
    if not isinstance(meta.get("settings"), Mapping):
        raise _edited("settings")
    try:
        Preprocess.from_dict(meta.get("preprocess", {}))
    except XEduError as error:
        raise _edited("preprocess") from error


@contextlib.contextmanager
def edited_is_refused() -> Iterator[None]:
    """Name what torch and Python raise while they take over the parts of an edited ``latest.pth``.

    Raises:
        CannotResume: In place of it (-604).
    """
    try:
        yield
    except (XEduError, torch.OutOfMemoryError):
        raise
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise _edited("content") from error


def _is_whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _are_metrics(values: object) -> bool:
    return isinstance(values, dict) and all(type(n) is str and type(v) in (int, float) for n, v in values.items())


def _edited(name: str) -> CannotResume:
    hint = say(
        "The file was edited or damaged: train anew, or start from its weights with checkpoint=.",
        "文件被修改过或已损坏：请重新训练，或用 checkpoint= 从它的权重开始。",
    )
    return CannotResume(f"The {name} in {checkpoint.LATEST} is not what a training writes.", hint=hint)


def restore(trainer: Trainer, content: Mapping[str, Any]) -> None:
    """Bring a fresh trainer to where the run was that wrote a ``latest.pth``, the random state included.

    Raises:
        CannotResume: The file is of a run with other optimisers (-604).
    """
    trainer.evaluated.load_state_dict(content["state_dict"])
    state = content["optimizer"]
    # Files from before a run could have several optimisers hold one without a name.
    states = state.get("optimizers", {next(iter(trainer.optimizers)): state.get("optimizer")})
    if states.keys() != trainer.optimizers.keys():
        raise _edited("optimizer")
    for name, optimizer in trainer.optimizers.items():
        optimizer.load_state_dict(states[name])
    if state["scaler"]:  # empty where the run did without
        trainer.scaler.load_state_dict(state["scaler"])
    if trainer.average is not None:
        trainer.model.load_state_dict(state["trained"])
        trainer.average.n_averaged.fill_(state["averaged"])
    torch.set_rng_state(content["rng"])


def check_same_run(then: Mapping[str, Any], now: Mapping[str, Any], fixed: Sequence[str]) -> None:
    """Refuse to continue a run with other data or other arguments.

    Args:
        then: The ``meta`` of the interrupted run.
        now: That of this one.
        fixed: What must be as it was for the run to end where an uninterrupted one does.

    Raises:
        CannotResume: Names the first thing that differs (-604).
    """
    for name in fixed:
        before, after = then.get(name), now.get(name)
        if before == after:
            continue
        if name == "dataset":
            hint = say(
                "Train anew, or start from its weights with checkpoint=.",
                "请重新训练，或用 checkpoint= 从它的权重开始。",
            )
            raise CannotResume("The dataset has changed since the run was interrupted.", hint=hint)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            # Arguments that only one of two versions knows are let be, unless this run sets them.
            differing = [k for k, value in after.items() if before.get(k) != value]
            if not differing:
                continue
            name = differing[0]
            before, after = before.get(name), after.get(name)
        hint = say(f"Use {name}={before!r} as before.", f"请像之前一样使用 {name}={before!r}。")
        raise CannotResume(f"The interrupted run had {name}={before!r}, this one has {after!r}.", hint=hint)
