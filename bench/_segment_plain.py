"""The plain loop for segmenters: PIL, torchvision's transforms (v2) as its references have them, two workers, defaults.

Runs in child processes only (its own and the DataLoader's workers). The network is the library's, so that only the loop
differs; of the library nothing else comes in but the list of files.
"""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, RandomSampler

from bench._cases import Job
from bench._models import state_size, torchvision
from bench._segment import entry_of
from bench._system import peak_memory

_IGNORE = 255


class Pictures(Dataset[tuple[Tensor, Tensor]]):
    """Pictures as tensors with their masks, varied as torchvision's references for segmentation vary them."""

    def __init__(self, root: Path, side: int) -> None:
        torchvision()  # the workers, too, come here first where processes are not forked
        names = (root / "splits" / "train.txt").read_text("utf-8").splitlines()
        self.files = [(root / "images" / f"{name}.jpg", root / "labels" / f"{name}.png") for name in names]
        t = importlib.import_module("torchvision.transforms.v2")
        tensors = importlib.import_module("torchvision.tv_tensors")
        fill = {tensors.Image: 0, tensors.Mask: _IGNORE}
        self.transform = t.Compose(
            [
                t.Resize((side, side)),
                t.RandomHorizontalFlip(),
                t.RandomPhotometricDistort(),
                t.ScaleJitter((side, side), (0.75, 1.5)),
                t.RandomCrop((side, side), pad_if_needed=True, fill=fill),
                t.ToDtype({tensors.Image: torch.float32, tensors.Mask: torch.int64, "others": None}, scale=True),
                t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            ]
        )
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        picture, labels = self.files[index]
        with Image.open(picture) as file:
            image = self.tensors.Image(torch.from_numpy(np.array(file.convert("RGB"))).permute(2, 0, 1))
        with Image.open(labels) as file:
            mask = self.tensors.Mask(torch.from_numpy(np.array(file)))
        pixels, labels_there = self.transform(image, mask)
        return pixels.as_subclass(Tensor), labels_there.as_subclass(Tensor)


def speed(job: Job) -> dict[str, Any]:
    """Images/s of the loop in steady state, seconds to the end of the first iteration, memory; one long epoch."""
    entry = entry_of(job.backbone)
    dataset = Pictures(Path(job.data), entry.preprocess.size[0])
    torch.manual_seed(1)
    model = entry.build(5).train()
    total = job.warm + job.iterations
    sampler = RandomSampler(dataset, replacement=True, num_samples=total * job.batch)
    loader = DataLoader(dataset, job.batch, num_workers=2, persistent_workers=True, sampler=sampler)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=0.0005)
    began, startup = 0.0, 0.0
    for step, (images, masks) in enumerate(loader, start=1):
        logits = functional.interpolate(model(images), size=masks.shape[1:], mode="bilinear", align_corners=False)
        loss = functional.cross_entropy(logits, masks, ignore_index=_IGNORE)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step == 1:
            startup = time.time() - job.started
        if step == job.warm:
            began = time.perf_counter()
    rate = job.iterations * job.batch / (time.perf_counter() - began)
    return {"rate": rate, "startup": startup, "memory": peak_memory(), "state_size": state_size(model.state_dict())}
