"""What a model of keypoints found of persons whose points are known: the input of every report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import metrics
from BaseDT.dataset.keypoint_samples import PosedObject
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.metrics import PointMetrics, PoseTruth
from BaseDT.metrics import keypoints as point_metrics
from BaseDT.metrics.keypoints import ALPHA

Floats = npt.NDArray[np.float64]
_OKS_PACKAGE = "faster_coco_eval"
_EXCHANGED = 2  # points: one alone may have been exchanged for another reason


@dataclass(frozen=True, eq=False)
class EvaluatedPoints:
    """An evaluation of N persons with K points.

    Attributes:
        names: Of the points, as the model has them.
        skeleton: Pairs of points that bones join, from 0.
        people: The persons, N of them; several of one picture share its file.
        truth: Their points in the model's order, (N, K, 3) of x, y and 0 where it is not labelled.
        found: The model's, (N, K, 2) in pixels of the picture; NaN where it found nobody.
        scores: Of each point, (N, K).
        flip_pairs: Pairs of points that are left and right, from 0.
        alpha: A point is right within so much of the larger side of its person's box.
        bits: Of pictures of 16 bits, to show them as the model saw them; see ``BaseDT.image.read``.

    Raises:
        ParameterInvalid: There are not N of each, or not K points (-305).
    """

    names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...]
    people: tuple[PosedObject, ...]
    truth: Floats
    found: Floats
    scores: Floats
    flip_pairs: tuple[tuple[int, int], ...] = ()
    alpha: float = ALPHA
    bits: int = 16

    def __post_init__(self) -> None:
        shape = (len(self.people), len(self.names))
        if (self.truth.shape, self.found.shape, self.scores.shape) != ((*shape, 3), (*shape, 2), shape):
            raise ParameterInvalid(
                say(
                    f"an evaluation of {shape[0]} persons with {shape[1]} points has truths {self.truth.shape}, "
                    f"answers {self.found.shape} and scores {self.scores.shape}.",
                    f"评估有 {shape[0]} 个人、{shape[1]} 个关键点，但标注为 {self.truth.shape}，"
                    f"预测为 {self.found.shape}，得分为 {self.scores.shape}。",
                )
            )

    @cached_property
    def distances(self) -> Floats:
        """How far each point is off, as a share of its person's box, (N, K); NaN where it is not labelled."""
        return self._distances_of(self.found)

    def _distances_of(self, found: Floats) -> Floats:
        boxes = np.array([person.box for person in self.people], np.float64).reshape(-1, 4)
        distances = point_metrics.errors(found, self.truth, point_metrics.sizes_of(boxes, self.truth, self.names))
        distances[[person.crowd for person in self.people]] = np.nan  # groups are neither right nor wrong
        return distances

    @cached_property
    def points(self) -> PointMetrics:
        """Which points are right."""
        return metrics.pck(self.distances, self.alpha)

    @property
    def areas_known(self) -> bool:
        """Whether the annotations tell the area of every person, by which OKS measures."""
        return bool(self.people) and all(person.area is not None for person in self.people)

    @cached_property
    def oks(self) -> dict[str, float | None] | None:
        """COCO's average precision; None where an area is not known, or faster-coco-eval is not installed."""
        if not self.areas_known or find_spec(_OKS_PACKAGE) is None:
            return None
        by_picture: dict[Any, list[int]] = {}
        for index, person in enumerate(self.people):
            by_picture.setdefault(person.path, []).append(index)
        groups = list(by_picture.values())
        found = [(self.found[group], self.scores[group].mean(axis=1)) for group in groups]
        return metrics.oks_ap(found, [self._truth_of(group) for group in groups], metrics.sigmas_of(self.names))

    def _truth_of(self, group: Sequence[int]) -> PoseTruth:
        people = [self.people[index] for index in group]
        return PoseTruth(
            self.truth[group],
            np.array([person.box for person in people], np.float64),
            np.array([person.counted_area for person in people], np.float64),
            np.array([person.crowd for person in people], np.bool_),
        )

    @cached_property
    def wrong(self) -> npt.NDArray[np.bool_]:
        """Which labelled points are wrong, (N, K)."""
        return np.asarray(~np.isnan(self.distances) & ~(self.distances <= self.alpha))

    @cached_property
    def exchanged(self) -> int:
        """Of how many persons two or more points would be right were left and right exchanged."""
        if not self.flip_pairs:
            return 0
        order = np.arange(len(self.names))
        for left, right in self.flip_pairs:
            order[[left, right]] = right, left
        gained = (self._distances_of(self.found[:, order]) <= self.alpha).sum(axis=1)
        return int((gained - (self.distances <= self.alpha).sum(axis=1) >= _EXCHANGED).sum())

    @cached_property
    def badness(self) -> Floats:
        """How bad each person's answer is, (N,): the share of wrong points, then how far off they are on average."""
        labelled = ~np.isnan(self.distances)
        counts = np.maximum(labelled.sum(axis=1), 1)
        far = np.where(labelled, self.distances, 0).clip(0, 1).sum(axis=1) / counts
        return np.asarray(self.wrong.sum(axis=1) / counts + 1e-3 * far)

    def worst_first(self) -> list[int]:
        """Return the persons with a labelled point, the worst first."""
        labelled = np.flatnonzero((~np.isnan(self.distances)).any(axis=1))
        order: list[int] = labelled[np.argsort(-self.badness[labelled], kind="stable")].tolist()
        return order
