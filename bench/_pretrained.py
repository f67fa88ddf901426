"""A training as a beginner writes it, with pretrained weights or from scratch. Runs in child processes only."""

from __future__ import annotations

import time
from typing import Any

from bench._cases import Job


def train(job: Job) -> dict[str, Any]:
    """Trains with defaults; seconds count from the start of the process to each epoch's end, validated and saved."""
    import MMEdu

    model = getattr(MMEdu, job.option("tool", "MMClassification"))(job.backbone)
    model.load_dataset(job.data)
    ends: list[float] = []

    def listener(event: Any) -> None:
        if type(event).__name__ == "EpochFinished":
            ends.append(time.time() - job.started)

    log = model.train(
        epochs=job.epochs,
        random_seed=job.seed,
        pretrained=job.option("pretrained"),
        max_keep_ckpts=1,
        listener=listener,
        **job.option("train", {}),
    )
    lines = [line for line in log if line["mode"] == "val"]
    names = ("bbox_mAP_50", "bbox_mAP") if "bbox_mAP" in lines[0] else ("accuracy_top-1",)
    percent = 100 if "bbox_mAP" in lines[0] else 1
    return {
        "ends": ends,
        "epochs": [[percent * line[name] for name in names] for line in lines],
        "best": [percent * max(line[name] for line in lines) for name in names],
        "total": time.time() - job.started,
        "precision": log[0]["precision"],
    }
