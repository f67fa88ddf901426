"""A training from its request to its files: the parts of a run, the plan, and what the engine makes of it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from BaseDT.language import say
from BaseNN.files import trained
from BaseNN.learning import advice, goals, ways
from BaseNN.learning.console import console
from BaseNN.learning.feeds import MemoryFeed, TurnFeed
from BaseNN.learning.learning import Learning
from BaseNN.learning.optimizers import load_all, make
from BaseNN.learning.record import Record, recorded
from BaseNN.learning.request import TrainingOutcome, TrainingRequest
from BaseNN.learning.small_tables import SmallTable, is_small, passes_of
from BaseNN.learning.variations import variations
from MMEdu.engine import checkpoint
from MMEdu.engine.distributed import ALONE
from MMEdu.engine.events import Event, Listener, Notice, Validated
from MMEdu.engine.host import stop_of_host
from MMEdu.engine.loop import StopSignal, Trainer
from MMEdu.engine.plan import EVAL_BATCH, Plan, RunParts
from MMEdu.engine.protocol import KeepsAverage
from MMEdu.engine.resuming import read_interrupted
from MMEdu.engine.run import Run
from MMEdu.engine.run_settings import RunSettings, drawn_seed

_SAVE_EVERY = 2.0
"""Seconds between savings of epochs that take less."""
_FIXED = ("layers", "dataset", "settings")
"""What must be as it was where an interrupted run goes on."""


@dataclass(frozen=True)
class _Parts:
    """A run's own: how it learns, from which feeds, and what it keeps."""

    learning: Learning
    record: Record
    train: MemoryFeed
    passes: int

    @property
    def feed(self) -> MemoryFeed | TurnFeed:
        """What the engine's loop goes through."""
        if self.passes == 1 and not isinstance(self.learning, SmallTable):
            return self.train
        return TurnFeed(self.train, self.passes, self.learning.request.epochs)


def train(
    request: TrainingRequest, listener: Listener | None = None, stop: StopSignal | None = None
) -> TrainingOutcome:
    """Train a network; its weights are those of the last epoch afterwards.

    Args:
        request: What is asked for.
        listener: Told of everything, in place of the console.
        stop: Ends the run between two steps, as Ctrl-C does; None is that of whoever runs the program.

    Raises:
        XEduError: Named by its code; a run that ends early keeps its last files and says where they are.
    """
    interrupted = read_interrupted(request.folder)["meta"] if request.resume else {}
    seed = interrupted.get("random_seed") or drawn_seed(request.seed or 0)
    first_epoch = interrupted["run"]["epoch"] if interrupted else 0
    parts = _parts(request, seed, first_epoch)
    plan = _plan(replace(request, lr=parts.learning.lr), parts, seed)
    told = _with_scores(parts.record, listener or console(parts.record, request.epochs))
    for text in parts.learning.notes:
        told(Notice(text))
    if request.fresh and not request.resume:
        goals.begin_at_the_mean(request)
    load_all(request.optimizer)
    outcome = Run(plan, ALONE, told, stop_of_host() if stop is None else stop).execute()
    if request.resume or isinstance(parts.learning, KeepsAverage):  # the model may hold other weights than the last
        request.model.load_state_dict(checkpoint.read(outcome.latest_file)["state_dict"])
    file = request.folder / request.filename
    meta = trained.plain_meta(_network(request))
    trained.write_plain(request.model, meta, file)
    notes = advice.sentences(parts.learning, parts.record.read())
    for text in notes:
        told(Notice(text))
    told(Notice(_saved(file)))
    log = parts.record.read() or recorded(outcome.log)  # a resumed run may have had nothing left to do
    return TrainingOutcome(log, file, meta, notes, outcome.best_file)


def _saved(file: object) -> str:
    return say(f"Saved: {file}", f"保存模型 {file} 成功！")


def _with_scores(record: Record, listener: Listener) -> Listener:
    """Note what validations say in the record, before the listener is told."""

    def told(event: Event) -> None:
        if isinstance(event, Validated):
            record.note(event.metrics)
        listener(event)

    return told


def _parts(request: TrainingRequest, seed: int, first_epoch: int) -> _Parts:
    record = Record(1, first_epoch)
    learning = ways.learning_of(request, record)
    data = request.data
    train = MemoryFeed(
        torch.from_numpy(data.inputs),
        None if data.targets is None else learning.targets(data.targets),
        min(request.batch_size, len(data.inputs)),
        seed,
        shuffle=data.shuffle,
        vary=variations(data, seed),
    )
    record.steps = train.steps
    if type(learning) is not Learning or not is_small(request):
        return _Parts(learning, record, train, 1)
    passes = passes_of(request.epochs, train.steps)
    return _Parts(SmallTable(request, record, train), record, train, passes)


def _plan(request: TrainingRequest, parts: _Parts, seed: int) -> Plan:
    settings = RunSettings(
        epochs=request.epochs,
        batch_size=parts.train.batch_size,
        lr=request.lr,
        seed=seed,
        seeded=request.seed is not None,
        device=request.device,
        precision=parts.learning.precision,
        max_keep_ckpts=1,
        resume=request.resume,
    )
    meta = {**trained.plain_meta(_network(request)), **_of_the_run(request, seed)}
    run_parts = RunParts(
        build=lambda: request.model,
        task=parts.learning,
        optimizers=lambda model: {"optimizer": make(request.optimizer, model, request.lr)},
        train=parts.feed,
        val=_val_feed(request, parts.learning),
        best_key=parts.learning.best_key,
        meta=meta,
        size=len(request.data.inputs),
        prepare=_one_thread if isinstance(parts.learning, SmallTable) else _nothing,
        save_every=_SAVE_EVERY,
        passes=parts.passes,
    )
    header = {
        "tool": "BaseNN",
        "backbone": parts.learning.backbone,
        "dataset_size": len(request.data.inputs),
        **_asked(request, seed),
    }
    recipe = replace(parts.learning.recipe, batch_size=parts.train.batch_size)
    return Plan(settings, recipe, run_parts, header, meta, _FIXED, request.folder, report_files=(request.filename,))


def _val_feed(request: TrainingRequest, learning: Learning) -> MemoryFeed | None:
    data = request.data
    if data.val_inputs is None or data.val_targets is None:
        return None
    size = EVAL_BATCH * min(request.batch_size, len(data.inputs))
    return MemoryFeed(torch.from_numpy(data.val_inputs), learning.targets(data.val_targets), size)


def _one_thread(trainer: Trainer) -> None:
    """Two threads only wait for each other where a step takes half a millisecond."""
    if trainer.device.type == "cpu":
        torch.set_num_threads(1)


def _nothing(trainer: Trainer) -> None:
    del trainer


def _network(request: TrainingRequest) -> trained.TrainedNetwork:
    data = request.data
    return trained.TrainedNetwork(
        request.model,
        request.stack,
        request.task,
        data.kind,
        tuple(data.classes),
        dict(data.word2idx),
        data.color,
        dict(data.transform),
        {
            "device": request.device,
            "dataset_size": len(data.inputs),
            # Whether pictures of a user's own went to 1 or to 255: a board must give the same.
            "highest": float(data.inputs.max()) if len(data.inputs) else 0.0,
            "learning_rate": request.lr,
            "epoch": request.epochs,
            "loss": request.loss,
        },
    )


def _asked(request: TrainingRequest, seed: int) -> dict[str, Any]:
    return {
        "task": request.task,
        "optimizer": request.optimizer,
        "loss": request.loss,
        "lr": request.lr,
        "epochs": request.epochs,
        "batch_size": request.batch_size,
        "seed": seed,
    }


def _of_the_run(request: TrainingRequest, seed: int) -> dict[str, Any]:
    """What ``latest.pth`` needs to go on: what was asked for, and which data it was."""
    asked = _asked(request, seed)
    settings = {name: asked[name] for name in ("optimizer", "loss", "lr", "batch_size")}
    return {"random_seed": seed, "settings": settings, "dataset": _fingerprint(request)}


def _fingerprint(request: TrainingRequest) -> int:
    """Return a number that changes with the data."""
    data, found = request.data, 0
    for array in (data.inputs, data.targets, data.val_inputs, data.val_targets):
        found = found if array is None else zlib.crc32(np.ascontiguousarray(array).data.cast("B"), found)
    return found
