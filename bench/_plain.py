"""The plain PyTorch loop, as a good engineer would write it: PIL, torchvision transforms, two workers, defaults.

Runs in child processes only (its own and the DataLoader's workers). Nothing of the library may come in here
except the bridge to torchvision.
"""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, RandomSampler

from bench._cases import Job
from bench._models import build, state_size, torchvision
from bench._system import peak_memory

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")


class Folder(Dataset[tuple[torch.Tensor, int]]):
    """``<root>/<class>/<picture>`` as tensors; the classes are the sorted names of the folders."""

    def __init__(self, root: Path, backbone: str, *, train: bool, size: int = 224) -> None:
        self.classes = sorted(path.name for path in root.iterdir() if path.is_dir())
        self.samples = [
            (path, label)
            for label, name in enumerate(self.classes)
            for path in sorted((root / name).rglob("*"))
            if path.suffix.lower() in _SUFFIXES
        ]
        if not self.samples:
            raise FileNotFoundError(f"no pictures in {root}/<class>/")
        self.mode = "L" if backbone == "LeNet" else "RGB"
        self.transform = _transform(backbone, train, size)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        path, label = self.samples[index]
        with Image.open(path) as image:
            return self.transform(image.convert(self.mode)), label


def _transform(backbone: str, train: bool, size: int) -> Any:
    torchvision()
    t = importlib.import_module("torchvision.transforms")
    if backbone == "LeNet":
        steps = [t.Resize((32, 32)), t.ToTensor(), t.Normalize(33.46 / 255, 78.87 / 255)]
    elif train:
        steps = [t.RandomResizedCrop(size), t.RandomHorizontalFlip(), t.ToTensor(), t.Normalize(_MEAN, _STD)]
    else:
        steps = [t.Resize(round(size * 256 / 224)), t.CenterCrop(size), t.ToTensor(), t.Normalize(_MEAN, _STD)]
    return t.Compose(steps)


def _loader(dataset: Folder, batch: int, **options: Any) -> DataLoader[tuple[torch.Tensor, int]]:
    return DataLoader(dataset, batch, num_workers=2, persistent_workers=True, pin_memory=False, **options)


def speed(job: Job) -> dict[str, Any]:
    """Images/s of the loop in steady state, seconds from process start to the end of the first iteration, memory.

    All iterations come from one long epoch (the sampler goes round several times), so that the pause
    of a DataLoader between two epochs is not held against the plain loop.
    """
    dataset = Folder(Path(job.data) / "training_set", job.backbone, train=True)
    model = build(job.backbone, len(dataset.classes)).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=0.001)
    sampler = RandomSampler(dataset, num_samples=(job.warm + job.iterations) * job.batch)
    startup, began, losses = 0.0, 0.0, []
    for step, (images, labels) in enumerate(_loader(dataset, job.batch, sampler=sampler), start=1):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            losses.append(loss.item())
        if step == 1:
            startup = time.time() - job.started
        if step == job.warm:
            began = time.perf_counter()
    rate = job.iterations * job.batch / (time.perf_counter() - began)
    return {"rate": rate, "startup": startup, "memory": peak_memory(), "state_size": state_size(model.state_dict())}


def accuracy(job: Job) -> dict[str, Any]:
    """The same loop with the given hyperparameters: top-1 on ``val_set`` in percent after every epoch, and the loss."""
    torch.manual_seed(job.seed)
    root, size = Path(job.data), job.option("image_size") or 224
    train = Folder(root / "training_set", job.backbone, train=True, size=size)
    val = Folder(root / "val_set", job.backbone, train=False, size=size)
    model = build(job.backbone, len(train.classes))
    optimizer = torch.optim.SGD(model.parameters(), lr=job.option("lr"), momentum=0.9, weight_decay=0.001)
    train_loader, val_loader = _loader(train, job.batch, shuffle=True), _loader(val, 256)
    epochs, loss = [], 0.0
    for _ in range(job.epochs):
        model.train()
        for images, labels in train_loader:
            optimizer.zero_grad()
            functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
        top1, loss = _validate(model, val_loader)
        epochs.append(top1)
    return {"epochs": epochs, "val_loss": loss, "state_size": state_size(model.state_dict())}


@torch.inference_mode()
def _validate(model: nn.Module, loader: DataLoader[tuple[torch.Tensor, int]]) -> tuple[float, float]:
    """Top-1 in percent and mean loss."""
    model.eval()
    right, loss, count = 0, 0.0, 0
    for images, labels in loader:
        logits = model(images)
        right += int((logits.argmax(1) == labels).sum())
        loss += functional.cross_entropy(logits, labels, reduction="sum").item()
        count += len(labels)
    return 100 * right / count, loss / count
