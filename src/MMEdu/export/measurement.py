"""How good and how fast an exported model is: what every task's evaluator shares. Torch-free."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from BaseDT import image
from BaseDT.arguments import PathLike, checked_path
from BaseDT.dataset.dividing import spread
from BaseDT.errors import ClassCountMismatch, DatasetInvalid, DatasetNotLoaded
from BaseDT.escaping import one_line
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import english, say, with_name
from BaseDT.listing import shortened
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from BaseDT.readable import read_all, reason_of
from MMEdu.engine.events import Listener, left_out, long_work
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model

_WARM_UP = 3
_THREADS = 4


class HasPath(Protocol):
    """A sample of one picture file."""

    @property
    def path(self) -> Path:
        """The file."""


D = TypeVar("D")
R = TypeVar("R")
S = TypeVar("S", bound=HasPath)


class LoadedData(Protocol):
    """A data set in memory, as ``load_dataset`` left it."""

    @property
    def root(self) -> Path:
        """Its folder, absolute."""

    @property
    def dataset(self) -> Any:
        """The data set itself."""


@dataclass(frozen=True)
class Measurement:
    """How good, how large and how fast a model is.

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


class Evaluator(Protocol):
    """Pictures as one model sees them: some to find ranges with, others to measure with."""

    @property
    def calibration(self) -> Sequence[Pixels]:
        """What ``Preprocess.pixels`` made of training pictures, (H, W, C) uint8 each."""

    def measure(self, file: Path, emit: Listener, what: str) -> Measurement:
        """Run a model over the validation pictures, one at a time as a board does."""

    def comparable(self, outputs: Sequence[Array]) -> npt.NDArray[Any]:
        """Turn the raw outputs for a picture into scores (K,), of the same K for every picture and model."""


class EvaluationSet(Protocol):
    """A data set that an exported model can be measured with."""

    @property
    def name(self) -> str:
        """What its folder is called."""

    def pictures(self) -> list[Pixels]:
        """Read a few, to check an export with."""

    def evaluator(self, info: ModelInfo, images: int, emit: Listener) -> Evaluator:
        """Read what a model needs; ``images`` training pictures to find ranges with.

        Raises:
            ClassCountMismatch: The data set has a class that the model does not know (-306).
            DatasetInvalid: There are no pictures to measure with (-201).
        """


def run_all(
    model: Model, pixels: Sequence[Pixels], emit: Listener, what: str
) -> tuple[list[list[npt.NDArray[Any]]], float]:
    """Run a model over pictures, one at a time; returns its raw outputs and its median speed in pictures per second."""
    assert model.info is not None
    assert model.info.preprocess is not None
    normalize = model.info.preprocess.normalize
    for _ in range(_WARM_UP):
        model.run(normalize(pixels[0][None]))
    outputs, seconds = [], []
    with long_work(emit, what) as progress:
        for done, picture in enumerate(pixels, 1):
            tensor = normalize(picture[None])
            start = time.perf_counter()
            outputs.append(model.run(tensor))
            seconds.append(time.perf_counter() - start)
            progress(done, len(pixels))
    return outputs, 1 / float(np.median(seconds))


def read_pictures(
    samples: Iterable[S], emit: Listener, prepare: Callable[[Pixels], R], reading: Reading
) -> Iterator[tuple[S, R]]:
    """Read the pictures of samples, in their order; those that cannot be read are left out and named.

    Args:
        samples: Each has the ``path`` of its picture.
        emit: Called with what is left out.
        prepare: What becomes of each picture (H, W, C), while the next ones are read: whole ones would fill the memory.
        reading: How the model wants them.
    """
    return read_all(
        samples,
        lambda sample: prepare(reading.of(sample.path)),
        lambda sample, error: emit(left_out(with_name(sample.path.name, reason_of(error)))),
        threads=_THREADS,
    )


def whole_pictures(samples: Iterable[S], preprocess: Preprocess, emit: Listener) -> list[tuple[S, Pixels]]:
    """Read the pictures of samples as a model sees them, (H, W, C) uint8 each; see ``read_pictures``.

    Raises:
        DatasetInvalid: None of them can be read (-201).
    """
    pairs = list(read_pictures(samples, emit, preprocess.pixels, preprocess.reading))
    if not pairs:
        hint = say("Give a data set with whole pictures.", "请给出图片完好的数据集。")
        raise DatasetInvalid(say("None of the pictures can be read.", "没有一张图片可以读取。"), hint=hint)
    return pairs


def some_pictures(samples: Sequence[HasPath], count: int = 8) -> list[Pixels]:
    """Read a few pictures, evenly over all samples; those that cannot be read are passed over."""
    chosen = spread(samples, count)
    return [pixels for _, pixels in read_all(chosen, lambda sample: image.read(sample.path), lambda *_: None)]


def labels_in_model(names: Sequence[str], classes: Sequence[str]) -> list[int]:
    """Return the model's label for each class of a data set, by name.

    Args:
        names: Of the data set's classes.
        classes: Of the model.

    Raises:
        ClassCountMismatch: The model does not know one (-306).
    """
    label_of = {name: label for label, name in enumerate(classes)}
    if unknown := [name for name in names if name not in label_of]:
        known = shortened(map(one_line, classes))
        hint = say(
            f"Give the set it was trained on; the model knows: {english(known)}.",
            f"请给出训练该模型所用的数据集；模型的类别：{known}。",
        )
        text = say(
            f"The model does not know {len(unknown)} classes of the data set ({unknown[0]}, ...).",
            f"数据集中有 {len(unknown)} 个类别是该模型不认识的（{unknown[0]} 等）。",
        )
        raise ClassCountMismatch(text, hint=hint)
    return [label_of[name] for name in names]


def dataset_of(path: PathLike | None, data: LoadedData | None, load: Callable[[Path], D]) -> D:
    """Return the data set to calibrate and measure with: the loaded one where it is the same.

    Args:
        path: What the user gives; None takes the loaded one.
        data: What is loaded.
        load: Reads a folder.

    Raises:
        DatasetNotLoaded: There is none (-603).
    """
    if data is not None and (path is None or data.root == Path(os.path.abspath(path))):  # noqa: PTH100
        dataset: D = data.dataset
        return dataset
    if path is None:
        raise _no_dataset()
    return load(checked_path("dataset_path", path))


def _no_dataset() -> DatasetNotLoaded:
    """Make the error of a measurement without pictures (-603)."""
    hint = say("Call load_dataset() first, or give dataset_path=.", "请先调用 load_dataset()，或给出 dataset_path=。")
    return DatasetNotLoaded(
        say(
            "INT8 needs pictures to find its ranges and to be measured with.", "INT8 需要图片来确定取值范围并测量精度。"
        ),
        hint=hint,
    )


def nothing_to_measure_with() -> DatasetInvalid:
    """Make the error of a data set without validation pictures (-201)."""
    hint = say("Add validation pictures.", "请补充验证图片。")
    return DatasetInvalid(
        say("The data set has no validation pictures to measure with.", "数据集中没有可用于测量的验证图片。"), hint=hint
    )
