"""The plain loop for keypoints: PIL, OpenCV's affine warp, a heat map for each point in numpy, two workers, defaults.

Runs in child processes only (its own and the DataLoader's workers). Of the library nothing else comes in but the list
of files, boxes and points, and the network, so that only the loop differs.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, RandomSampler

from bench._cases import Job
from bench._models import state_size, torchvision
from bench._pose import dataset_of, entry_of
from bench._system import peak_memory

Sample = tuple[Tensor, Tensor, Tensor]
_SIGMA, _STRIDE, _SPLIT, _SIMCC_SIGMA = 2.0, 4, 2, 4.0


class People(Dataset[Sample]):
    """Persons as tensors with what the network is to give, and which points are known."""

    def __init__(self, people: Sequence[Any], preprocess: Any, pairs: Sequence[tuple[int, int]], decode: str) -> None:
        self.people, self.side, self.decode = people, preprocess.size[0], decode
        self.mean, self.std = (np.float32(values) for values in (preprocess.mean, preprocess.std))
        self.order = np.arange(len(people[0].points))
        for left, right in pairs:
            self.order[left], self.order[right] = right, left

    def __len__(self) -> int:
        return len(self.people)

    def __getitem__(self, index: int) -> Sample:
        person = self.people[index]
        with Image.open(person.path) as file:
            image = np.asarray(ImageOps.exif_transpose(file).convert("RGB"))
        x1, y1, x2, y2 = person.box
        extent = max(x2 - x1, y2 - y1) * 1.25 / random.uniform(0.75, 1.25)
        angle = math.radians(random.uniform(-40, 40)) if random.random() < 0.6 else 0.0
        scale = self.side / extent
        linear = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        is_mirrored = random.random() < 0.5
        if is_mirrored:
            linear[0] = -linear[0]
        middle = np.array([(x1 + x2) / 2, (y1 + y2) / 2])
        shift = np.array([random.uniform(-0.1, 0.1), random.uniform(-0.1, 0.1)])
        matrix = np.column_stack([linear, self.side * (0.5 + shift) - linear @ middle])
        shown = cv2.warpAffine(image, matrix, (self.side, self.side), borderValue=(114, 114, 114)).astype(np.float32)
        shown = np.clip(shown * random.uniform(0.5, 1.5) + random.uniform(-32, 32), 0, 255)
        points = person.points[:, :2] @ linear.T + matrix[:, 2]
        known = (person.points[:, 2] > 0) & ((points >= 0) & (points < self.side)).all(1)
        if is_mirrored:
            points, known = points[self.order], known[self.order]
        pixels = ((shown - self.mean) / self.std).transpose(2, 0, 1)
        wanted = self._maps(points) if self.decode == "heatmaps" else self._labels(points)
        return torch.from_numpy(np.ascontiguousarray(pixels)), wanted, torch.from_numpy(known.astype(np.float32))

    def _maps(self, points: np.ndarray[Any, Any]) -> Tensor:
        cells = self.side // _STRIDE
        y, x = np.mgrid[:cells, :cells].astype(np.float32) + 0.5
        maps = [
            np.exp(-((x - px / _STRIDE) ** 2 + (y - py / _STRIDE) ** 2) / (2 * _SIGMA**2)) for px, py in points.tolist()
        ]
        return torch.from_numpy(np.stack(maps).astype(np.float32))

    def _labels(self, points: np.ndarray[Any, Any]) -> Tensor:
        bins = np.arange(self.side * _SPLIT) + 0.5
        bells = np.exp(-((bins - points[:, :, None] * _SPLIT) ** 2) / (2 * _SIMCC_SIGMA**2))
        labels = bells / np.maximum(bells.sum(2, keepdims=True), 1e-6)
        return torch.from_numpy(labels.astype(np.float32))


def loss_of(outputs: tuple[Tensor, ...], wanted: Tensor, known: Tensor) -> Tensor:
    """The mean square error of the maps, or the cross entropy of the distributions."""
    if len(outputs) == 1:
        return ((outputs[0] - wanted).square().mean((2, 3)) * known).mean() * 1000
    parts = [
        -(wanted[:, :, axis] * torch.log_softmax(logits, -1)).sum(-1) * known for axis, logits in enumerate(outputs)
    ]
    return torch.stack(parts).sum(0).mean()


def speed(job: Job) -> dict[str, Any]:
    """Images/s of the loop in steady state, seconds to the end of the first iteration, memory; one long epoch."""
    torchvision()
    dataset, entry = dataset_of(job), entry_of(job.backbone)
    torch.manual_seed(1)
    network = entry.build(len(dataset.names)).train()
    people = People(dataset.train, entry.preprocess, dataset.flip_pairs, entry.options.decode)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-4)
    sampler = RandomSampler(people, replacement=True, num_samples=(job.warm + job.iterations) * job.batch)
    loader = DataLoader(people, job.batch, num_workers=2, persistent_workers=True, sampler=sampler)
    startup, began, losses = 0.0, 0.0, []
    for step, (images, wanted, known) in enumerate(loader, start=1):
        optimizer.zero_grad()
        loss = loss_of(network(images), wanted, known)
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            losses.append(loss.item())
        if step == 1:
            startup = time.time() - job.started
        if step == job.warm:
            began = time.perf_counter()
    rate = job.iterations * job.batch / (time.perf_counter() - began)
    size = state_size(network.state_dict())
    return {"rate": rate, "startup": startup, "memory": peak_memory(), "state_size": size}
