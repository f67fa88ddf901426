"""How good a detector is: the one evaluator of validation, report, INT8 and exported files. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import PathLike
from BaseDT.dataset.coco import CocoDataset, CocoImage, load
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.upright import upright
from BaseDT.image import Pixels
from BaseDT.metrics import BoxMetrics, BoxTruth, coco_map
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener
from MMEdu.export import measurement
from MMEdu.export.measurement import Measurement, labels_in_model, read_pictures
from MMEdu.tasks.detection.data import DetectionData
from MMEdu.tasks.detection.targets import Detections
from XEdu.outputs.detection import LEAST_SCORE, mean_average_precision, truth_of
from XEdu.outputs.parts import box_arrays
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model

_RANKED_BOXES = 100
"""So many scores of a picture are compared; detectors give another number of boxes for each."""


def box_metrics(
    predictions: Sequence[Detections], truth: Sequence[BoxTruth], num_classes: int, *, of_masks: bool = False
) -> BoxMetrics:
    """Score predictions against the truth: COCO's mAP, by boxes or by masks.

    Args:
        predictions: What was detected in each picture.
        truth: What is in each picture.
        num_classes: How many classes there are.
        of_masks: Whether the masks are compared, not the boxes.

    Raises:
        DependencyMissing: faster-coco-eval is not installed (-502).
    """
    masks = [detections.masks or () for detections in predictions] if of_masks else None
    return coco_map([detections.rows for detections in predictions], truth, num_classes, masks=masks)


@dataclass(frozen=True)
class DetectionEvaluationSet:
    """A set for detection; see ``measurement.EvaluationSet``."""

    dataset: CocoDataset

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.dataset.root.name

    def pictures(self) -> list[Pixels]:
        """Read a few validation pictures; damaged ones are passed over."""
        return measurement.some_pictures(self.dataset.val or self.dataset.train)

    def evaluator(self, info: ModelInfo, images: int, emit: Listener) -> DetectionEvaluator:
        """Read what a model needs."""
        assert info.preprocess is not None
        labels = dict(enumerate(labels_in_model(self.dataset.classes, info.classes)))
        if not self.dataset.val:
            raise measurement.nothing_to_measure_with()
        calibration = _read(spread(self.dataset.train, images), info.preprocess, emit)
        validation = _read(self.dataset.val, info.preprocess, emit)
        return DetectionEvaluator(
            tuple(pixels for _, pixels, _ in calibration),
            tuple(pixels for _, pixels, _ in validation),
            tuple(shape for _, _, shape in validation),
            tuple(truth_of(picture.boxes, labels) for picture, _, _ in validation),
            info.preprocess,
            len(info.classes),
        )


@dataclass(frozen=True)
class DetectionEvaluator:
    """A detector's pictures, in memory; see ``measurement.Evaluator``.

    Attributes:
        calibration: (H, W, C) uint8 each.
        pixels: To measure with, likewise.
        shapes: Height and width of the pictures that ``pixels`` were made of.
        truth: What is in them, with the model's own labels.
        preprocess: The model's.
        num_classes: Of the model.
    """

    calibration: tuple[Pixels, ...]
    pixels: tuple[Pixels, ...]
    shapes: tuple[tuple[int, int], ...]
    truth: tuple[BoxTruth, ...]
    preprocess: Preprocess
    num_classes: int

    def measure(self, file: Path, emit: Listener, what: str) -> Measurement:
        """Measure mAP and mAP at an overlap of a half."""
        model = Model.load(file)
        outputs, speed = measurement.run_all(model, self.pixels, emit, what)
        names = [spec.name for spec in model.backend.outputs]
        predictions = [
            self._on_picture(*box_arrays.boxes(arrays, names), shape)
            for arrays, shape in zip(outputs, self.shapes, strict=True)
        ]
        metrics = mean_average_precision(predictions, self.truth, self.num_classes)
        quality = (("mAP", metrics["map"]), ("mAP50", metrics["map50"]))
        return Measurement(file.stat().st_size, quality, speed, len(self.pixels))

    def comparable(self, outputs: Sequence[Array]) -> npt.NDArray[Any]:
        """Return the scores of a picture's boxes, the best first, filled up with zeros to a fixed number."""
        scores = np.pad(outputs[0].reshape(-1, 5)[:, 4], (0, _RANKED_BOXES))
        return -np.sort(-scores)[:_RANKED_BOXES]

    def _on_picture(
        self, boxes: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], shape: tuple[int, int]
    ) -> npt.NDArray[np.float64]:
        """Return rows (k, 6) in pixels of the original picture."""
        # Some exporters fill up to a fixed number with the label -1.
        sure = (boxes[:, 4] >= LEAST_SCORE) & (labels >= 0)
        corners = self.preprocess.to_original(boxes[sure, :4], picture=shape)
        return np.column_stack([corners, boxes[sure, 4], labels[sure]])


def evaluation_set(path: PathLike | None, data: DetectionData | None) -> DetectionEvaluationSet:
    """Return the data set to calibrate and measure with: the loaded one where it is the same.

    Raises:
        DatasetNotLoaded: There is none (-603).
        DatasetNotFound, DatasetInvalid, AnnotationMissing: It cannot be read (-101, -201, -701).
    """
    return DetectionEvaluationSet(measurement.dataset_of(path, data, lambda folder: upright(load(folder))))


def pictures(data: DetectionData) -> list[Pixels]:
    """Read a few validation pictures of a loaded data set."""
    return DetectionEvaluationSet(data.dataset).pictures()


def _read(
    images: Sequence[CocoImage], preprocess: Preprocess, emit: Listener
) -> list[tuple[CocoImage, Pixels, tuple[int, int]]]:
    """Read pictures as a model sees them, with (height, width) of the original; damaged ones are left out and named."""

    def prepare(pixels: Pixels) -> tuple[Pixels, tuple[int, int]]:
        return preprocess.pixels(pixels), (pixels.shape[0], pixels.shape[1])

    rows = [(image, *prepared) for image, prepared in read_pictures(images, emit, prepare, preprocess.reading)]
    if not rows:
        raise measurement.nothing_to_measure_with()
    return rows
