"""Fixtures of the detectors: annotated pictures, networks that see something, and one that was trained on a scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from MMEdu.models.detection.parts.one_stage import OneStage
from MMEdu.models.detection.ssd_lite.network import ssd_lite
from MMEdu.models.detection.yolo.network import yolov3_mobilenet


@dataclass(frozen=True)
class Annotation:
    """What a picture says of itself, as the task's targets do."""

    boxes: Tensor
    labels: Tensor


Annotate = Callable[..., Annotation]


@pytest.fixture(scope="session")
def annotate() -> Annotate:
    """A function that makes an annotation of rows x1, y1, x2, y2, label."""

    def make(*rows: tuple[float, float, float, float, int]) -> Annotation:
        table = torch.tensor(rows, dtype=torch.float32).reshape(-1, 5)
        return Annotation(table[:, :4], table[:, 4].long())

    return make


@pytest.fixture(scope="session")
def stir() -> Callable[[nn.Module, int], None]:
    """A function that gives an untrained network answers that differ: weights from a wide normal distribution."""

    def change(network: nn.Module, size: int) -> None:
        random = torch.Generator().manual_seed(3)
        with torch.no_grad():
            for part in network.modules():
                if isinstance(part, nn.Conv2d):
                    part.weight.normal_(0, (2 / part.weight[0].numel()) ** 0.5, generator=random)
                    if part.bias is not None:
                        part.bias.zero_()
            network.train()
            for _ in range(20):  # so that the running statistics fit the weights
                network(torch.randn(2, 3, size, size, generator=random))
            network.eval()

    return change


@dataclass(frozen=True)
class Scene:
    """A picture with one object, and a network that learned it.

    Attributes:
        network: In evaluation.
        picture: (1, 3, H, W).
        box: (4,), of the only object, class 0.
    """

    network: OneStage
    picture: Tensor
    box: Tensor


def _learned(network: OneStage, size: int, steps: int) -> Scene:
    """A bright rectangle in noise, shown some dozens of times."""
    picture = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(1)) * 0.3
    left, top, right, bottom = (int(share * size) for share in (0.25, 0.19, 0.69, 0.56))
    picture[:, :, top:bottom, left:right] += 2
    box = torch.tensor([left, top, right, bottom], dtype=torch.float32)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 0.3  # some dozens of steps are too few for 0.03
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    target = Annotation(box[None], torch.zeros(1, dtype=torch.int64))
    network.train()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.stack(list(network.losses(picture.expand(2, -1, -1, -1), [target, target]).values())).sum()
        loss.backward()
        optimizer.step()
    return Scene(network.eval(), picture, box)


@pytest.fixture(scope="session")
def ssd_scene() -> Scene:
    """SSD_Lite with one class that learned its picture of 160 × 160."""
    torch.manual_seed(0)
    return _learned(ssd_lite(1), 160, steps=40)


@pytest.fixture(scope="session")
def yolo_scene() -> Scene:
    """The light YOLOv3 with one class that learned its picture of 128 × 128."""
    torch.manual_seed(0)
    return _learned(yolov3_mobilenet(1), 128, steps=30)
