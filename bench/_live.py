"""The measures of ``bench.live``: how old a camera's pictures are when a model has seen them, and what a tracker takes.

The model is a stand-in that computes for a given time: what is measured is everything around it.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench._cases import Job
from bench._mjpeg import now, stamp_of

_EVERY = 10.0  # seconds between two looks at the memory
_WARM = 30.0  # seconds until what is allocated once has been


def camera(job: Job) -> dict[str, Any]:
    """Ages of the pictures that ``XEdu.live.run`` hands to a model, in seconds, and the process's memory in MB."""
    live = importlib.import_module("XEdu.live")
    seconds, rate = job.option("seconds"), job.option("rate")
    model = _Working(job.option("work"))
    command = [sys.executable, "-m", "bench._mjpeg", str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="ascii") as server:
        try:
            assert server.stdout is not None
            address = f"http://127.0.0.1:{server.stdout.readline().strip()}/stream.mjpg"
            summary = live.run(model, address, show=False, seconds=seconds)
        finally:
            server.kill()
    ages = sorted(model.ages)
    memory = [megabytes for _, megabytes in model.memory]
    settled = [megabytes for at, megabytes in model.memory if at - model.memory[0][0] >= min(_WARM, seconds / 2)]
    return {
        "frames": summary.frames,
        "rate": summary.rate,
        "age_median": median(ages),
        "age_99": ages[int(0.99 * (len(ages) - 1))],
        "age_most": ages[-1],
        "memory": memory,
        "memory_grown": settled[-1] - settled[0] if settled else None,
    }


class _Working:
    """Computes for so many seconds whatever it sees, and notes how old that was."""

    def __init__(self, seconds: float) -> None:
        numpy = importlib.import_module("numpy")
        self.reading = importlib.import_module("BaseDT.image.reading").Reading()
        self.kind = importlib.import_module("XEdu.outputs.classification").KIND
        self._seconds, self._matrix = seconds, numpy.ones((256, 256), numpy.float32)
        self._result = importlib.import_module("BaseDT.results").ClassificationResult(0, 0.9, "x")
        self.ages: list[float] = []
        self.memory: list[tuple[float, float]] = []

    def checked_threshold(self, _: str, value: object) -> float:
        del value
        return 0.3

    def predict(self, pictures: Any, *, threshold: float | None = None) -> list[Any]:
        del threshold
        began = time.monotonic()
        self.ages.append((now() - stamp_of(pictures[0])) / 1000)
        if not self.memory or began - self.memory[-1][0] >= _EVERY:
            self.memory.append((began, resident()))
        while time.monotonic() - began < self._seconds:
            self._matrix @ self._matrix
        return [self._result]


def resident() -> float:
    """Memory of this process now, in MB (10⁶ bytes)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6
    return float(importlib.import_module("psutil").Process().memory_info().rss) / 1e6


def track(job: Job) -> dict[str, Any]:
    """IDF1 of a tracker on films of discs, and milliseconds that a picture takes it."""
    films, tracking = importlib.import_module("bench._discs"), importlib.import_module("XEdu.live.track")
    idf1 = importlib.import_module("BaseDT.metrics").idf1
    scores, seconds = [], []
    for seed in range(job.option("films")):
        tracker, tracked, truth = tracking.Tracker(), [], []
        for picture in films.film(job.option("discs"), seed=seed):
            began = time.perf_counter()
            objects = tracker.update(picture.found)
            seconds.append(time.perf_counter() - began)
            tracked.append({thing.id: thing.result.box for thing in objects})
            truth.append(picture.truth)
        scores.append(idf1(truth, tracked))
    seconds.sort()
    return {
        "idf1": scores,
        "idf1_mean": sum(scores) / len(scores),
        "idf1_least": min(scores),
        "milliseconds": median(seconds) * 1e3,
        "milliseconds_99": seconds[int(0.99 * (len(seconds) - 1))] * 1e3,
    }
