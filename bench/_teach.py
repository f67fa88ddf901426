"""``XEdu.teach``: answers beside Workflow's, training, and a process of its own from its start to its first answer.

Runs in child processes only.
"""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench._cases import Job
from bench._data import _photo
from bench._deploy import Answer, Contender, compare, workflow

CLASSES = ("one", "two", "three")

_REST = 0.5  # seconds; the runtime's threads still spin after its last picture
_TRAININGS = 5


def make(job: Job) -> dict[str, Any]:
    """An ONNX file with features; fresh weights are as quick as others."""
    torch = importlib.import_module("torch")
    registry = importlib.import_module("MMEdu.models.registry")
    model = importlib.import_module("MMEdu").MMClassification(job.backbone)
    model.listener = lambda _: None
    folder = Path(job.work)
    torch.manual_seed(0)
    torch.save(registry.find(job.backbone, "classification").build(2).state_dict(), folder / "fresh.pth")
    (folder / "classes.txt").write_text("a\nb", encoding="utf-8")
    file = model.convert(
        folder / "fresh.pth", out_file=folder / "model.onnx", class_path=folder / "classes.txt", features=True
    )
    return {"file": str(file)}


def answers(job: Job) -> dict[str, Any]:
    """Later answers: those of a learner beside those of Workflow with the file that it saved."""
    learner = _taught(job.option("model"), Path(job.data))
    saved = learner.save(Path(job.work) / "saved.onnx")

    def predict(picture: Path) -> Answer:
        said = learner.predict(picture)
        return said["标签"], said["置信度"]

    contenders: dict[str, Contender] = {"ours": predict, "workflow": workflow(str(saved))}
    return compare(contenders, job)


def train(job: Job) -> dict[str, Any]:
    """Seconds of ``train`` by the clock and of all cores, and of ``accuracy``; ten classes of ``images`` pictures."""
    learner = importlib.import_module("XEdu.teach").Learner(job.option("model"))
    rng = np.random.default_rng(0)
    for number in range(10):
        learner.add(str(number), [_photo(rng, (120, 160)) for _ in range(job.option("images"))])
    time.sleep(_REST)
    began = time.process_time()
    seconds = [_seconds(learner.train) for _ in range(_TRAININGS)]
    return {
        "train_s": median(seconds),
        "train_cpu_s": (time.process_time() - began) / _TRAININGS,
        "accuracy_s": _seconds(learner.accuracy),
        "pictures": sum(learner.counts.values()),
    }


def _taught(model: str, data: Path) -> Any:
    learner = importlib.import_module("XEdu.teach").Learner(model)
    for name in CLASSES:
        learner.add(name, data / name)
    return learner


def _seconds(deed: Any) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


START = """
import json, sys, time
job = json.loads(sys.argv[1])
from XEdu.teach import Learner
learner = Learner(job["model"])
for name in job["classes"]:
    learner.add(name, job["data"] + "/" + name)
learner.predict(job["picture"])
found = {"first_s": time.time() - job["started"], "pictures": sum(learner.counts.values())}
began = time.perf_counter()
learner.save(job["saved"])
found["save_s"] = time.perf_counter() - began
learner.accuracy()
status = open("/proc/self/status", encoding="ascii", errors="replace").read().splitlines()
found["peak_mb"] = next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))
print(json.dumps(found))
"""
"""The program of a process of its own: nothing of the bench is in it (Linux)."""
