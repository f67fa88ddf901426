"""The plain loop for detectors: PIL, torchvision's transforms (v2) as its references have them, two workers, defaults.

Runs in child processes only (its own and the DataLoader's workers). The two-stage networks are torchvision's; the
others are the library's, so that only the loop differs (``--reference torchvision``: its SSDlite).
Of the library nothing else comes in but the list of files and boxes, and COCO's mAP, which must be the same ruler.
"""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, RandomSampler

from bench._cases import Job
from bench._detect_train import build, dataset_of, entry_of
from bench._models import state_size, torchvision
from bench._system import peak_memory

Objects = dict[str, Tensor]
Sample = tuple[Tensor, Objects]
_WARM_UP, _WARM_RATIO = 100, 0.001
_LEAST_SCORE, _MOST = 0.02, 200
_THEIRS = {"FasterRCNN": "fasterrcnn_resnet50_fpn", "Mask_RCNN": "maskrcnn_resnet50_fpn"}


class Pictures(Dataset[Sample]):
    """Pictures as tensors with their boxes (x1, y1, x2, y2 in pixels of the tensor), labels from 0, and masks."""

    def __init__(self, images: Sequence[Any], transform: Any, *, masks: bool = False) -> None:
        torchvision()  # the workers, too, come here first where processes are not forked
        self.images, self.transform, self.masks = images, transform, masks

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Sample:
        tensors = importlib.import_module("torchvision.tv_tensors")
        one = self.images[index]
        own = [box for box in one.boxes if not box.crowd]
        with Image.open(one.path) as file:
            image = ImageOps.exif_transpose(file).convert("RGB")
        corners = torch.tensor([box.corners for box in own], dtype=torch.float32).reshape(-1, 4)
        boxes = tensors.BoundingBoxes(corners, format="XYXY", canvas_size=(image.height, image.width))
        labels = torch.tensor([box.label for box in own], dtype=torch.int64)
        target = {"boxes": boxes, "labels": labels}
        if self.masks:
            decoded = importlib.import_module("BaseDT.geometry.masks").decoded
            drawn = [decoded(box.segmentation, image.height, image.width) for box in own]
            target["masks"] = tensors.Mask(np.stack(drawn) if drawn else np.zeros((0, image.height, image.width)))
        pixels, objects = self.transform(image, target)
        return pixels, {name: torch.as_tensor(value).as_subclass(Tensor) for name, value in objects.items()}


def transform_of(side: int | None, mean: Sequence[float], std: Sequence[float], *, augment: str) -> Any:
    """The references' steps.

    Args:
        side: Of the square input; None leaves pictures as they are, for networks that resize themselves.
        mean: In units of 0 to 255; likewise empty.
        std: The same.
        augment: ``ssd``, ``hflip`` or nothing.
    """
    torchvision()
    t = importlib.import_module("torchvision.transforms.v2")
    fill = tuple(round(value) for value in mean) or (123, 117, 104)
    steps: list[Any] = []
    if augment == "ssd":
        steps += [t.RandomPhotometricDistort(), t.RandomZoomOut(fill=fill), t.RandomIoUCrop()]
    if augment:
        steps.append(t.RandomHorizontalFlip())
    if side is not None:
        steps.append(t.Resize((side, side)))
    steps += [t.PILToTensor(), t.ToDtype(torch.float, scale=True)]
    if mean:
        steps.append(t.Normalize([value / 255 for value in mean], [value / 255 for value in std]))
    return t.Compose([*steps, t.SanitizeBoundingBoxes()] if augment else steps)


class Ours(nn.Module):
    """The library's network: images of one size."""

    def __init__(self, backbone: str, classes: int) -> None:
        super().__init__()
        entry = entry_of(backbone)
        self.network = build(entry, classes)
        self.side, self.mean, self.std = entry.preprocess.size[0], entry.preprocess.mean, entry.preprocess.std
        self.augment = "hflip" if entry.options.two_stage else "ssd"

    def loss(self, images: list[Tensor], objects: list[Objects]) -> Tensor:
        targets = importlib.import_module("MMEdu.tasks.detection.targets").TargetTensors
        losses = self.network.losses(torch.stack(images), [targets(one["boxes"], one["labels"]) for one in objects])
        return sum((value for name, value in losses.items() if name.startswith("loss")), torch.zeros(()))

    def detect(self, images: list[Tensor]) -> list[Tensor]:
        """(k, 6) for each picture: x1, y1, x2, y2 in pixels of the tensor, score, label."""
        return list(self.network.detect(torch.stack(images), score_threshold=_LEAST_SCORE, max_detections=_MOST))


class Theirs(nn.Module):
    """torchvision's network: it resizes and normalises by itself, and label 0 is its background."""

    def __init__(self, backbone: str, classes: int) -> None:
        super().__init__()
        torchvision()
        models = importlib.import_module("torchvision.models.detection")
        fresh: dict[str, Any] = {"weights": None, "weights_backbone": None, "num_classes": classes + 1}
        if backbone in _THEIRS:
            size = entry_of(backbone).preprocess.size[0]
            self.network = getattr(models, _THEIRS[backbone])(**fresh, min_size=size, max_size=size)
            self.side, self.augment = None, "hflip"
        else:
            self.network = models.ssdlite320_mobilenet_v3_large(**fresh)
            self.side, self.augment = 320, "ssd"
        self.mean = self.std = ()

    def loss(self, images: list[Tensor], objects: list[Objects]) -> Tensor:
        losses = self.network(images, [{**one, "labels": one["labels"] + 1} for one in objects])
        return sum(losses.values(), torch.zeros(()))

    def detect(self, images: list[Tensor]) -> list[Tensor]:
        found = self.network(images)
        return [torch.cat([one["boxes"], one["scores"][:, None], one["labels"][:, None] - 1.0], 1) for one in found]


def _network(job: Job, classes: int) -> Ours | Theirs:
    theirs = job.backbone in _THEIRS or job.option("reference") == "torchvision"
    return (Theirs if theirs else Ours)(job.backbone, classes)


def _collate(samples: list[Sample]) -> tuple[list[Tensor], list[Objects]]:
    return [image for image, _ in samples], [objects for _, objects in samples]


def _loader(dataset: Pictures, batch: int, **options: Any) -> DataLoader[Sample]:
    return DataLoader(dataset, batch, num_workers=2, persistent_workers=True, collate_fn=_collate, **options)


def speed(job: Job) -> dict[str, Any]:
    """Images/s of the loop in steady state, seconds to the end of the first iteration, memory; one long epoch."""
    dataset = dataset_of(job)
    torch.manual_seed(1)
    model = _network(job, len(dataset.classes)).train()
    transform = transform_of(model.side, model.mean, model.std, augment=model.augment)
    pictures = Pictures(dataset.train, transform, masks=entry_of(job.backbone).masks)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9, weight_decay=0.001)
    sampler = RandomSampler(pictures, replacement=True, num_samples=(job.warm + job.iterations) * job.batch)
    startup, began, losses = 0.0, 0.0, []
    for step, (images, objects) in enumerate(_loader(pictures, job.batch, sampler=sampler), start=1):
        optimizer.zero_grad()
        loss = model.loss(images, objects)
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            losses.append(loss.item())
        if step == 1:
            startup = time.time() - job.started
        if step == job.warm:
            began = time.perf_counter()
    rate = job.iterations * job.batch / (time.perf_counter() - began)
    # torchvision's network is another one: its size is no reason for a remark.
    size = {} if isinstance(model, Theirs) else {"state_size": state_size(model.network.state_dict())}
    return {"rate": rate, "startup": startup, "memory": peak_memory(), **size}


def accuracy(job: Job) -> dict[str, Any]:
    """The same loop with the given hyperparameters; after every epoch mAP50 and mAP in percent.

    The learning rate rises linearly over the first iterations and falls as a cosine, as the library's recipe has it.
    """
    torch.manual_seed(job.seed)
    dataset = dataset_of(job)
    model, began = _network(job, len(dataset.classes)), time.time()
    train = Pictures(dataset.train, transform_of(model.side, model.mean, model.std, augment=model.augment))
    val = Pictures(dataset.val, transform_of(model.side, model.mean, model.std, augment=""))
    extra: dict[str, Any] = {"momentum": 0.9} if job.option("optimizer") == "SGD" else {}
    kind = getattr(torch.optim, job.option("optimizer"))
    optimizer = kind(model.parameters(), lr=job.option("lr"), weight_decay=0.001, **extra)
    train_loader, val_loader = _loader(train, job.batch, shuffle=True), _loader(val, job.batch)
    steps = len(train_loader) * job.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: factor(step, steps))
    found: dict[str, list[float]] = {"map50": [], "map": []}
    for _ in range(job.epochs):
        model.train()
        for images, objects in train_loader:
            optimizer.zero_grad()
            model.loss(images, objects).backward()
            optimizer.step()
            schedule.step()
        for name, value in _validate(model, val_loader, dataset).items():
            found[name].append(value)
    size = {} if isinstance(model, Theirs) else {"state_size": state_size(model.network.state_dict())}
    return {**found, "seconds": time.time() - began, **size}


def factor(step: int, steps: int) -> float:
    """On the learning rate at a step of so many."""
    rise = _WARM_RATIO + (1 - _WARM_RATIO) * step / _WARM_UP if step < _WARM_UP else 1.0
    return rise * 0.5 * (1 + math.cos(math.pi * step / steps))


@torch.inference_mode()
def _validate(model: Ours | Theirs, loader: DataLoader[Sample], dataset: Any) -> dict[str, float]:
    """mAP50 and mAP in percent, on boxes in pixels of the original pictures."""
    model.eval()
    rows: list[Any] = []
    sizes = [(image.height, image.width) for image in dataset.val]
    for images, _ in loader:
        for image, found in zip(images, model.detect(images), strict=True):
            height, width = sizes[len(rows)]
            scale = [width / image.shape[2], height / image.shape[1]]
            rows.append(found.numpy().astype(np.float64) * [*scale, *scale, 1, 1])
    overall = _coco(rows, dataset)
    return {"map50": 100 * overall["mAP_50"], "map": 100 * overall["mAP"]}


def _coco(rows: list[Any], dataset: Any) -> dict[str, float]:
    tasks, metrics = importlib.import_module("MMEdu.tasks.detection.samples"), importlib.import_module("BaseDT.metrics")
    pictures = tasks.BoxedPictures(dataset.val, entry_of("SSD_Lite").preprocess)
    truth = [pictures.truth(index) for index in range(len(rows))]
    return dict(metrics.coco_map(rows, truth, len(dataset.classes)).overall)
