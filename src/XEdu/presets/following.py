"""Hands, faces or bodies through a film: each keeps its number, is looked for where it was, and its points rest.

The detector runs only where somebody is missing: it costs twice as much as the points. One instance a film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from BaseDT.geometry import boxes as box_arithmetic
from BaseDT.geometry.matching import best_pairs
from BaseDT.image import Pixels
from XEdu.presets import regions
from XEdu.presets.finder import Finder, Posed, same
from XEdu.presets.one_euro import OneEuro

Floats = npt.NDArray[np.float64]
_SEARCH_EVERY = 5
"""Pictures from one look for further objects to the next, where some are followed already."""
_REMEMBERED = 1.0  # seconds after which an object that was lost is a new one
_KNOWN_AGAIN = 0.2  # IoU with where it was lost
_VOTE = 0.2  # weight of the newest picture in what side a hand is of


@dataclass
class _Track:
    number: int
    posed: Posed
    filter: OneEuro
    points: Floats
    right: float | None
    seconds: float
    lost: bool = False

    @property
    def box(self) -> Floats:
        return regions.bounds(self.posed.raw.points, 0.0)


@dataclass(frozen=True)
class Followed:
    """One object in a picture of a film.

    Attributes:
        number: That it keeps, from 1.
        posed: What the network says of this picture.
        points: (K, 3): x, y, depth, smoothed.
        right: How likely it is a right one, by all pictures; None where it has no sides.
    """

    number: int
    posed: Posed
    points: Floats
    right: float | None


@dataclass
class Following:
    """Follows the objects of one film.

    Attributes:
        finder: Of the subject.
        most: So many at once.
    """

    finder: Finder
    most: int
    _tracks: list[_Track] = field(default_factory=list, init=False, repr=False)
    _count: int = field(default=0, init=False, repr=False)
    _since_search: int = field(default=0, init=False, repr=False)
    _shape: tuple[int, ...] = field(default=(), init=False, repr=False)

    def update(self, picture: Pixels, seconds: float, threshold: float) -> list[Followed]:
        """Return what the next picture shows, by number.

        Args:
            picture: H×W×3 BGR or H×W gray. One of another size begins a new film.
            seconds: When it was taken, by any clock.
            threshold: Least score, as for ``Finder.find``.
        """
        if picture.shape[:2] != self._shape:
            self._tracks, self._shape = [], picture.shape[:2]
        for track in self._seen():
            self._follow(track, picture, seconds, threshold)
        self._drop_doubles()
        self._tracks = [track for track in self._tracks if seconds - track.seconds <= _REMEMBERED]
        if self._searches():
            self._since_search = 0
            known = [track.posed for track in self._seen()]
            found = self.finder.find(picture, threshold, known)[: self.most - len(known)]
            self._welcome(found, seconds)
        seen = sorted(self._seen(), key=lambda track: track.number)
        return [Followed(track.number, track.posed, track.points, track.right) for track in seen]

    def _seen(self) -> list[_Track]:
        return [track for track in self._tracks if not track.lost]

    def _searches(self) -> bool:
        seen = len(self._seen())
        self._since_search += 1
        lost = any(track.lost for track in self._tracks)
        return seen < self.most and (seen == 0 or lost or self._since_search >= _SEARCH_EVERY)

    def _follow(self, track: _Track, picture: Pixels, seconds: float, threshold: float) -> None:
        posed = self.finder.at(picture, self.finder.subject.next_region(track.posed.raw.points), threshold)
        if posed is None:
            track.lost = True
            return
        self._note(track, posed, seconds)

    def _note(self, track: _Track, posed: Posed, seconds: float) -> None:
        raw = posed.raw
        track.posed, track.seconds, track.lost = posed, seconds, False
        track.points = track.filter(np.column_stack([raw.points, raw.depth]), seconds, posed.size)
        if raw.right is not None and track.right is not None:
            track.right += _VOTE * (raw.right - track.right)

    def _drop_doubles(self) -> None:
        """Two regions may slide onto one object: the older number stays."""
        kept: list[_Track] = []
        for track in sorted(self._tracks, key=lambda track: track.number):
            if track.lost or not any(not other.lost and same(track.posed, other.posed) for other in kept):
                kept.append(track)
        self._tracks = kept

    def _welcome(self, found: Sequence[Posed], seconds: float) -> None:
        """Give what was found its number: that of one that was lost there, or a new one."""
        lost = [track for track in self._tracks if track.lost]
        again: dict[int, _Track] = {}
        if lost and found:
            places = np.stack([regions.bounds(posed.raw.points, 0.0) for posed in found])
            overlap = box_arithmetic.iou(places, np.stack([track.box for track in lost]))
            again = {row: lost[column] for row, column in best_pairs(np.where(overlap > _KNOWN_AGAIN, overlap, 0))}
        for place, posed in enumerate(found):
            track = again.get(place)
            if track is not None:
                track.filter = OneEuro()  # it was away: where it is now is no movement
                self._note(track, posed, seconds)
            else:
                self._count += 1
                track = _Track(self._count, posed, OneEuro(), posed.raw.points, posed.raw.right, seconds)
                self._note(track, posed, seconds)
                self._tracks.append(track)
