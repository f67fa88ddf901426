"""Transfer, through the documented calls: a model to start from, training from it, inference of the same pictures.

Runs in child processes only.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bench._cases import Job
from bench._ours import _model, _on_step
from bench._system import peak_memory


def base(job: Job) -> dict[str, Any]:
    """Trains a model to start from; ``checkpoint`` is where it lies."""
    model = _model(job)
    model.load_dataset(job.data, check=False)
    log = model.train(
        epochs=job.epochs,
        batch_size=job.batch,
        lr=job.option("lr"),
        optimizer="AdamW",
        random_seed=job.seed,
        image_size=job.option("image_size"),
    )
    accuracy = [line["accuracy_top-1"] for line in log if line["mode"] == "val"]
    return {"checkpoint": str(model.trained.latest_file), "epochs": accuracy}


def train(job: Job) -> dict[str, Any]:
    """Trains from a checkpoint; times are seconds since ``train`` was called.

    ``first_step`` is when the first step of the optimiser ended: with a frozen backbone after all features were
    computed. ``ends`` is when each epoch, validated and saved, gave way to the next.
    """
    model = _model(job)
    model.load_dataset(job.data)
    steps: list[float] = []
    _on_step(lambda: steps.append(time.perf_counter()))
    started = time.perf_counter()
    log = model.train(
        epochs=job.epochs,
        batch_size=job.batch,
        lr=job.option("lr"),
        random_seed=job.seed,
        checkpoint=job.option("checkpoint"),
        freeze=job.option("freeze"),
        views=job.option("views"),
        image_size=job.option("image_size"),
        precision=job.option("precision", "auto"),
    )
    lines = [line for line in log if line["mode"] == "val"]
    return {
        "total": time.perf_counter() - started,
        "first_step": steps[0] - started,
        "ends": [end - started for end in ends(steps, log[0]["iterations_per_epoch"])],
        "accuracy": [line["accuracy_top-1"] for line in lines],
        "precision": log[0]["precision"],
        "memory": peak_memory(),
    }


def ends(steps: list[float], per_epoch: int) -> list[float]:
    """When each epoch ended: the first step of the next one; of the last epoch its last step and the usual pause."""
    firsts = steps[::per_epoch][1:]
    pauses = sorted(first - steps[number * per_epoch - 1] for number, first in enumerate(firsts, start=1))
    return [*firsts, steps[-1] + (pauses[len(pauses) // 2] if pauses else 0.0)]


def inference(job: Job) -> dict[str, Any]:
    """Seconds for ``fast_inference`` of all training pictures, from file to answer."""
    model = _model(job)
    model.load_checkpoint(job.option("checkpoint"))
    files = sorted(str(path) for path in (Path(job.data) / "training_set").glob("*/*"))
    model.fast_inference(files[: job.batch], show=False, verbose=False)
    started = time.perf_counter()
    model.fast_inference(files, show=False, verbose=False)
    return {"seconds": time.perf_counter() - started, "images": len(files)}
