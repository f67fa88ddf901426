"""How good and how fast an exported model is: what every task's judge shares. Torch-free."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid, DatasetNotLoaded
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from MMEdu.engine.events import Listener, long_work
from XEdu.runtime.model import Model

_WARM_UP = 3
T = TypeVar("T")


@dataclass(frozen=True)
class Measured:
    """What a model is worth.

    Attributes:
        size: Of the file, in bytes.
        quality: What was measured and how much, in percent; the first one decides.
        speed: Pictures per second through the model alone, one at a time: the median.
        count: Pictures it was measured with.
    """

    size: int
    quality: tuple[tuple[str, float], ...]
    speed: float
    count: int

    @property
    def decisive(self) -> tuple[str, float]:
        """The measure that decides, and its value."""
        return self.quality[0]


class Judge(Protocol):
    """Pictures as one model sees them: some to find ranges with, others to measure with."""

    @property
    def calibration(self) -> Sequence[Pixels]:
        """What ``Preprocess.pixels`` made of training pictures, (H, W, C) uint8 each."""

    def measure(self, file: Path, emit: Listener, what: str) -> Measured:
        """Run a model over the validation pictures, one at a time as a board does."""


class Examples(Protocol):
    """A data set that an exported model can be measured with."""

    @property
    def name(self) -> str:
        """What its folder is called."""

    def pictures(self) -> list[Pixels]:
        """Read a few, to check an export with."""

    def judge(self, info: ModelInfo, images: int, emit: Listener) -> Judge:
        """Read what a model needs; ``images`` training pictures to find ranges with.

        Raises:
            ClassCountMismatch: The data set has a class that the model does not know (-306).
            DatasetInvalid: There are no pictures to measure with (-201).
        """


def answers(
    model: Model, pixels: Sequence[Pixels], emit: Listener, what: str
) -> tuple[list[list[npt.NDArray[Any]]], float]:
    """Run a model over pictures, one at a time; returns its raw outputs and its median speed in pictures per second."""
    assert model.info is not None
    assert model.info.preprocess is not None
    normalize = model.info.preprocess.normalize
    for _ in range(_WARM_UP):
        model.run(normalize(pixels[0][None]))
    outputs, seconds = [], []
    with long_work(emit, what) as told:
        for done, picture in enumerate(pixels, 1):
            tensor = normalize(picture[None])
            start = time.perf_counter()
            outputs.append(model.run(tensor))
            seconds.append(time.perf_counter() - start)
            told(done, len(pixels))
    return outputs, 1 / float(np.median(seconds))


def spread(samples: Sequence[T], count: int) -> list[T]:
    """Choose pictures evenly over all classes: samples are sorted by class and name."""
    if len(samples) <= count:
        return list(samples)
    return [samples[int(index)] for index in np.linspace(0, len(samples) - 1, count).round()]


def no_dataset() -> DatasetNotLoaded:
    """Make the error of a measurement without pictures (-603)."""
    hint = say("Call load_dataset() first, or give dataset_path=.", "请先调用 load_dataset()，或给出 dataset_path=。")
    return DatasetNotLoaded("INT8 needs pictures to find its ranges and to be measured with.", hint=hint)


def nothing_to_measure_with() -> DatasetInvalid:
    """Make the error of a data set without validation pictures (-201)."""
    hint = say("Add validation pictures.", "请补充验证图片。")
    return DatasetInvalid("The data set has no validation pictures to measure with.", hint=hint)
