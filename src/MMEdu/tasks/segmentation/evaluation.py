"""How good a segmenter is: the one evaluator of validation, report, INT8 and exported files. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.arguments import PathLike
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.masked import MaskedImage, SegmentationDataset
from BaseDT.dataset.segmentation import load
from BaseDT.image import Pixels
from BaseDT.metrics.segmentation import PixelCounts, mean_accuracy, mean_iou, pixel_accuracy, pixel_confusion
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener
from MMEdu.export import measurement
from MMEdu.export.measurement import Measurement, labels_in_model, read_pictures, run_all, whole_pictures
from MMEdu.tasks.segmentation.data import SegmentationData
from MMEdu.tasks.segmentation.samples import Mask, packed, unpacked
from XEdu.outputs import segmentation as outputs
from XEdu.outputs.parts import label_maps
from XEdu.outputs.segmentation import truth_table
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model

_COMPARED = 32
"""Rows and columns of the map of probabilities by which two files of a model are compared."""


@dataclass(frozen=True, eq=False)
class JudgedMask:
    """What was predicted for a picture, and how right it is.

    Attributes:
        counts: (C, C + 1), see ``BaseDT.metrics.segmentation``.
        mask: The predicted labels of the original picture, packed; see ``predicted``.
    """

    counts: PixelCounts
    mask: npt.NDArray[np.uint8]

    @property
    def predicted(self) -> Mask:
        """(H, W) of labels."""
        return unpacked(self.mask)


def mask_of(logits: Array, preprocess: Preprocess, size: tuple[int, int], classes: int) -> Mask:
    """Return the labels of a picture of (height, width), as deployment decodes a network's logits (C, h, w)."""
    values = label_maps.probabilities(label_maps.planes(logits, classes))
    return label_maps.label_map(values, preprocess.placement(size), preprocess.size)[0]


def judged(logits: Array, truth: Mask, preprocess: Preprocess, classes: int) -> JudgedMask:
    """Compare what a network says of a picture, logits (C, h, w), with its labels (H, W)."""
    mask = mask_of(logits, preprocess, (truth.shape[0], truth.shape[1]), classes)
    return JudgedMask(pixel_confusion(truth, mask, classes, unanswered=True), packed(mask))


def pixel_metrics(counts: Sequence[PixelCounts]) -> dict[str, float]:
    """Return ``mIoU``, ``mAcc`` and ``aAcc`` of pictures together, 0 to 1; 0 where no pixel is known."""
    total = np.sum(counts, axis=0)
    values = {"mIoU": mean_iou(total), "mAcc": mean_accuracy(total), "aAcc": pixel_accuracy(total)}
    return {name: round(value or 0.0, 4) for name, value in values.items()}


@dataclass(frozen=True)
class SegmentationEvaluationSet:
    """A set for segmentation; see ``measurement.EvaluationSet``."""

    dataset: SegmentationDataset

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.dataset.root.name

    def pictures(self) -> list[Pixels]:
        """Read a few validation pictures; damaged ones are passed over."""
        return measurement.some_pictures(self.dataset.val or self.dataset.train)

    def evaluator(self, info: ModelInfo, images: int, emit: Listener) -> SegmentationEvaluator:
        """Read what a model needs."""
        assert info.preprocess is not None
        labels_in_model(self.dataset.classes, info.classes)  # it must know them all
        if not self.dataset.val:
            raise measurement.nothing_to_measure_with()
        calibration = whole_pictures(spread(self.dataset.train, images), info.preprocess, emit)
        table = truth_table(self.dataset.classes, info.classes)
        validation = _read(self.dataset.val, info.preprocess, table, emit)
        return SegmentationEvaluator(
            tuple(pixels for _, pixels in calibration),
            tuple(pixels for _, pixels, _ in validation),
            tuple(packed(truth) for _, _, truth in validation),
            info,
        )


@dataclass(frozen=True)
class SegmentationEvaluator:
    """A segmenter's pictures, in memory; see ``measurement.Evaluator``.

    Attributes:
        calibration: (H, W, C) uint8 each.
        pixels: To measure with, likewise.
        truth: Their masks in the original size, with the model's own labels, packed.
        info: What the model says of itself.
    """

    calibration: tuple[Pixels, ...]
    pixels: tuple[Pixels, ...]
    truth: tuple[npt.NDArray[np.uint8], ...]
    info: ModelInfo

    def measure(self, file: Path, emit: Listener, what: str) -> Measurement:
        """Measure mIoU and the share of right pixels."""
        model = Model.load(file)
        outputs, speed = run_all(model, self.pixels, emit, what)
        assert self.info.preprocess is not None
        counts = [
            judged(arrays[0], unpacked(truth), self.info.preprocess, len(self.info.classes)).counts
            for arrays, truth in zip(outputs, self.truth, strict=True)
        ]
        metrics = pixel_metrics(counts)
        quality = (("mIoU", 100 * metrics["mIoU"]), ("aAcc", 100 * metrics["aAcc"]))
        return Measurement(file.stat().st_size, quality, speed, len(self.pixels))

    def comparable(self, arrays: Sequence[Array]) -> npt.NDArray[Any]:
        """Return the probabilities of all classes in some places of a picture."""
        values = outputs.probabilities(arrays[0], self.info)
        maps = [cv2.resize(plane, (_COMPARED, _COMPARED), interpolation=cv2.INTER_AREA) for plane in values]
        return np.stack(maps).ravel()


def evaluation_set(path: PathLike | None, data: SegmentationData | None) -> SegmentationEvaluationSet:
    """Return the data set to calibrate and measure with: the loaded one where it is the same.

    Raises:
        DatasetNotLoaded: There is none (-603).
        DatasetNotFound, DatasetInvalid, AnnotationMissing: It cannot be read (-101, -201, -701).
    """
    return SegmentationEvaluationSet(measurement.dataset_of(path, data, load))


def pictures(data: SegmentationData) -> list[Pixels]:
    """Read a few validation pictures of a loaded data set."""
    return SegmentationEvaluationSet(data.dataset).pictures()


def _read(
    images: Sequence[MaskedImage], preprocess: Preprocess, table: npt.NDArray[np.uint8], emit: Listener
) -> list[tuple[MaskedImage, Pixels, Mask]]:
    """Read pictures as a model sees them, and their labels; damaged ones are left out and named."""
    pairs = read_pictures(images, emit, preprocess.pixels, preprocess.reading)
    rows = [(image, pixels, np.asarray(cv2.LUT(image.read_mask(), table), np.uint8)) for image, pixels in pairs]
    if not rows:
        raise measurement.nothing_to_measure_with()
    return rows
