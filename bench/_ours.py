"""Ours, through the documented calls and nothing else: what a user's script would do.

Runs in child processes only. torch is not imported before the library does it, so that start-up is the library's own.
"""

from __future__ import annotations

import importlib
import itertools
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench._cases import Job
from bench._system import peak_memory

Log = Sequence[dict[str, Any]]


def speed(job: Job) -> dict[str, Any]:
    """Images/s in steady state, seconds from process start to the end of the first iteration, memory.

    Three rates: ``rate`` is what the library's own log says; ``rate_steps`` is what a hook on the optimiser saw
    (pauses between epochs left out), an independent witness; ``rate_wall`` includes those pauses.
    """
    model = _model(job)
    model.load_dataset(job.data, check=job.option("check", True))
    steps: list[float] = []
    _on_step(lambda: steps.append(time.time()))
    log = model.train(epochs=job.epochs, batch_size=job.batch, validate=False)
    images = sum(path.is_file() for path in (Path(job.data) / "training_set").glob("*/*"))
    return told(job, log, steps, images)


def told(job: Job, log: Any, steps: list[float], images: int) -> dict[str, Any]:
    """What a training of so many images says: its rates, when its first step ended, and what it took.

    Args:
        job: The measure's.
        log: What ``train`` returned.
        steps: When each step ended, seconds of the clock.
        images: Training pictures.
    """
    return {
        "rate": rate_of_log(log, job.batch, images),
        **rates_of_steps(steps, job.batch, images),
        "startup": steps[0] - job.started,
        "memory": peak_memory(),
        "state_size": _state_size(Path(job.work)),
        "log": list(log),
    }


def startup(job: Job) -> dict[str, Any]:
    """Seconds from process start to the end of the first iteration, and where they went."""
    marks = [("process", time.time())]
    model = _model(job)
    marks.append(("import", time.time()))
    model.load_dataset(job.data, check=job.option("check", True))
    marks.append(("load_dataset", time.time()))
    _on_step(lambda: marks.append(("train", time.time())))
    model.train(epochs=1, validate=False)
    times = [job.started, *(at for _, at in marks[:4])]
    parts = {name: times[i + 1] - times[i] for i, (name, _) in enumerate(marks[:4])}
    return {"startup": times[-1] - job.started, "parts": parts, "memory": peak_memory()}


def accuracy(job: Job) -> dict[str, Any]:
    """Top-1 on ``val_set`` in percent after every epoch, and the loss there after the last."""
    model = _model(job)
    model.load_dataset(job.data)
    size = job.option("image_size")
    extra: dict[str, Any] = {"image_size": size} if size else {}
    if job.option("pretrained"):
        extra["pretrained"] = True
    log = model.train(
        epochs=job.epochs, batch_size=job.batch, lr=job.option("lr"), random_seed=job.seed, validate=True, **extra
    )
    lines = [line for line in log if line["mode"] == "val"]
    return {
        "epochs": [line["accuracy_top-1"] for line in lines],
        "val_loss": lines[-1]["loss"],
        "state_size": _state_size(Path(job.work)),
    }


def _model(job: Job) -> Any:
    model = importlib.import_module("MMEdu").MMClassification(job.backbone)
    model.save_fold = str(Path(job.work) / "run")
    return model


def _on_step(call: Callable[[], None]) -> None:
    """Calls back after every step of any torch optimiser."""
    hooks = importlib.import_module("torch.optim.optimizer")
    hooks.register_optimizer_step_post_hook(lambda *_: call())


def rate_of_log(log: Log, batch: int, images: int) -> float:
    """Images/s from a log's train lines after the first epoch (or all of them, where there is one epoch only).

    ``time`` of a line is the mean number of seconds of an iteration since the line before in the same epoch.
    """
    lines = [line for line in log if line["mode"] == "train"]
    steady = [line for line in lines if line["epoch"] > 1] or lines
    done, seconds = 0, 0.0
    for _, of_epoch in itertools.groupby(steady, key=lambda line: line["epoch"]):
        before = 0
        for line in of_epoch:
            done += min(line["iter"] * batch, images) - min(before * batch, images)
            seconds += line["time"] * (line["iter"] - before)
            before = line["iter"]
    return done / seconds


def rates_of_steps(times: Sequence[float], batch: int, images: int) -> dict[str, float]:
    """Images/s from the moments at which optimiser steps ended: without and with the pauses between epochs.

    Empty where the steps do not fit the number of batches, for then nobody knows what a step covered.
    """
    per_epoch = math.ceil(images / batch)
    if per_epoch < 2 or len(times) < 2 * per_epoch or len(times) % per_epoch:
        return {}
    inside, done = 0.0, 0
    epochs = len(times) // per_epoch
    for epoch in range(1, epochs):
        inside += times[(epoch + 1) * per_epoch - 1] - times[epoch * per_epoch]
        done += images - batch
    wall = times[-1] - times[per_epoch - 1]
    return {"rate_steps": done / inside, "rate_wall": (epochs - 1) * images / wall}


def _state_size(work: Path) -> int:
    """Numbers in the checkpoint: tells whether ours trained the same model as the others."""
    torch = importlib.import_module("torch")
    models = importlib.import_module("bench._models")
    path = next(iter(sorted((work / "run").rglob("latest.pth"))), None)
    return models.state_size(torch.load(path, weights_only=True)["state_dict"]) if path else 0
