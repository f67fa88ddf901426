"""``View``: a network as one looks into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from BaseDT.errors import NothingLoaded
from BaseDT.language import say
from BaseNN.data.training_data import TrainingData
from BaseNN.layers.sizes import Shape
from BaseNN.looking.sample import sample_of
from BaseNN.prediction.text import numbers_of

_WHITE = 255.0


def brightest_of(data: TrainingData | None, dataset_type: str) -> float:
    """Return what white is to a network: it learned from pictures divided by 255, or from arrays as they were.

    Args:
        data: What it learned from; None where that is not at hand.
        dataset_type: Where that came from, as files name it; empty where nobody knows.
    """
    if data is None:
        return _WHITE if dataset_type in ("other", "npz") else 1.0
    return _WHITE if data.kind != "img" and float(data.inputs.max()) > 1 else 1.0


@dataclass(frozen=True)
class View:
    """A network as one looks into it.

    Attributes:
        model: It.
        inputs: Shape of one sample; None where it is unknown.
        color: ``RGB`` or ``grayscale``; empty where it is unknown.
        classes: Names by label; empty where there are none.
        device: Where to run.
        words: Their numbers, where the network reads words.
        brightest: What white is to the network.
    """

    model: nn.Module
    inputs: Shape | None
    color: str
    classes: Sequence[str]
    device: torch.device
    words: Mapping[str, int] = field(default_factory=dict)
    brightest: float = 1.0

    def sample(self, data: Any) -> npt.NDArray[Any]:
        """Return one sample as the network takes it, (1, …): float32, or int64 of words.

        Raises:
            NothingLoaded: It has no layers (-602).
            InputMismatch, ParameterInvalid: The sample does not fit, or has unknown words (-309, -305).
        """
        if next(self.model.children(), None) is None:
            raise NothingLoaded(
                say("The network has no layers yet.", "网络还没有任何层。"),
                hint=say(
                    "add() layers and train, or load() a file.", "请先用 add() 搭建并训练，或用 load() 载入模型文件。"
                ),
            )
        if self.words:
            return np.array([numbers_of(data, self.words)])
        return sample_of(data, self.inputs, self.channels, self.brightest)

    @property
    def channels(self) -> int:
        """Of pictures; 0 where it is unknown."""
        if self.inputs is not None and len(self.inputs) == 3:
            return self.inputs[0] or 0
        return {"grayscale": 1, "RGB": 3}.get(self.color, 0)
