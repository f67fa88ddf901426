"""Training detectors: ours through the documented calls, the compute limit, and mAP of ours.

Runs in child processes only. The plain loop is in ``_detect_plain.py``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import time
from pathlib import Path
from typing import Any

from bench._cases import Job
from bench._ours import _on_step, _state_size, told
from bench._system import peak_memory

_ENOUGH = 10.0  # seconds after which a variant of the limit is known well enough


def ours(job: Job) -> dict[str, Any]:
    """Images/s in steady state, seconds from process start to the end of the first iteration, memory."""
    model = _model(job)
    model.load_dataset(job.data)
    steps: list[float] = []
    _on_step(lambda: steps.append(time.time()))
    log = model.train(epochs=job.epochs, batch_size=job.batch, validate=False, random_seed=1)
    images = count_of(Path(job.data), "train")
    return told(job, log, steps, images)


def accuracy(job: Job) -> dict[str, Any]:
    """mAP50 and mAP on the validation pictures, in percent, after every epoch."""
    model = _model(job)
    model.load_dataset(job.data)
    began = time.time()
    log = model.train(
        epochs=job.epochs,
        batch_size=job.batch,
        lr=job.option("lr"),
        optimizer=job.option("optimizer"),
        random_seed=job.seed,
        validate=True,
    )
    lines = [line for line in log if line["mode"] == "val"]
    return {
        "map50": [100 * line["bbox_mAP_50"] for line in lines],
        "map": [100 * line["bbox_mAP"] for line in lines],
        "seconds": time.time() - began,
        "state_size": _state_size(Path(job.work)),
    }


def _model(job: Job) -> Any:
    model = importlib.import_module("MMEdu").MMDetection(job.backbone)
    model.save_fold = str(Path(job.work) / "run")
    return model


def count_of(root: Path, split: str) -> int:
    """Pictures of a split, as its annotation file has them."""
    return len(json.loads((root / "annotations" / f"{split}.json").read_text(encoding="utf-8"))["images"])


def limit(job: Job) -> dict[str, Any]:
    """Images/s of one variant: our network on one batch that never changes, with losses and an optimiser step."""
    torch = importlib.import_module("torch")
    limits = importlib.import_module("bench._limit")
    variant = limits.Variant.parse(job.variant)
    if not variant.prepare():
        return {"skipped": f"{job.variant}: not on this machine"}
    network, recipe, images, targets = _batch(job)
    network.train().to(memory_format=torch.channels_last)
    images = images.contiguous(memory_format=torch.channels_last)
    optimizer = limits.fused_sgd(network)

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16) if variant.bf16 else contextlib.nullcontext():
            losses = network.losses(images, targets)
            loss = sum(value.float() for name, value in losses.items() if name.startswith("loss"))
        loss.backward()
        if recipe.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm, foreach=True)
        optimizer.step()

    rate = limits.rate_of(step, job, _ENOUGH)
    sizes = importlib.import_module("bench._models").state_size(network.state_dict())
    return {"rate": rate, "memory": peak_memory(), "state_size": sizes}


def _batch(job: Job) -> tuple[Any, Any, Any, Any]:
    """A fresh network, its recipe, and the first pictures with their objects, ready for ``losses``."""
    numpy, torch = importlib.import_module("numpy"), importlib.import_module("torch")
    samples, learning = (importlib.import_module(f"MMEdu.tasks.detection.{room}") for room in ("samples", "learning"))
    dataset, entry = dataset_of(job), entry_of(job.backbone)
    pictures = samples.BoxedPictures(dataset.train, entry.preprocess, masks=entry.options.masks)
    numbers = [index % len(dataset.train) for index in range(job.batch)]
    kept = [pictures.decode(pictures.paths[n].read_bytes(), str(n), strict=True) for n in numbers]
    random = numpy.random.default_rng(1)
    batch = pictures.collate(
        numpy.array(numbers), [pictures.sample(n, one, random) for n, one in zip(numbers, kept, strict=True)]
    )
    task = learning.DetectionTask(entry.preprocess, pictures, len(dataset.classes))
    torch.manual_seed(1)
    network = build(entry, len(dataset.classes))
    return network, entry.recipe, *task.inputs(batch, torch.device("cpu"))


def entry_of(backbone: str) -> Any:
    return importlib.import_module("MMEdu.models.registry").find(backbone, "detection")


def dataset_of(job: Job) -> Any:
    """The pictures with their boxes, turned as the pictures are."""
    coco, turned = (importlib.import_module(f"BaseDT.dataset.{name}") for name in ("coco", "upright"))
    return turned.upright(coco.load(job.data))


def build(entry: Any, classes: int) -> Any:
    """The library's network as it starts from scratch: fresh statistics are learnt."""
    network = entry.build(classes)
    if hasattr(network.backbone, "norm_eval"):
        network.backbone.norm_eval = False
    return network
