"""How good an exported detector is: mAP on the pictures of a COCO set. Torch-free."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT import image
from BaseDT.arguments import PathLike, checked_path
from BaseDT.dataset.coco import CocoDataset, CocoImage, load
from BaseDT.dataset.upright import upright
from BaseDT.errors import ImageDamaged, ImageUnsupported
from BaseDT.image import Pixels
from BaseDT.metrics import BoxTruth
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener, left_out
from MMEdu.export.int8 import measurement as measure
from MMEdu.export.int8.measurement import Measured, spread
from MMEdu.tasks.classification.evaluation import model_labels, readable
from MMEdu.tasks.detection.data import DetectionData
from XEdu.outputs import box_arrays
from XEdu.outputs.detection import LEAST_SCORE, mean_average_precision
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class BoxExamples:
    """A set for detection; see ``measure.Examples``."""

    dataset: CocoDataset

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.dataset.root.name

    def pictures(self) -> list[Pixels]:
        """Read a few validation pictures; damaged ones are passed over."""
        return some_pictures(self.dataset)

    def judge(self, info: ModelInfo, images: int, emit: Listener) -> BoxJudge:
        """Read what a model needs."""
        assert info.preprocess is not None
        labels = model_labels(self.dataset.classes, info.classes)
        if not self.dataset.val:
            raise measure.nothing_to_measure_with()
        calibration = _read(spread(self.dataset.train, images), info.preprocess, emit)
        read = _read(self.dataset.val, info.preprocess, emit)
        return BoxJudge(
            tuple(pixels for _, pixels, _ in calibration),
            tuple(pixels for _, pixels, _ in read),
            tuple(shape for _, _, shape in read),
            tuple(_truth(picture, labels) for picture, _, _ in read),
            info.preprocess,
            len(info.classes),
        )


@dataclass(frozen=True)
class BoxJudge:
    """A detector's pictures, in memory; see ``measure.Judge``.

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

    def measure(self, file: Path, emit: Listener, what: str) -> Measured:
        """Measure mAP and mAP at an overlap of a half."""
        model = Model.load(file)
        outputs, speed = measure.answers(model, self.pixels, emit, what)
        names = [spec.name for spec in model.backend.outputs]
        found = [
            self._placed(*box_arrays.boxes(out, names), shape) for out, shape in zip(outputs, self.shapes, strict=True)
        ]
        metrics = mean_average_precision(found, self.truth, self.num_classes)
        quality = (("mAP", metrics["map"]), ("mAP50", metrics["map50"]))
        return Measured(file.stat().st_size, quality, speed, len(self.pixels))

    def _placed(
        self, boxes: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], shape: tuple[int, int]
    ) -> npt.NDArray[np.float64]:
        kept = (boxes[:, 4] >= LEAST_SCORE) & (labels >= 0)
        places = self.preprocess.to_original(boxes[kept, :4], picture=shape)
        return np.column_stack([places, boxes[kept, 4], labels[kept]])


def evaluation_set(path: PathLike | None, data: DetectionData | None) -> BoxExamples:
    """Return the data set to calibrate and measure with; raises as ``dataset_of``."""
    return BoxExamples(dataset_of(path, None if data is None else data.dataset))


def pictures(data: DetectionData) -> list[Pixels]:
    """Read a few validation pictures of a loaded data set."""
    return some_pictures(data.dataset)


def dataset_of(path: PathLike | None, loaded: CocoDataset | None) -> CocoDataset:
    """Return the data set to calibrate and measure with: the loaded one where it is the same.

    Raises:
        DatasetNotLoaded: There is none (-603).
        DatasetNotFound, DatasetInvalid, AnnotationMissing: It cannot be read (-101, -201, -701).
    """
    if path is None and loaded is None:
        raise measure.no_dataset()
    if loaded is not None and (path is None or loaded.root == Path(os.path.abspath(path))):  # noqa: PTH100
        return loaded
    return upright(load(checked_path("dataset_path", path)))


def some_pictures(dataset: CocoDataset, count: int = 8) -> list[Pixels]:
    """Read a few validation pictures; damaged ones are passed over."""
    return readable([picture.path for picture in spread(dataset.val or dataset.train, count)])


def _read(
    pictures: tuple[CocoImage, ...] | list[CocoImage], preprocess: Preprocess, emit: Listener
) -> list[tuple[CocoImage, Pixels, tuple[int, int]]]:
    found = []
    for picture in pictures:
        try:
            pixels = image.read(picture.path)
        except (ImageDamaged, ImageUnsupported) as error:
            emit(left_out(f"{picture.path.name}: {error.message}"))
            continue
        found.append((picture, preprocess.pixels(pixels), (pixels.shape[0], pixels.shape[1])))
    if not found:
        raise measure.nothing_to_measure_with()
    return found


def _truth(picture: CocoImage, labels: list[int]) -> BoxTruth:
    boxes = picture.boxes
    return BoxTruth(
        np.array([box.corners for box in boxes], np.float64).reshape(-1, 4),
        np.array([labels[box.label] for box in boxes], np.int64),
        np.array([box.crowd for box in boxes], bool),
    )
