"""How good and how fast an exported classifier is, on pictures with labels. Torch-free."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from BaseDT import image
from BaseDT.dataset.samples import ImageNetDataset, Sample
from BaseDT.errors import ClassCountMismatch, DatasetInvalid, ImageDamaged, ImageNotFound, ImageUnsupported
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener, left_out, long_work
from XEdu.runtime.model import Model

_WARM_UP = 3


@dataclass(frozen=True)
class Pictures:
    """Pictures as a network sees them, in memory.

    Attributes:
        pixels: (H, W, C) uint8 each.
        labels: Numbers in the model's own order of classes.
    """

    pixels: tuple[Pixels, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """What a model is worth.

    Attributes:
        size: Of the file, in bytes.
        top1: Percent.
        top5: Percent; of five classes or fewer it is 100 by definition.
        speed: Pictures per second through the model alone, one at a time: the median.
        count: Pictures it was measured with.
    """

    size: int
    top1: float
    top5: float
    speed: float
    count: int


def measure(file: Path, pictures: Pictures, emit: Listener, what: str) -> Measured:
    """Run a model over pictures, one at a time as a board does."""
    model = Model.load(file)
    assert model.info is not None
    assert model.info.preprocess is not None
    hits1 = hits5 = 0
    seconds = []
    for _ in range(_WARM_UP):
        model.run(model.info.preprocess.normalize(pictures.pixels[0][None]))
    with long_work(emit, what) as told:
        for done, (pixels, label) in enumerate(zip(pictures.pixels, pictures.labels, strict=True), 1):
            tensor = model.info.preprocess.normalize(pixels[None])
            start = time.perf_counter()
            scores = model.run(tensor)[0].reshape(-1)
            seconds.append(time.perf_counter() - start)
            best = np.argsort(-scores, kind="stable")[:5]
            hits1 += int(best[0] == label)
            hits5 += int(label in best)
            told(done, len(pictures.pixels))
    count = len(pictures.pixels)
    speed = 1 / float(np.median(seconds))
    return Measured(file.stat().st_size, 100 * hits1 / count, 100 * hits5 / count, speed, count)


def read(samples: Sequence[Sample], labels: Sequence[int], preprocess: Preprocess, emit: Listener) -> Pictures:
    """Read pictures for a model; those that are damaged are left out and named.

    Args:
        samples: The files.
        labels: The model's label for each label of the samples.
        preprocess: The model's.
        emit: Told of what is left out.
    """

    def one(sample: Sample) -> Pixels | str:
        try:
            return preprocess.pixels(image.read(sample.path, gray=preprocess.color == "gray"))
        except (ImageDamaged, ImageUnsupported) as error:
            return f"{sample.path.name}: {error.message}"

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, samples))
    for problem in (item for item in found if isinstance(item, str)):
        emit(left_out(problem))
    kept = [(item, labels[s.label]) for item, s in zip(found, samples, strict=True) if not isinstance(item, str)]
    if not kept:
        hint = say("Give a data set with whole pictures.", "请给出图片完好的数据集。")
        raise DatasetInvalid("None of the pictures can be read.", hint=hint)
    return Pictures(tuple(pixels for pixels, _ in kept), tuple(label for _, label in kept))


def labels_of(dataset: ImageNetDataset, classes: Sequence[str]) -> list[int]:
    """Return the model's label for each class of a data set, found by name.

    Raises:
        ClassCountMismatch: The data set has a class that the model does not know (-306).
    """
    places = {name: label for label, name in enumerate(classes)}
    if unknown := [name for name in dataset.classes if name not in places]:
        hint = say(
            f"Give the set it was trained on; the model knows: {', '.join(classes[:8])}.",
            f"请给出训练该模型所用的数据集；模型的类别：{'、'.join(classes[:8])}。",
        )
        text = f"The model does not know {len(unknown)} classes of the data set ({unknown[0]}, ...)."
        raise ClassCountMismatch(text, hint=hint)
    return [places[name] for name in dataset.classes]


def spread(samples: Sequence[Sample], count: int) -> list[Sample]:
    """Choose pictures evenly over all classes: samples are sorted by class and name."""
    if len(samples) <= count:
        return list(samples)
    return [samples[int(index)] for index in np.linspace(0, len(samples) - 1, count).round()]


def some_pictures(dataset: ImageNetDataset, count: int = 8) -> list[Pixels]:
    """Read a few validation pictures, of all classes; damaged ones are passed over."""
    found = []
    for sample in spread(dataset.val or dataset.train, count):
        try:
            found.append(image.read(sample.path))
        except (ImageDamaged, ImageNotFound, ImageUnsupported):
            continue
    return found
