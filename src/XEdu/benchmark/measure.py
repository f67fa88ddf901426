"""One model at one number of threads: load it, time it, score it. Runs in a worker's process and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from BaseDT import image
from BaseDT.readable import read_all
from XEdu.benchmark.machine import peak_memory
from XEdu.outputs import kind as kinds
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model

_WARM, _FEWEST = 3, 5


@dataclass(frozen=True)
class Job:
    """What a worker measures.

    Attributes:
        model: The file.
        threads: Of the runtime.
        timed: Files of pictures that are timed.
        seconds: How long each of the two timings lasts.
        labelled: Folder whose labels a model is scored on; empty where there is none.
        kind: Name of the kind of output that the labels are for: models of others are not scored.
        kinds: Kinds that others registered: targets by name.
    """

    model: str
    threads: int
    timed: list[str]
    seconds: float
    labelled: str = ""
    kind: str = ""
    kinds: dict[str, str] = field(default_factory=dict)


def measure(job: Job) -> dict[str, Any]:
    """Return the figures, as plain JSON data."""
    for name, target in job.kinds.items():
        kinds.register(name, target)
    cv2.setNumThreads(job.threads)
    began = time.perf_counter()
    model = Model.load(Path(job.model), threads=job.threads)
    loaded = time.perf_counter() - began
    files = _readable(job.timed)
    figures = {**_described(model), "load_s": loaded, **_timed(model, files, job.seconds), "peak_mb": peak_memory()}
    return {**figures, **_scored(model, job)}


def _scored(model: Model, job: Job) -> dict[str, Any]:
    kind = model.kind
    if not job.labelled or kind is None or kind.name != job.kind or not model.knows_itself:
        return {}
    labelled = kind.labelled(Path(job.labelled))
    return {} if labelled is None else asdict(kind.score(model, labelled))


def _readable(names: Sequence[str]) -> list[bytes]:
    """Return the contents of the files that are whole pictures.

    Raises:
        XEduError: None of them is.
    """
    return [data for _, data in read_all(names, _picture_bytes, lambda *_: None, needs_one=True)]


def _picture_bytes(name: str) -> bytes:
    data = Path(name).read_bytes()
    image.decode(data, name=name)
    return data


def _described(model: Model) -> dict[str, Any]:
    info = model.info
    shape = model.backend.inputs[0].shape if model.backend.inputs else ()
    return {
        "backend": model.backend.name,
        "input": [size or 0 for size in shape],
        "task": info.task if info else "",
        "kind": info.kind if info else "",
        "backbone": info.backbone if info else "",
        "precision": info.precision if info else "",
    }


def _timed(model: Model, files: Sequence[bytes], seconds: float) -> dict[str, Any]:
    """Time the model alone on a ready tensor, then the whole way from a file's bytes to the answer."""
    if not model.knows_itself:
        alone = _times(model.backend.run, [_noise(model)], seconds)
        return {"model_per_s": _rate(alone), **_latency(alone), "whole": False}

    def whole(data: bytes) -> object:
        return model.predict([image.decode(data)])

    tensors = [model.tensor(image.decode(data)) for data in files]
    batch = model.backend.inputs[0].shape[:1]
    size = (batch[0] or 1) if batch else 1
    alone = _times(model.run, [np.repeat(tensor, size, axis=0) for tensor in tensors], seconds)
    times = _times(whole, files, seconds)
    return {"model_per_s": size * _rate(alone), "images_per_s": _rate(times), **_latency(times), "whole": True}


def _noise(model: Model) -> dict[str, Array]:
    """A tensor for each input, of the size that the file names; 1 where any size goes, 224 for a height or width."""
    rng = np.random.default_rng(0)
    sizes = {
        spec.name: tuple(size or (224 if axis >= 2 else 1) for axis, size in enumerate(spec.shape))
        for spec in model.backend.inputs
    }
    return {spec.name: rng.random(sizes[spec.name]).astype(spec.dtype) for spec in model.backend.inputs}


def _times(function: Callable[[Any], object], over: Sequence[Any], seconds: float) -> list[float]:
    """Do it again and again for some seconds, at least five times; returns the seconds that each took."""
    turns: Iterator[Any] = cycle(over)
    for _ in range(_WARM):
        function(next(turns))
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < _FEWEST or time.perf_counter() < end:
        item = next(turns)
        began = time.perf_counter()
        function(item)
        times.append(time.perf_counter() - began)
    return times


def _rate(times: Sequence[float]) -> float:
    return len(times) / sum(times)


def _latency(times: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(times, (50, 95))
    return {"p50_ms": float(p50) * 1e3, "p95_ms": float(p95) * 1e3}


def job_of(values: dict[str, Any]) -> Job:
    """Build a job from JSON."""
    return Job(**values)


def as_values(job: Job) -> dict[str, Any]:
    """Turn a job into JSON data."""
    return asdict(job)
