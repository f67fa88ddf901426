"""How good an exported classifier is: top-1 and top-5 on the pictures of an ImageNet-style set. Torch-free."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from BaseDT import image
from BaseDT.arguments import PathLike, checked_path
from BaseDT.dataset.imagenet import load
from BaseDT.dataset.samples import ImageNetDataset, Sample
from BaseDT.errors import ClassCountMismatch, DatasetInvalid, ImageDamaged, ImageNotFound, ImageUnsupported
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener, Notice, left_out
from MMEdu.export.int8 import measurement as measure
from MMEdu.export.int8.measurement import Measured, spread
from MMEdu.tasks.classification.data import ClassificationData
from XEdu.outputs.classification import accuracies
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class ClassExamples:
    """A set for classification; see ``measure.Examples``."""

    dataset: ImageNetDataset

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.dataset.root.name

    def pictures(self) -> list[Pixels]:
        """Read a few validation pictures, of all classes; damaged ones are passed over."""
        return some_pictures(self.dataset)

    def judge(self, info: ModelInfo, images: int, emit: Listener) -> ClassJudge:
        """Read what a model needs."""
        assert info.preprocess is not None
        labels = labels_of(self.dataset, info.classes)
        if not self.dataset.val:
            raise measure.nothing_to_measure_with()
        if missing := set(info.classes) - {self.dataset.classes[sample.label] for sample in self.dataset.val}:
            names = ", ".join(sorted(missing)[:5])
            text = f"Without validation pictures, and so not measured: {len(missing)} classes ({names})."
            emit(Notice(say(text, f"有 {len(missing)} 个类别没有验证图片，无法测量：{names}。")))
        pixels, _ = _read(spread(self.dataset.train, images), labels, info.preprocess, emit)
        return ClassJudge(pixels, *_read(self.dataset.val, labels, info.preprocess, emit))


@dataclass(frozen=True)
class ClassJudge:
    """A classifier's pictures, in memory; see ``measure.Judge``.

    Attributes:
        calibration: (H, W, C) uint8 each.
        pixels: To measure with, likewise.
        labels: Of ``pixels``, in the model's own order of classes.
    """

    calibration: tuple[Pixels, ...]
    pixels: tuple[Pixels, ...]
    labels: tuple[int, ...]

    def measure(self, file: Path, emit: Listener, what: str) -> Measured:
        """Measure top-1 and top-5; of five classes or fewer the latter is 100 by definition."""
        outputs, speed = measure.answers(Model.load(file), self.pixels, emit, what)
        scores = np.stack([output[0].reshape(-1) for output in outputs])
        quality = tuple((f"top-{k}", value) for k, value in accuracies(scores, np.asarray(self.labels)).items())
        return Measured(file.stat().st_size, quality, speed, len(self.labels))


def evaluation_set(path: PathLike | None, data: ClassificationData | None) -> ClassExamples:
    """Return the data set to calibrate and measure with; raises as ``dataset_of``."""
    return ClassExamples(dataset_of(path, None if data is None else data.dataset))


def pictures(data: ClassificationData) -> list[Pixels]:
    """Read a few validation pictures of a loaded data set."""
    return some_pictures(data.dataset)


def dataset_of(path: PathLike | None, loaded: ImageNetDataset | None) -> ImageNetDataset:
    """Return the data set to calibrate and measure with: the loaded one where it is the same.

    Raises:
        DatasetNotLoaded: There is none (-603).
        DatasetNotFound, DatasetInvalid: It cannot be read (-101, -201).
    """
    if path is None and loaded is None:
        raise measure.no_dataset()
    if loaded is not None and (path is None or loaded.root == Path(os.path.abspath(path))):  # noqa: PTH100
        return loaded
    return load(checked_path("dataset_path", path))


def some_pictures(dataset: ImageNetDataset, count: int = 8) -> list[Pixels]:
    """Read a few validation pictures, of all classes; damaged ones are passed over."""
    return readable([sample.path for sample in spread(dataset.val or dataset.train, count)])


def readable(paths: Sequence[Path]) -> list[Pixels]:
    """Read pictures; damaged ones are passed over."""
    found = []
    for path in paths:
        try:
            found.append(image.read(path))
        except (ImageDamaged, ImageNotFound, ImageUnsupported):
            continue
    return found


def labels_of(dataset: ImageNetDataset, classes: Sequence[str]) -> list[int]:
    """Return the model's label for each class of a data set, found by name.

    Raises:
        ClassCountMismatch: The data set has a class that the model does not know (-306).
    """
    return model_labels(dataset.classes, classes)


def model_labels(wanted: Sequence[str], classes: Sequence[str]) -> list[int]:
    """Find names among a model's classes.

    Raises:
        ClassCountMismatch: The model does not know one (-306).
    """
    places = {name: label for label, name in enumerate(classes)}
    if unknown := [name for name in wanted if name not in places]:
        hint = say(
            f"Give the set it was trained on; the model knows: {', '.join(classes[:8])}.",
            f"请给出训练该模型所用的数据集；模型的类别：{'、'.join(classes[:8])}。",
        )
        text = f"The model does not know {len(unknown)} classes of the data set ({unknown[0]}, ...)."
        raise ClassCountMismatch(text, hint=hint)
    return [places[name] for name in wanted]


def _read(
    samples: Sequence[Sample], labels: Sequence[int], preprocess: Preprocess, emit: Listener
) -> tuple[tuple[Pixels, ...], tuple[int, ...]]:
    """Read pictures as a model sees them, with the model's labels; those that are damaged are left out and named."""

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
    return tuple(pixels for pixels, _ in kept), tuple(label for _, label in kept)
