"""The compute limit: the same model and optimiser on one batch that never changes, with no data to wait for.

Runs in child processes only, one variant in each: the allocator's thresholds hold for a whole process.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from bench._cases import Job
from bench._models import PHOTO_SIZE, SIZES, build, state_size
from bench._system import bf16_native, keep_buffers, peak_memory

_ENOUGH = 6.0
"""Seconds after which a variant is known well enough: the slow ones are not the limit."""


@dataclass(frozen=True)
class Variant:
    """What a loop may choose freely without changing the mathematics (bf16: its precision)."""

    channels_last: bool = False
    bf16: bool = False
    thresholds: bool = False

    @classmethod
    def parse(cls, name: str) -> Variant:
        """From a name such as ``fp32 channels_last thresholds``."""
        words = name.split()
        return cls("channels_last" in words, "bf16" in words, "thresholds" in words)

    def prepare(self) -> bool:
        """Puts the thresholds in force; False where this machine cannot run the variant."""
        if self.bf16 and not bf16_native():
            return False
        return not self.thresholds or keep_buffers()


def speed(job: Job) -> dict[str, Any]:
    """Images/s of one variant, or ``{"skipped": …}`` where this machine cannot run it."""
    variant = Variant.parse(job.variant)
    if not variant.prepare():
        return {"skipped": f"{job.variant}: not on this machine"}
    layout = torch.channels_last if variant.channels_last else torch.contiguous_format
    classes = sum(path.is_dir() for path in (Path(job.data) / "training_set").iterdir())
    model = build(job.backbone, classes).train().to(memory_format=layout)
    images = torch.randn(job.batch, *SIZES.get(job.backbone, PHOTO_SIZE)).to(memory_format=layout)
    labels = torch.randint(0, classes, (job.batch,))
    optimizer = fused_sgd(model)

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16) if variant.bf16 else contextlib.nullcontext():
            loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()

    return {"rate": rate_of(step, job), "memory": peak_memory(), "state_size": state_size(model.state_dict())}


def rate_of(step: Callable[[], None], job: Job, enough: float = _ENOUGH) -> float:
    """Images/s of a step, warmed up; after ``enough`` seconds it is known well enough."""
    for _ in range(max(job.warm, 1)):
        step()
    began, done = time.perf_counter(), 0
    while done < min(job.iterations, 3) or (done < job.iterations and time.perf_counter() - began < enough):
        step()
        done += 1
    return done * job.batch / (time.perf_counter() - began)


def fused_sgd(model: torch.nn.Module) -> torch.optim.SGD:
    """SGD, fused where torch has that for this device: the limit may leave no time lying about."""
    options: dict[str, Any] = {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.001}
    try:
        return torch.optim.SGD(model.parameters(), fused=True, **options)
    except (RuntimeError, TypeError):
        return torch.optim.SGD(model.parameters(), **options)
