"""``ReadyMade``: what the hub and live pictures need of a task that needs no training; and those that find objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.image import Pixels
from BaseDT.results import DetectionResult, KeypointsResult
from BaseDT.results.skeletons import KnownSkeleton
from XEdu.outputs import kind as kinds
from XEdu.outputs.kind import OutputKind, Result
from XEdu.presets import regions
from XEdu.presets.finder import Finder, Posed
from XEdu.presets.following import Following
from XEdu.presets.subjects import Subject

Floats = npt.NDArray[np.float64]
Box: TypeAlias = Sequence[float]
Frames: TypeAlias = Callable[[Pixels, float, float], Result]
"""Takes the pictures of one film in their order: a picture, seconds, and the least score into its result."""
THRESHOLD = 0.5
"""Least score of what is found: that of the networks' authors."""
_SEEN = 0.5  # least score of a point that a box goes around


class ReadyMade(Protocol):
    """A task that needs no training, opened."""

    @property
    def kind(self) -> OutputKind | None:
        """Of its results; None where they are arrays."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of its classes, by label."""

    @property
    def takes_boxes(self) -> bool:
        """Whether a caller may say where the objects are."""

    @property
    def missed(self) -> tuple[str, str]:
        """What to say where nothing was found, in English and Chinese; empty where something always is."""

    def checked_threshold(self, name: str, value: object) -> float:
        """Return the lowest score of a result that a caller gave; None is the task's own."""
        ...

    def of(self, picture: Pixels, threshold: float, boxes: Sequence[Box] | None = None) -> Result:
        """Return the result of one picture (H×W×3 BGR or H×W gray)."""
        ...

    def frames(self) -> Frames:
        """Return what takes the pictures of one film."""
        ...


@dataclass(frozen=True)
class _Finding:
    """What the tasks that find objects share."""

    finder: Finder
    kind: OutputKind
    missed: tuple[str, str]

    @property
    def classes(self) -> tuple[str, ...]:
        return self.finder.subject.names

    def checked_threshold(self, name: str, value: object) -> float:
        return THRESHOLD if value is None else self.kind.checked_threshold(name, value, None)


@dataclass(frozen=True)
class Points(_Finding):
    """Objects with all their points.

    Attributes:
        chosen: Which of the network's points are results.
        skeleton: Names of these, and which are linked.
    """

    chosen: tuple[int, ...]
    skeleton: KnownSkeleton
    takes_boxes: bool = True

    def of(self, picture: Pixels, threshold: float, boxes: Sequence[Box] | None = None) -> list[KeypointsResult]:
        """Return every object; in boxes that are given, the one of each, however sure it is."""
        if boxes is None:
            found = self.finder.find_patiently(picture, threshold)
        else:
            found = [posed for box in boxes if (posed := self.finder.in_box(picture, box)) is not None]
        results = (self._result(picture, posed, posed.raw.points, posed.raw.depth, posed.raw.right) for posed in found)
        return [result for result in results if result is not None]

    def frames(self) -> Frames:
        """Return what follows the objects through a film, with smoothed points and numbers."""
        following = Following(self.finder, self.finder.subject.most)

        def take(picture: Pixels, seconds: float, threshold: float) -> list[KeypointsResult]:
            seen = following.update(picture, seconds, threshold)
            results = (
                self._result(picture, one.posed, one.points[:, :2], one.points[:, 2], one.right, one.number)
                for one in seen
            )
            return [result for result in results if result is not None]

        return take

    def _result(
        self, picture: Pixels, posed: Posed, points: Floats, depth: Floats, right: float | None,
        number: int | None = None,
    ) -> KeypointsResult | None:  # fmt: skip
        subject, chosen = self.finder.subject, list(self.chosen)
        box = box_of(subject, posed, points, picture)
        if box is None:
            return None
        label = subject.label(right)
        return KeypointsResult(
            points[chosen],
            posed.raw.scores[chosen],
            box=box,
            score=posed.raw.presence,
            label=label,
            name=subject.names[label],
            names=self.skeleton.names,
            skeleton=self.skeleton.bones,
            depth=depth[chosen],
            number=number,
        )


@dataclass(frozen=True)
class Boxes(_Finding):
    """Objects with the box around them.

    Attributes:
        by_points: Whether the box goes around the points: the detector sees only a palm of a hand, and a face of a
            person. Otherwise the box is the detector's, and the network of points only says whether it is right.
    """

    by_points: bool
    takes_boxes: bool = False

    def of(self, picture: Pixels, threshold: float, boxes: Sequence[Box] | None = None) -> list[DetectionResult]:
        """Return every object, the surest first."""
        del boxes
        subject = self.finder.subject
        if not self.by_points:
            sure = (
                one
                for one in self.finder.located_patiently(picture, threshold)
                if self.finder.at(picture, subject.region_of(one), THRESHOLD) is not None
            )
            boxed = ((0, one.score, _clipped(one.box, picture)) for one in sure)
        else:
            found = self.finder.find_patiently(picture, threshold)
            boxed = (
                (subject.label(posed.raw.right), posed.raw.presence, box_of(subject, posed, posed.raw.points, picture))
                for posed in found
            )
        return [
            DetectionResult(label, min(score, 1.0), box, subject.names[label])
            for label, score, box in boxed
            if box is not None
        ]

    def frames(self) -> Frames:
        """Return what takes each picture by itself."""
        return lambda picture, _, threshold: self.of(picture, threshold)


def points_task(
    finder: Finder, missed: tuple[str, str], chosen: Sequence[int] = (), skeleton: KnownSkeleton | None = None
) -> Points:
    """Make a task of points.

    Args:
        finder: Of the subject.
        missed: As ``ReadyMade.missed``.
        chosen: Which of the points are results; all by default.
        skeleton: Of these, where it is not the subject's.
    """
    subject = finder.subject
    numbers = tuple(chosen) or tuple(range(subject.count))
    return Points(finder, kinds.find("keypoints"), missed, numbers, skeleton or subject.skeleton)


def boxes_task(finder: Finder, missed: tuple[str, str], *, by_points: bool) -> Boxes:
    """Make a task of boxes."""
    return Boxes(finder, kinds.find("detection"), missed, by_points)


def box_of(subject: Subject, posed: Posed, points: Floats, picture: Pixels) -> tuple[float, float, float, float] | None:
    """Return the box around an object, within the picture; None where it lies beside it."""
    own, scores = points[: subject.count], posed.raw.scores[: subject.count]
    seen = own[scores >= _SEEN] if (scores >= _SEEN).sum() > 1 else own
    if subject.beyond is not None:
        seen = np.concatenate([seen, subject.beyond(own)])
    return _clipped(regions.bounds(seen, subject.margin), picture)


def _clipped(box: Floats, picture: Pixels) -> tuple[float, float, float, float] | None:
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = np.clip(box, 0, (width, height, width, height)).tolist()
    return (x1, y1, x2, y2) if x2 > x1 and y2 > y1 else None
