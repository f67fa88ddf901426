"""Running exported detectors: ours through the documented calls, and by hand what a good engineer would write.

Runs in child processes only; contenders take turns as in ``_deploy.py``.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import time
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench._cases import Job
from bench._deploy import MEAN, STD, Answer, Contender, _pictures, compare
from bench._system import peak_memory

_BOXES = 8  # of a picture: about what a detector that has learnt something reports
_WARM, _FEWEST = 2, 3
_SIDE = 320


def make(job: Job) -> dict[str, Any]:
    """A checkpoint after one short epoch, exported; and a threshold that some boxes of a picture exceed.

    Nothing was learnt, so the scores mean nothing; with the usual threshold there would be no boxes to carry about, or
    hundreds.
    """
    folder = Path(job.work)
    model = importlib.import_module("MMEdu").MMDetection(job.backbone)
    with contextlib.redirect_stdout(io.StringIO()):
        model.load_dataset(job.data)
        model.train(epochs=1, batch_size=job.batch, validate=False, random_seed=1, save_fold=folder / "run")
        file = model.convert(checkpoint=folder / "run" / "latest.pth", out_file=folder / "model.onnx")
    model = importlib.import_module("XEdu.runtime.model").Model.load(file)
    read = importlib.import_module("BaseDT.image").read
    scores = [model.run(model.tensor(read(picture)))[0][0, :, 4].tolist() for picture in _pictures(job)]
    return {"file": str(file), "threshold": threshold_for(scores), "mb": _mb(Path(file))}


def threshold_for(scores: list[list[float]], most: int = _BOXES) -> float:
    """A threshold, between two scores, that at most so many boxes of any picture exceed: as many as that allows."""
    every = sorted({score for of_one in scores for score in of_one}, reverse=True)
    low = next((one for one in every if max(sum(s >= one for s in of) for of in scores) > most), None)
    if low is None:
        return 0.0
    above = every.index(low) - 1
    return (every[above] + low) / 2 if above >= 0 else low + 1e-4


def _mb(file: Path) -> float:
    return float(importlib.import_module("XEdu.benchmark.files").size_mb(file))


def hub(job: Job) -> dict[str, Any]:
    """Workflow beside a bare session of onnxruntime, from the file on disk to the boxes."""
    threshold = job.option("threshold")
    file = job.option("model")
    return compare({"ours": workflow(file, threshold), "bare": bare_session(file, threshold)}, job)


def rate(job: Job) -> dict[str, Any]:
    """Milliseconds from the file on disk to the boxes, through Workflow: the median of some seconds; memory."""
    contender = workflow(job.option("model"), job.option("threshold"))
    turns = cycle(_pictures(job))
    for _ in range(_WARM):
        contender(next(turns))
    times: list[float] = []
    end = time.perf_counter() + job.option("seconds")
    while len(times) < _FEWEST or time.perf_counter() < end:
        picture = next(turns)
        began = time.perf_counter()
        contender(picture)
        times.append(time.perf_counter() - began)
    return {"ms": median(times) * 1e3, "memory": peak_memory()}


def workflow(file: str, threshold: float) -> Contender:
    model = importlib.import_module("XEdu.hub").Workflow(task="mmedu", checkpoint=file)

    def contender(picture: Path) -> Answer:
        found = model.inference(data=str(picture), show=False, thr=threshold)
        return (len(found), found[0]["置信度"]) if found else (0, 0.0)

    return contender


def bare_session(file: str, threshold: float) -> Contender:
    ort = importlib.import_module("onnxruntime")
    options = ort.SessionOptions()
    # As ours has them.
    options.intra_op_num_threads = importlib.import_module("XEdu.runtime.threads").available()
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def contender(picture: Path) -> Answer:
        tensor, size = tensor_by_hand(picture)
        dets, labels = session.run(["dets", "labels"], {name: tensor})
        found = boxes_by_hand(dets, labels, size, threshold)
        return (len(found), found[0]["score"]) if found else (0, 0.0)

    return contender


def tensor_by_hand(picture: Path) -> tuple[np.ndarray[Any, np.dtype[np.float32]], tuple[int, int]]:
    """Decode, stretch to 320×320, RGB, normalise, channels first; and the picture's height and width."""
    cv2 = importlib.import_module("cv2")
    image = cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_COLOR)
    height, width = image.shape[:2]
    image = cv2.cvtColor(cv2.resize(image, (_SIDE, _SIDE)), cv2.COLOR_BGR2RGB)
    tensor = (image.astype(np.float32) - np.float32(MEAN)) / np.float32(STD)
    return np.ascontiguousarray(tensor.transpose(2, 0, 1)[None]), (height, width)


def boxes_by_hand(
    dets: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], size: tuple[int, int], threshold: float
) -> list[dict[str, Any]]:
    """Boxes above the threshold, in pixels of the picture, cut at its edges."""
    height, width = size
    kept = dets[0, :, 4] >= threshold
    rows, names = dets[0][kept], labels[0][kept]
    corners = rows[:, :4] * np.float32([width, height, width, height]) / _SIDE
    corners = np.clip(corners, 0, [width, height, width, height])
    return [
        {"box": box, "score": score, "label": label}
        for box, score, label in zip(corners.tolist(), rows[:, 4].tolist(), names.tolist(), strict=True)
    ]
