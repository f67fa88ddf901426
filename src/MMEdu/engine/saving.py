"""What a run leaves in its folder: ``epoch_N.pth``, ``latest.pth``, one best file."""

from __future__ import annotations

import copy
import math
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from BaseDT.files import discard, write_whole
from BaseDT.language import say
from MMEdu.engine import checkpoint
from MMEdu.engine.events import CheckpointSaved, Listener, Notice
from MMEdu.engine.loop import Trainer
from MMEdu.engine.protocol import Metrics

_SHARE_OF_DISK = 1 / 3


@dataclass(frozen=True)
class RunProgress:
    """How far a run has come; plain data that ``latest.pth`` carries.

    Attributes:
        epoch: Whole epochs that are done.
        best: The metrics of the best epoch, None before the first validation.
        best_epoch: That epoch, counted from 1.
        log: The name of the run's log file.
        micro_batch: Samples that are computed at a time.
        threads: Of torch, where a given seed fixes them; 0 where they are measured.
        precision: Of the steps; empty in files that do not say.
        second_from: Epochs that were done when the second phase began; 0 while it has not.
    """

    epoch: int = 0
    best: dict[str, float] | None = None
    best_epoch: int = 0
    log: str = ""
    micro_batch: int = 0
    threads: int = 0
    precision: str = ""
    second_from: int = 0


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
        description: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the files of an epoch. ``latest.pth`` comes last but for the removal of what it replaces.

        Args:
            trainer: What is saved.
            run: How far the run is.
            metrics: Of this epoch; None without validation.
            is_best: Whether it is the best so far.
            is_last: Whether none comes any more.
            description: What the task says of this epoch's network, added to ``meta``.
        """
        state = {name: value.detach().cpu() for name, value in trainer.evaluated.state_dict().items()}
        meta = {**self.meta, "epoch": run.epoch, "time": time.strftime("%Y-%m-%d %H:%M:%S"), "metrics": metrics}
        meta.update(description or {})
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

    def save_unfinished(self, trainer: Trainer) -> Path:
        """Write the weights of a run that was stopped in its first epoch: they predict, and are a start for another."""
        state = {name: value.detach().cpu() for name, value in trainer.evaluated.state_dict().items()}
        meta = {**self.meta, "epoch": 0, "time": time.strftime("%Y-%m-%d %H:%M:%S"), "metrics": None}
        weights = checkpoint.to_bytes({"state_dict": state, "meta": meta})
        file = write_whole(self.folder / checkpoint.UNFINISHED, weights)
        self.emit(CheckpointSaved(file, "unfinished"))
        return file

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

    @property
    def newest_epoch(self) -> Path | None:
        """The newest ``epoch_N.pth`` of this run; there may be one where the disk had no room for ``latest.pth``."""
        return self._written[-1] if self._written else None

    def best_file(self, best_epoch: int) -> Path | None:
        """The best checkpoint of the run, None before the first validation."""
        return self.folder / self.best_name(best_epoch) if best_epoch else None


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
