"""The measures of ``bench.presets``: what tasks that need no training take, and whether their points are right.

Films are made of pictures that sway before a camera of 640×480, as a hand before a notebook does.
"""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench._cases import Job
from bench._system import peak_memory

_WIDTH, _HEIGHT = 640, 480
_SWAY = 24  # pixels
_WARM = 8  # pictures that are not counted
_OUTPUTS = {"pose_landmark_full": ("points", "presence", "", "heatmaps", "world_points")}
"""Where the published file has more outputs than ours: the empty one is left out."""


def speed(job: Job) -> dict[str, Any]:
    """Milliseconds a picture: followed through a film, each by itself, and the networks alone."""
    opening, live = importlib.import_module("XEdu.presets.opening"), importlib.import_module("XEdu.presets.live")
    name, count = job.option("task"), job.option("frames")
    opened = opening.opened(name)
    film = _Film([_framed(Path(path)) for path in job.option("pictures")], count + _WARM)
    following = live.LivePreset(opened)
    found = 0

    def follow(number: int, frame: Any) -> None:
        nonlocal found
        following.at(number / 30)
        found += _has(following.predict([frame])[0])

    threshold = opened.checked_threshold("thr", None)
    followed, followed_cpu = _timed(follow, film.count, film)
    alone, alone_cpu = _timed(lambda _, frame: opened.of(frame, threshold), film.count, film)
    return {
        "found": found / film.count,
        "followed_ms": followed,
        "followed_cpu_ms": followed_cpu,
        "alone_ms": alone,
        "alone_cpu_ms": alone_cpu,
        "networks_ms": {label: _network(backend) for label, backend in _backends(opened)},
        "memory_mb": peak_memory(),
    }


def agreement(job: Job) -> dict[str, Any]:
    """Pixels between our points and those that the original runtime's outputs give, over the same pictures."""
    opening, reading = importlib.import_module("XEdu.presets.opening"), importlib.import_module("BaseDT.image.reading")
    finder = opening.opened(job.option("task")).finder
    other = _with_originals(finder, Path(job.option("tflite")))
    medians, scores, missed = [], [], 0
    for path in job.option("pictures"):
        picture = reading.Reading().of(path)
        ours, theirs = (_first(one, picture) for one in (finder, other))
        if ours is None or theirs is None:
            missed += ours is not theirs
            continue
        distance = ((ours.raw.points - theirs.raw.points) ** 2).sum(axis=1) ** 0.5
        medians.append(float(median(distance.tolist())))
        scores.append(abs(ours.raw.presence - theirs.raw.presence))
    return {
        "pictures": len(medians),
        "missed_by_one": missed,
        "pixels_median": median(medians) if medians else None,
        "pixels_most": max(medians, default=None),
        "score_most": max(scores, default=None),
    }


def _first(finder: Any, picture: Any) -> Any:
    """The surest object; where no detector sees one, what fills the picture."""
    found = finder.find_patiently(picture, 0.5)
    return found[0] if found else finder.in_box(picture, (0, 0, picture.shape[1], picture.shape[0]))


def _with_originals(finder: Any, folder: Path) -> Any:
    networks, finders = (importlib.import_module(f"XEdu.presets.{name}") for name in ("networks", "finder"))
    subject = finder.subject
    names = [name for name, _ in subject.detectors]
    detectors = [
        networks.Detector(one.design, _Original(folder, name))
        for name, one in zip(names, finder.detectors, strict=True)
    ]
    points = networks.PointsNetwork(subject.design, _Original(folder, subject.network))
    return finders.Finder(subject, detectors, points)


class _Original:
    """A published ``.tflite`` file in the runtime that it was published for; see ``XEdu.runtime.backend.Backend``."""

    def __init__(self, folder: Path, name: str) -> None:
        backend = importlib.import_module("XEdu.runtime.backend")
        catalogue = importlib.import_module("XEdu.presets.catalogue")
        interpreter = importlib.import_module("ai_edge_litert.interpreter")
        numpy = importlib.import_module("numpy")
        self._run = interpreter.Interpreter(str(folder / f"{name}.tflite"), num_threads=1)
        self._run.allocate_tensors()
        (given,) = self._run.get_input_details()
        self._input, taken = given["index"], self._run.get_output_details()
        labels = _OUTPUTS.get(name, catalogue.find(name).outputs)
        self._taken = [(detail["index"], label) for detail, label in zip(taken, labels, strict=True) if label]
        dtype = numpy.dtype("float32")
        self.inputs = (backend.TensorSpec("input", tuple(int(side) for side in given["shape"]), dtype),)
        self.outputs = tuple(backend.TensorSpec(label, (), dtype) for _, label in self._taken)

    def run(self, feeds: Any) -> list[Any]:
        self._run.set_tensor(self._input, feeds["input"])
        self._run.invoke()
        arrays = [self._run.get_tensor(index) for index, _ in self._taken]
        return [array.transpose(0, 3, 1, 2) if array.ndim == 4 else array for array in arrays]


def _has(result: Any) -> bool:
    return bool(result) if isinstance(result, list) else result is not None


def _backends(task: Any) -> list[tuple[str, Any]]:
    """The networks of a task, by what they are for."""
    if (finder := getattr(task, "finder", None)) is not None:
        detectors = [(f"detector {number}", one.backend) for number, one in enumerate(finder.detectors)]
        return [*detectors, ("points", finder.network.backend)]
    return [("network", task.backend if hasattr(task, "backend") else task.model.backend)]


def _network(backend: Any) -> float:
    """Milliseconds of one run on noise."""
    numpy = importlib.import_module("numpy")
    spec = backend.inputs[0]
    noise = numpy.random.default_rng(0).random([side or 1 for side in spec.shape], numpy.float32)
    return _timed(lambda _, __: backend.run({spec.name: noise}), 30, lambda _: None)[0]


def _timed(step: Callable[[int, Any], Any], count: int, frame_of: Callable[[int], Any]) -> tuple[float, float]:
    """Median wall time and CPU time of a step, in milliseconds; making its frame is not counted."""
    wall, cpu = [], []
    for number in range(count):
        frame = frame_of(number)
        start, cpu_start = time.perf_counter(), time.process_time()
        step(number, frame)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - cpu_start)
    return 1e3 * median(wall[_WARM:] or wall), 1e3 * median(cpu[_WARM:] or cpu)


def _framed(path: Path) -> Any:
    """A picture on a gray frame of the camera's size, whole."""
    cv2, numpy = importlib.import_module("cv2"), importlib.import_module("numpy")
    picture = importlib.import_module("BaseDT.image").read(path)
    scale = min(_WIDTH / picture.shape[1], _HEIGHT / picture.shape[0])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    frame = numpy.full((_HEIGHT, _WIDTH, 3), 90, numpy.uint8)
    left, top = (_WIDTH - size[0]) // 2, (_HEIGHT - size[1]) // 2
    frame[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return frame


class _Film:
    """Each picture for an equal part of the film, swaying. A frame is made when it is asked for: films are large."""

    def __init__(self, pictures: Sequence[Any], count: int) -> None:
        self._pictures, self.count = pictures, count

    def __call__(self, number: int) -> Any:
        cv2, numpy = importlib.import_module("cv2"), importlib.import_module("numpy")
        picture = self._pictures[number * len(self._pictures) // self.count]
        shift = numpy.float32([[1, 0, _SWAY * math.sin(number / 6)], [0, 1, _SWAY * math.cos(number / 9)]])
        return cv2.warpAffine(picture, shift, (_WIDTH, _HEIGHT), borderMode=cv2.BORDER_REPLICATE)
