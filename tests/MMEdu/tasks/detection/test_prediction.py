"""What a loaded detector says: boxes on the picture, as many as the network's own limit allows."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from BaseDT.preprocess import Preprocess
from MMEdu.models import registry
from MMEdu.tasks.detection.prediction import BoxPredictor
from MMEdu.weights.loaded_model import LoadedModel

LETTERBOX = Preprocess((96, 96), resize="letterbox", pad_value=114)
PICTURE = np.zeros((90, 120, 3), np.uint8)


class Finding(nn.Module):
    """A network that finds these rows, in pixels of its input."""

    def __init__(self, rows: list[list[float]]) -> None:
        super().__init__()
        self.rows, self.asked = rows, {}

    def detect(self, images: torch.Tensor, **options: float) -> list[torch.Tensor]:
        self.asked = options
        return [torch.tensor(self.rows).reshape(-1, 6)] * len(images)


def answers(network: nn.Module, threshold: float = 0.3) -> BoxPredictor:
    entry = registry.find("Yolov3", "detection")
    predictor = LoadedModel(network, LETTERBOX, ("方块", "圆"), torch.device("cpu"), entry)
    return BoxPredictor(predictor, threshold)


def test_boxes_in_the_padding_are_left_out() -> None:
    network = Finding([[4, 80, 40, 96, 0.9, 0], [4, 4, 40, 40, 0.5, 1]])  # 96×96 holds 72 lines of the picture
    ((box,),) = answers(network).of([PICTURE], [None])
    assert (box.box, box.name) == ((5.0, 5.0, 50.0, 50.0), "圆")


def test_the_networks_own_limit_holds() -> None:
    network = Finding([])
    answers(network, 0.0).of([PICTURE], [None])
    assert network.asked == {"score_threshold": 0.0}
