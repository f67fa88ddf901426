"""How good a classifier is: the one evaluator of validation, INT8 and exported files. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import PathLike
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.labelled import load
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset, Sample
from BaseDT.errors import DatasetInvalid
from BaseDT.image import Pixels
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener, Notice
from MMEdu.export import measurement
from MMEdu.export.measurement import Measurement, labels_in_model, whole_pictures
from MMEdu.tasks.classification.data import ClassificationData
from MMEdu.tasks.classification.label_evaluation import MultiLabelEvaluationSet
from XEdu.outputs.classification import accuracies
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class ClassificationEvaluationSet:
    """A set for classification; see ``measurement.EvaluationSet``."""

    dataset: ImageNetDataset

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.dataset.root.name

    def pictures(self) -> list[Pixels]:
        """Read a few validation pictures, of all classes; damaged ones are passed over."""
        return measurement.some_pictures(self.dataset.val or self.dataset.train)

    def evaluator(self, info: ModelInfo, images: int, emit: Listener) -> ClassificationEvaluator:
        """Read what a model needs."""
        assert info.preprocess is not None
        if info.kind != "classification":
            raise _other_kind()
        labels = labels_in_model(self.dataset.classes, info.classes)
        if not self.dataset.val:
            raise measurement.nothing_to_measure_with()
        if missing := set(info.classes) - {self.dataset.classes[sample.label] for sample in self.dataset.val}:
            names = shortened(sorted(missing), 5)
            text = f"Without validation pictures, and so not measured: {len(missing)} classes ({english(names)})."
            emit(Notice(say(text, f"有 {len(missing)} 个类别没有验证图片，无法测量：{names}。")))
        calibration, _ = _read(spread(self.dataset.train, images), labels, info.preprocess, emit)
        return ClassificationEvaluator(calibration, *_read(self.dataset.val, labels, info.preprocess, emit))


@dataclass(frozen=True)
class ClassificationEvaluator:
    """A classifier's pictures, in memory; see ``measurement.Evaluator``.

    Attributes:
        calibration: (H, W, C) uint8 each.
        pixels: To measure with, likewise.
        labels: Of ``pixels``, in the model's own order of classes.
    """

    calibration: tuple[Pixels, ...]
    pixels: tuple[Pixels, ...]
    labels: tuple[int, ...]

    def measure(self, file: Path, emit: Listener, what: str) -> Measurement:
        """Measure top-1 and top-5; of five classes or fewer the latter is 100 by definition."""
        outputs, speed = measurement.run_all(Model.load(file), self.pixels, emit, what)
        scores = np.stack([self.comparable(arrays) for arrays in outputs])
        quality = tuple((f"top-{k}", value) for k, value in accuracies(scores, np.asarray(self.labels)).items())
        return Measurement(file.stat().st_size, quality, speed, len(self.labels))

    def comparable(self, outputs: Sequence[Array]) -> npt.NDArray[Any]:
        """Return the probabilities (C,) of a picture."""
        return outputs[0].reshape(-1)


def evaluation_set(
    path: PathLike | None, data: ClassificationData | None
) -> ClassificationEvaluationSet | MultiLabelEvaluationSet:
    """Return the data set to calibrate and measure with: the loaded one where it is the same.

    Raises:
        DatasetNotLoaded: There is none (-603).
        DatasetNotFound, DatasetInvalid: It cannot be read (-101, -201).
    """
    return _set_of(measurement.dataset_of(path, data, load))


def _set_of(dataset: ImageNetDataset | MultiLabelDataset) -> ClassificationEvaluationSet | MultiLabelEvaluationSet:
    if isinstance(dataset, MultiLabelDataset):
        return MultiLabelEvaluationSet(dataset)
    return ClassificationEvaluationSet(dataset)


def pictures(data: ClassificationData) -> list[Pixels]:
    """Read a few validation pictures of a loaded data set."""
    return _set_of(data.dataset).pictures()


def _other_kind() -> DatasetInvalid:
    return DatasetInvalid(
        say(
            "The pictures of this set have one class each, and the model gives several labels a picture.",
            "该数据集的每张图片只有一个类别，而模型可给出多个标签。",
        ),
        hint=say("Give the set that it was trained on.", "请给出训练该模型所用的数据集。"),
    )


def _read(
    samples: Sequence[Sample], labels: Sequence[int], preprocess: Preprocess, emit: Listener
) -> tuple[tuple[Pixels, ...], tuple[int, ...]]:
    """Read pictures as a model sees them, with the model's labels; those that are damaged are left out and named."""
    pairs = whole_pictures(samples, preprocess, emit)
    return tuple(pixels for _, pixels in pairs), tuple(labels[sample.label] for sample, _ in pairs)
