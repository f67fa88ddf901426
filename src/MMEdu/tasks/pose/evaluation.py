"""How good a model of keypoints is: the one evaluator of validation, report, INT8 and exported files. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import PathLike
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.keypoints import KeypointsDataset, PosedObject
from BaseDT.errors import ClassCountMismatch
from BaseDT.escaping import one_line
from BaseDT.image import Pixels
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.metrics import keypoints
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener
from MMEdu.export import measurement
from MMEdu.export.measurement import Measurement, read_pictures
from MMEdu.models.pose.options import PoseOptions
from MMEdu.tasks.pose.data import PoseData, read
from MMEdu.tasks.pose.framing import Frame
from XEdu.outputs.parts import point_arrays
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model

_AP_PACKAGE = "faster_coco_eval"
STRICT = 0.05
"""So many times the size of a person a point may be off that counts as right by the stricter measure."""
Found = npt.NDArray[np.float64]
"""(N, K, 3) of x, y in pixels of the picture, and the score."""


def decoded(arrays: Sequence[Array], options: PoseOptions, frames: Sequence[Frame], count: int) -> Found:
    """Turn raw outputs into points on the pictures, as exported files' outputs are.

    Args:
        arrays: The first axis counts persons.
        options: Of the model.
        frames: How each person got into the input.
        count: How many points there are.
    """
    of_arrays = point_arrays.simcc if options.decode == "simcc" else point_arrays.heatmaps
    shares, scores = of_arrays(arrays, options.outputs, count)
    found = np.empty((*scores.shape, 3))
    for row, frame, points in zip(found, frames, shares, strict=True):
        height, width = frame.preprocess.size
        row[:, :2] = frame.to_picture(points * (width, height))
    found[:, :, 2] = scores
    return found


def point_metrics(found: Found, people: Sequence[PosedObject], names: Sequence[str]) -> dict[str, float]:
    """Score points against the truth, 0 to 1: PCK by the box, a stricter one, and OKS-AP where areas are known.

    Args:
        found: Of each person.
        people: The truth.
        names: Of the points.
    """
    off = distances(found, people, names)
    values = {"PCK": keypoints.pck(off).pck or 0.0, f"PCK_{STRICT:g}": keypoints.pck(off, STRICT).pck or 0.0}
    if people and all(person.area is not None for person in people) and find_spec(_AP_PACKAGE) is not None:
        values["AP"] = _average_precision(found, people, names)
    return values


def distances(found: Found, people: Sequence[PosedObject], names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return how far each point is off, (N, K), in sizes of its person; NaN where the truth is not known."""
    truth = np.array([person.points for person in people]).reshape(len(people), len(names), 3)
    boxes = np.array([person.box for person in people]).reshape(-1, 4)
    return keypoints.errors(found[:, :, :2], truth, keypoints.sizes_of(boxes, truth, names))


def _average_precision(found: Found, people: Sequence[PosedObject], names: Sequence[str]) -> float:
    """Measure as COCO does, with boxes that are known."""
    of_picture: dict[Path, list[int]] = {}
    for row, person in enumerate(people):
        of_picture.setdefault(person.path, []).append(row)
    truth, predicted = [], []
    for rows in of_picture.values():
        shown = [people[row] for row in rows]
        truth.append(
            keypoints.PoseTruth(
                np.array([person.points for person in shown]),
                np.array([person.box for person in shown], dtype=np.float64),
                np.array([person.counted_area for person in shown]),
            )
        )
        predicted.append((found[rows][:, :, :2], found[rows][:, :, 2].mean(axis=1)))
    overall = keypoints.oks_ap(predicted, truth, keypoints.sigmas_of(names))
    return overall["AP"] or 0.0


@dataclass(frozen=True)
class PoseEvaluationSet:
    """A set of keypoints; see ``measurement.EvaluationSet``."""

    dataset: KeypointsDataset

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.dataset.root.name

    def pictures(self) -> list[Pixels]:
        """Read a few validation pictures; damaged ones are passed over."""
        return measurement.some_pictures(self.dataset.val or self.dataset.train)

    def evaluator(self, info: ModelInfo, images: int, emit: Listener) -> PoseEvaluator:
        """Read what a model needs."""
        assert info.preprocess is not None
        known = tuple(info.options.get("names", ()))
        if known != self.dataset.names:
            raise _other_points(self.dataset.names, known)
        if not self.dataset.val:
            raise measurement.nothing_to_measure_with()
        calibration = self._seen(spread(self.dataset.train, images), info.preprocess, emit)
        validation = self._seen(self.dataset.val, info.preprocess, emit)
        return PoseEvaluator(
            tuple(pixels for _, pixels, _ in calibration),
            tuple(pixels for _, pixels, _ in validation),
            tuple(frame for _, _, frame in validation),
            tuple(person for person, _, _ in validation),
            PoseOptions(str(info.options.get("decode", "heatmaps"))),
            known,
        )

    def _seen(
        self, people: Sequence[PosedObject], preprocess: Preprocess, emit: Listener
    ) -> list[tuple[PosedObject, Pixels, Frame]]:
        """Read persons as a model sees them; damaged pictures are left out and named."""
        rows = []
        for person, picture in read_pictures(people, emit, lambda picture: picture, preprocess.reading):
            size = (picture.shape[0], picture.shape[1])
            frame = Frame.of(preprocess, size, None if self.dataset.whole_pictures else person.box)
            rows.append((person, frame.pixels(picture), frame))
        if not rows:
            raise measurement.nothing_to_measure_with()
        return rows


@dataclass(frozen=True)
class PoseEvaluator:
    """A model's persons, in memory; see ``measurement.Evaluator``.

    Attributes:
        calibration: (H, W, C) uint8 each.
        pixels: To measure with, likewise.
        frames: How the persons of ``pixels`` got into the input.
        people: Who they are.
        options: How the model's outputs are read.
        names: Of the points.
    """

    calibration: tuple[Pixels, ...]
    pixels: tuple[Pixels, ...]
    frames: tuple[Frame, ...]
    people: tuple[PosedObject, ...]
    options: PoseOptions
    names: tuple[str, ...]

    def measure(self, file: Path, emit: Listener, what: str) -> Measurement:
        """Measure PCK, and the stricter one."""
        model = Model.load(file)
        outputs, speed = measurement.run_all(model, self.pixels, emit, what)
        count = len(self.names)
        found = [
            decoded(arrays, self.options, [frame], count) for arrays, frame in zip(outputs, self.frames, strict=True)
        ]
        metrics = point_metrics(np.concatenate(found), self.people, self.names)
        quality = tuple((name, 100 * value) for name, value in metrics.items())
        return Measurement(file.stat().st_size, quality, speed, len(self.pixels))

    def comparable(self, outputs: Sequence[Array]) -> npt.NDArray[Any]:
        """Return how sure the model is of each point of a person, (K,)."""
        of_arrays = point_arrays.simcc if self.options.decode == "simcc" else point_arrays.heatmaps
        scores: npt.NDArray[Any] = of_arrays(outputs, self.options.outputs, len(self.names))[1][0]
        return scores


def evaluation_set(path: PathLike | None, data: PoseData | None) -> PoseEvaluationSet:
    """Return the data set to calibrate and measure with: the loaded one where it is the same.

    Raises:
        DatasetNotLoaded: There is none (-603).
        DatasetNotFound, DatasetInvalid, AnnotationMissing: It cannot be read (-101, -201, -701).
    """
    return PoseEvaluationSet(measurement.dataset_of(path, data, read))


def pictures(data: PoseData) -> list[Pixels]:
    """Read a few validation pictures of a loaded data set."""
    return PoseEvaluationSet(data.dataset).pictures()


def _other_points(ours: Sequence[str], known: Sequence[str]) -> ClassCountMismatch:
    points = shortened(map(one_line, known))
    return ClassCountMismatch(
        say(
            f"The model knows {len(known)} points, the data set has {len(ours)}, or they are called otherwise.",
            f"模型有 {len(known)} 个关键点，数据集有 {len(ours)} 个，或名称不同。",
        ),
        hint=say(
            f"Give the set it was trained on; the model's points: {english(points)}.",
            f"请给出训练该模型所用的数据集；模型的关键点：{points}。",
        ),
    )
