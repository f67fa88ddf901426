"""How good a model of several labels a picture is, once exported: mAP and F1, for INT8. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.dividing import spread
from BaseDT.dataset.samples import MultiLabelDataset, MultiLabelSample
from BaseDT.errors import DatasetInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.metrics.multi_label import label_counts, macro, mean_average_precision, precision_recall_f1
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from BaseDT.results.multi_label import reached
from MMEdu.engine.events import Listener
from MMEdu.export import measurement
from MMEdu.export.measurement import Measurement, labels_in_model, whole_pictures
from XEdu.outputs import multi_label
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class MultiLabelEvaluationSet:
    """A set whose pictures have several labels; see ``measurement.EvaluationSet``."""

    dataset: MultiLabelDataset

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.dataset.root.name

    def pictures(self) -> list[Pixels]:
        """Read a few validation pictures; damaged ones are passed over."""
        return measurement.some_pictures(self.dataset.val or self.dataset.train)

    def evaluator(self, info: ModelInfo, images: int, emit: Listener) -> MultiLabelEvaluator:
        """Read what a model needs.

        Raises:
            DatasetInvalid: The model gives one class a picture, or there is nothing to measure with (-201).
        """
        assert info.preprocess is not None
        if info.kind != multi_label.NAME:
            raise _other_kind()
        labels = labels_in_model(self.dataset.classes, info.classes)
        if not self.dataset.val:
            raise measurement.nothing_to_measure_with()
        count = len(info.classes)
        calibration, _ = _read(spread(self.dataset.train, images), labels, count, info.preprocess, emit)
        pixels, truth = _read(self.dataset.val, labels, count, info.preprocess, emit)
        thresholds = multi_label.thresholds_of(info.options, multi_label.OWN, count)
        return MultiLabelEvaluator(calibration, pixels, truth, np.array(thresholds))


@dataclass(frozen=True, eq=False)
class MultiLabelEvaluator:
    """Pictures in memory; see ``measurement.Evaluator``.

    Attributes:
        calibration: (H, W, C) uint8 each.
        pixels: To measure with, likewise.
        truth: Which of ``pixels`` has which of the model's labels, (N, labels).
        thresholds: From which on a label is reported, (labels,).
    """

    calibration: tuple[Pixels, ...]
    pixels: tuple[Pixels, ...]
    truth: npt.NDArray[np.bool_]
    thresholds: npt.NDArray[np.float64]

    def measure(self, file: Path, emit: Listener, what: str) -> Measurement:
        """Measure mAP, and the labels' mean F1 at their thresholds, in percent."""
        outputs, speed = measurement.run_all(Model.load(file), self.pixels, emit, what)
        scores = np.stack([self.comparable(arrays) for arrays in outputs])
        counts = label_counts(reached(scores, self.thresholds), self.truth)
        f1 = macro(precision_recall_f1(counts)[2], counts)
        quality = (("mAP", mean_average_precision(scores, self.truth)), ("F1", f1))
        return Measurement(file.stat().st_size, quality, speed, len(self.pixels))

    def comparable(self, outputs: Sequence[Array]) -> npt.NDArray[Any]:
        """Return the probabilities (C,) of a picture."""
        return outputs[0].reshape(-1)


def _read(
    samples: Sequence[MultiLabelSample], labels: Sequence[int], count: int, preprocess: Preprocess, emit: Listener
) -> tuple[tuple[Pixels, ...], npt.NDArray[np.bool_]]:
    """Read pictures as a model sees them, with the model's labels; those that are damaged are left out and named."""
    pairs = whole_pictures(samples, preprocess, emit)
    truth = np.zeros((len(pairs), count), dtype=bool)
    for row, (sample, _) in zip(truth, pairs, strict=True):
        row[[labels[label] for label in sample.labels]] = True
    return tuple(pixels for _, pixels in pairs), truth


def _other_kind() -> DatasetInvalid:
    return DatasetInvalid(
        say(
            "The pictures of this set have several labels, and the model gives one class a picture.",
            "该数据集的图片有多个标签，而模型每张图片只给出一个类别。",
        ),
        hint=say("Give the set that it was trained on.", "请给出训练该模型所用的数据集。"),
    )
