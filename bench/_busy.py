"""The measures of ``bench.busy``: seconds of a step, and of a picture, while other programs use the cores."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import math
import time
from statistics import fmean, median
from typing import Any

from bench._cases import Job

_WARM = 0.25
"""Share of the steps that is not counted: the first choice is made in them."""


class _Clock:
    """Ends a training so many seconds after its first line."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = math.inf

    def start(self) -> None:
        if self._end == math.inf:
            self._end = time.monotonic() + self._seconds

    def is_set(self) -> bool:
        return time.monotonic() > self._end


def train(job: Job) -> dict[str, Any]:
    """Mean seconds of a step of a training that lasts ``seconds``, and the threads that it took.

    With ``fixed`` a seed is given, and all threads are used; without it their number is measured.
    """
    errors = importlib.import_module("BaseDT.errors")
    events = importlib.import_module("MMEdu.engine.events")
    model = importlib.import_module("MMEdu").MMClassification(job.backbone)
    model.load_dataset(job.data)
    lines: list[Any] = []

    def listen(event: Any) -> None:
        if isinstance(event, events.Iteration):
            lines.append(event)
            stop.start()

    seed, stop = int(job.option("fixed")), _Clock(job.option("seconds"))
    with contextlib.suppress(errors.TrainingInterrupted):
        model.train(
            epochs=100_000, batch_size=job.batch, validate=False, random_seed=seed, listener=listen, stop=stop,
            max_keep_ckpts=1, save_fold=f"{job.work}/run",
        )  # fmt: skip
    counted = lines[int(len(lines) * _WARM) :]
    return {"seconds": fmean(line.seconds for line in counted), "threads": [line.threads for line in lines]}


def ncnn(job: Job) -> dict[str, Any]:
    """Mean and median seconds of a picture through a model of ncnn, on all threads."""
    runtime, numpy = importlib.import_module("XEdu.runtime"), importlib.import_module("numpy")
    model = runtime.open(job.option("model"), threads=None)
    (spec,) = model.inputs
    feeds = {spec.name: numpy.random.default_rng(0).random([size or 1 for size in spec.shape], numpy.float32)}
    seconds, stop = [], _Clock(job.option("seconds"))
    stop.start()
    for _ in itertools.takewhile(lambda _: not stop.is_set(), itertools.count()):
        began = time.perf_counter()
        model.run(feeds)
        seconds.append(time.perf_counter() - began)
    counted = seconds[int(len(seconds) * _WARM) :]
    return {"seconds": fmean(counted), "median": median(counted)}
