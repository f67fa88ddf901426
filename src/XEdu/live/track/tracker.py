"""``Tracker``: gives every object that a detector finds a number, and knows it again in the next pictures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from BaseDT.arguments import check_integer, checked_threshold, documented
from BaseDT.results import DetectionResult
from XEdu.live.track.association import Pairs, associate
from XEdu.live.track.motion import Motion
from XEdu.live.track.objects import TrackedObject, as_detections

LOW_SCORE = 0.1
"""Least score of a box that is worth being given to a tracker: it may be the rest of a hidden object."""
_CERTAIN = 2  # pictures; what was found once may be nothing


@dataclass
class _Track:
    """What is remembered of an object, beside its motion."""

    number: int = 0  # 0: it was found once, and may be nothing
    pictures: int = 0
    unseen: int = 0
    votes: dict[tuple[int, str], float] = field(default_factory=dict)

    @property
    def label(self) -> int:
        return max(self.votes, key=self.votes.__getitem__)[0]

    def seen(self, box: DetectionResult) -> None:
        self.pictures, self.unseen = self.pictures + 1, 0
        key = (box.label, box.name)
        self.votes[key] = self.votes.get(key, 0.0) + box.score

    def as_object(self, box: DetectionResult) -> TrackedObject:
        label, name = max(self.votes, key=self.votes.__getitem__)
        # A class of one picture out of ten is a mistake of that picture.
        result = box if (label, name) == (box.label, box.name) else replace(box, label=label, name=name)
        return TrackedObject(self.number, result, self.pictures)


class Tracker:
    """Gives objects numbers that they keep. 目标跟踪：为每个目标编号，并在后续画面中保持不变。

    ::

        tracker = Tracker()
        for frame in Camera():
            for thing in tracker.update(model.inference(frame)):
                print(thing.id, thing.name, thing.result.box)
    """

    @documented
    def __init__(self, thr: float = 0.3, keep: int = 30) -> None:
        """Begin without any object.

        Args:
            thr: Least score of a box that begins an object; one with a lower score only goes on with one.
            keep: So many pictures an object may be missing, hidden or not found, and still be the same.

        Raises:
            ParameterInvalid: A value cannot work (-305).
        """
        self._threshold = checked_threshold("thr", thr)
        self._keep = check_integer("keep", keep, least=0)
        self._tracks: list[_Track] = []
        self._motion = Motion()
        self._given, self._is_first = 0, True

    @property
    def known(self) -> set[int]:
        """Numbers of the objects that are remembered, seen or not."""
        return {track.number for track in self._tracks if track.number}

    @documented
    def update(self, results: Any) -> list[TrackedObject]:
        """Take in what a detector found in the next picture (处理下一帧的检测结果).

        An object is given from its second picture on, in the first picture at once.

        Args:
            results: Its boxes: ``DetectionResult``, or the list that ``Workflow.inference`` returns for one picture.

        Returns:
            The objects that are seen in this picture, by number.

        Raises:
            ParameterInvalid: These are no boxes (-305).
        """
        found = as_detections(results)
        boxes = np.array([box.box for box in found], np.float64).reshape(-1, 4)
        self._motion.advance(np.array([track.unseen > 0 for track in self._tracks], np.bool_))
        pairs = self._pairs(found, boxes)
        rows, columns = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
        scores = np.array([box.score for box in found], np.float64)
        self._motion.correct(rows, boxes[columns], scores[columns])
        seen = self._seen(found, pairs)
        taken = {column for _, column in pairs}
        new = [i for i, box in enumerate(found) if i not in taken and box.score >= self._threshold]
        self._forget()
        self._motion.add(boxes[new])
        begun = [(self._begin(found[i]), found[i]) for i in new]
        self._is_first = False
        objects = (track.as_object(box) for track, box in [*seen, *begun] if track.number)
        return sorted(objects, key=lambda thing: thing.id)

    def _pairs(self, found: list[DetectionResult], boxes: Any) -> Pairs:
        if not found or not self._tracks:
            return []
        labels = np.array([track.label for track in self._tracks])
        return associate(
            self._motion.boxes(),
            boxes,
            same=labels[:, None] == np.array([box.label for box in found])[None, :],
            sure=np.array([box.score >= self._threshold for box in found]),
            recent=np.array([track.unseen == 0 for track in self._tracks]),
        )

    def _seen(self, found: list[DetectionResult], pairs: Pairs) -> list[tuple[_Track, DetectionResult]]:
        """Note what was seen, and what was not."""
        for track in self._tracks:
            track.unseen += 1
        seen = [(self._tracks[row], found[column]) for row, column in pairs]
        for track, box in seen:
            track.seen(box)
            if not track.number and track.pictures >= _CERTAIN:
                track.number = self._next_number()
        return seen

    def _begin(self, box: DetectionResult) -> _Track:
        track = _Track(number=self._next_number() if self._is_first else 0)
        track.seen(box)
        self._tracks.append(track)
        return track

    def _forget(self) -> None:
        """Drop what has been missing for too long; of what was found once a single miss is too long."""
        stays = [track.unseen <= (self._keep if track.number else 0) for track in self._tracks]
        self._motion.keep(np.array(stays, np.bool_))
        self._tracks = [track for track, stay in zip(self._tracks, stays, strict=True) if stay]

    def _next_number(self) -> int:
        self._given += 1
        return self._given
