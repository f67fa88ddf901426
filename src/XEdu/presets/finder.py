"""Finds hands, faces or bodies with their points in one picture: detectors, regions, a network of points. No state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from BaseDT.geometry import boxes as box_arithmetic
from BaseDT.geometry.regions import RotatedRegion
from BaseDT.image import Pixels
from XEdu.presets import located, regions
from XEdu.presets.located import Located
from XEdu.presets.networks import Detector, PointsNetwork, RawPoints
from XEdu.presets.subjects import Subject

Floats = npt.NDArray[np.float64]
_SAME = 0.12  # of the size: points of one object that was found twice lie nearer to each other
_ONE_REGION = 0.5  # IoU
_QUARTERS = (0.0, math.pi / 2, math.pi, -math.pi / 2)
_LEAST_IN_BOX = 0.3  # somebody has said that there is one
_CLOSE_UP = 2.0  # times the picture: what fills it is too large for a detector
_BESIDE = 1.5  # times a given box: what a detector needs to see around an object


@dataclass(frozen=True)
class Posed:
    """One object with its points.

    Attributes:
        raw: What the network said.
        region: Where it looked.
    """

    raw: RawPoints
    region: RotatedRegion

    @property
    def size(self) -> float:
        """The longer side of the box around its points, in pixels."""
        return float(np.ptp(self.raw.points, axis=0).max())


@dataclass(frozen=True)
class Finder:
    """The opened networks of a subject; several threads may call it."""

    subject: Subject
    detectors: Sequence[Detector]
    network: PointsNetwork

    def find(self, picture: Pixels, threshold: float, known: Sequence[Posed] = ()) -> list[Posed]:
        """Return every object in a picture, the surest first.

        Args:
            picture: H×W×3 BGR or H×W gray.
            threshold: Least score of a detection, and of its points being there.
            known: Objects of this picture that are known already: they are not looked for again.
        """
        return self._posed(picture, self.located(picture, threshold), threshold, known)

    def find_patiently(self, picture: Pixels, threshold: float) -> list[Posed]:
        """As ``find``, with ``located_patiently``; at last the whole picture may be the object."""
        found = self._posed(picture, self.located_patiently(picture, threshold), threshold, ())
        if found or self.subject.fills is None:
            return found
        height, width = picture.shape[:2]
        posed = self._in_any_turn(picture, (0, 0, width, height))
        return [posed] if posed is not None and posed.raw.presence >= max(self.subject.fills, threshold) else []

    def located_patiently(self, picture: Pixels, threshold: float) -> list[Located]:
        """As ``located``; where there is nothing, look from farther away, too: a close-up fills the picture."""
        farther = regions.whole(*picture.shape[:2]).varied(scale=_CLOSE_UP)
        return self.located(picture, threshold) or self.located(picture, threshold, farther)

    def _posed(
        self, picture: Pixels, detections: Sequence[Located], threshold: float, known: Sequence[Posed]
    ) -> list[Posed]:
        found: list[Posed] = []
        for one in detections:
            region = self.subject.region_of(one)
            if any(_overlaps(region, other.region) for other in known):
                continue
            posed = self.at(picture, region, threshold)
            if posed is not None and not any(same(posed, other) for other in (*known, *found)):
                found.append(posed)
        return sorted(found, key=lambda posed: -posed.raw.presence)

    def located(self, picture: Pixels, threshold: float, region: RotatedRegion | None = None) -> list[Located]:
        """Return what the detectors find, the surest first, each object once."""
        where = region or regions.whole(*picture.shape[:2])
        found = [one for detector in self.detectors for one in detector.find(picture, where, threshold)]
        if len(self.detectors) < 2:
            return found
        found.sort(key=lambda one: -one.score)
        if not found:
            return []
        boxes, points = np.stack([one.box for one in found]), np.stack([one.points for one in found])
        return located.merged(boxes, points, np.array([one.score for one in found]))

    def at(self, picture: Pixels, region: RotatedRegion, threshold: float) -> Posed | None:
        """Return the object in a region; None where there is none."""
        if not _can_be_cut(region, picture):
            return None
        raw = self.network.of(picture, region)
        if not raw.presence >= threshold or not np.isfinite(raw.points).all():
            return None
        return Posed(raw, region)

    def in_box(self, picture: Pixels, box: Sequence[float]) -> Posed | None:
        """Return the object in a box, however sure it is; None where the box lies beside the picture."""
        around = RotatedRegion.of_box(box, (1, 1), _BESIDE)
        inside = [one for one in self.located(picture, _LEAST_IN_BOX, around) if _middle_in(one, box)]
        if inside:
            return self.at(picture, self.subject.region_of(inside[0]), 0.0)
        return self._in_any_turn(picture, box)

    def _in_any_turn(self, picture: Pixels, box: Sequence[float]) -> Posed | None:
        """Return what a box shows, however it is turned: the surest turn says it roughly, its points exactly."""
        region = RotatedRegion.of_box(box, (1, 1))
        turned = [self.at(picture, region.varied(rotation=angle), 0.0) for angle in _QUARTERS]
        posed = _surest(turned)
        if posed is None:
            return None
        return _surest([posed, self.at(picture, self.subject.next_region(posed.raw.points), 0.0)])


def _surest(several: Sequence[Posed | None]) -> Posed | None:
    return max((one for one in several if one is not None), key=lambda one: one.raw.presence, default=None)


def same(one: Posed, other: Posed) -> bool:
    """Tell whether two are one object: their points lie on each other. Boxes of two folded hands would do so, too."""
    distance = np.hypot(*(one.raw.points - other.raw.points).T).mean()
    return float(distance) < _SAME * max(one.size, other.size, 1.0)


def _overlaps(region: RotatedRegion, known: RotatedRegion) -> bool:
    """Whether two regions are one object's: their squares lie on each other, however they are turned."""
    places = np.array([(one.x - one.width / 2, one.y - one.height / 2, one.x + one.width / 2, one.y + one.height / 2)
                       for one in (region, known)])  # fmt: skip
    return float(box_arithmetic.iou(places[:1], places[1:])[0, 0]) > _ONE_REGION


def _middle_in(one: Located, box: Sequence[float]) -> bool:
    x, y = ((one.box[:2] + one.box[2:]) / 2).tolist()
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _can_be_cut(region: RotatedRegion, picture: Pixels) -> bool:
    """Whether a region has an area and lies on the picture at least in part."""
    if not region.is_finite() or region.width < 1 or region.height < 1:
        return False
    corners = region.corners()
    height, width = picture.shape[:2]
    low, high = corners.min(axis=0), corners.max(axis=0)
    return bool((high > 0).all() and (low < (width, height)).all() and region.width < 64 * max(height, width))
