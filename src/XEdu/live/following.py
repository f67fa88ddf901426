"""What stands between a detector and its picture in a live run: numbers for the objects, counts, a table of them.

``loop`` calls it. The arithmetic is in ``track``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from BaseDT.arguments import checked_flag
from BaseDT.errors import TaskMismatch
from BaseDT.escaping import one_line
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.results import DetectionResult
from XEdu.live.track.counter import Counter
from XEdu.live.track.objects import TrackedObject
from XEdu.live.track.table import CountTable
from XEdu.live.track.tracker import LOW_SCORE
from XEdu.outputs.kind import OutputKind, Result

Counts = Mapping[str, Mapping[str, int]]


class Follower:
    """Knows the objects of a film again, and counts them."""

    def __init__(self, kind: OutputKind, threshold: float, counts: bool, line: Any, table: CountTable | None) -> None:
        self._kind, self._counts, self._table = kind, counts, table
        self._counter = Counter(line=line, thr=threshold)
        self._objects: list[TrackedObject] = []
        self._numbered: Result | None = None
        self.threshold = min(threshold, LOW_SCORE)  # the rest of a half hidden object has a low score

    @property
    def counts(self) -> Counts:
        """By name of the class, then by direction; empty where nothing is counted."""
        return self._counter.counts if self._counts else {}

    def take(self, result: Result, pixels: Pixels, frame: int, seconds: float) -> list[Any]:
        """Return the result of a picture: of the objects that are known, as boxes or as the kind numbers them."""
        assert self._kind.boxes is not None
        boxes = self._kind.boxes(result)
        self._objects = self._counter.update(boxes, pixels)
        if self._table is not None:
            for crossing in self._counter.crossings:
                self._table.add(crossing, frame, seconds)
        if self._kind.numbered is not None:
            self._numbered = self._kind.numbered(result, _numbers_of(boxes, self._objects))
            return list(self._numbered)
        return [thing.result for thing in self._objects]

    def draw(self, pixels: Pixels) -> Pixels:
        """Return a copy of the picture with objects and numbers, the line and the counts."""
        from BaseDT import draw  # late: who draws nothing loads no fonts

        canvas = pixels
        if self._counter.line is not None:  # below the boxes, so that it covers no label
            canvas = draw.with_line(pixels, *self._counter.line.in_pixels(pixels.shape[0], pixels.shape[1]))
        canvas = self._drawn(canvas)
        labels = self._counter.labels
        counted = [(name, labels[name], draw.direction_words(dict(values))) for name, values in self.counts.items()]
        draw.totals(canvas, counted)
        return canvas

    def _drawn(self, canvas: Pixels) -> Pixels:
        from BaseDT import draw

        if self._numbered is not None:
            return self._kind.draw(canvas, self._numbered)
        # Every object has a colour of its own: that shows where it goes better than its class.
        named = [
            replace(thing.result, label=thing.id, name=f"{draw.shown_name(thing.name, thing.result.label)} #{thing.id}")
            for thing in self._objects
        ]
        return draw.detections(canvas, named)

    def line(self) -> str:
        """Say for the terminal what is seen, and what was counted."""
        seen = ", ".join(f"{one_line(thing.name)} #{thing.id}" for thing in self._objects)
        counted = counts_text(self.counts)
        return f"{seen or say('nothing found', '没有检测到物体')}{f'  |  {counted}' if counted else ''}"


def _numbers_of(boxes: Sequence[DetectionResult], objects: Sequence[TrackedObject]) -> list[int | None]:
    """Return the number of each box; None of those that are no object yet."""
    numbers: list[int | None] = [None] * len(boxes)
    for thing in objects:
        # The class may be that of most pictures of the object; edges and score are the box's own.
        own = (thing.result.box, thing.result.score)
        same = (i for i, box in enumerate(boxes) if numbers[i] is None and (box.box, box.score) == own)
        if (index := next(same, None)) is not None:
            numbers[index] = thing.id
    return numbers


def follower(
    kind: OutputKind | None, threshold: float, *, track: bool, count: bool, line: Any, table: CountTable | None
) -> Follower | None:
    """Make what the arguments of a run ask for; None where they ask for nothing.

    Raises:
        TaskMismatch: The model finds no boxes (-311).
        ParameterInvalid: A value cannot work (-305).
    """
    counts = checked_flag("count", count) or line is not None or table is not None
    if not checked_flag("track", track) and not counts:
        return None
    if kind is None or kind.boxes is None:
        raise TaskMismatch(
            say("This model says what a picture shows, not where.", "该模型只判断画面的类别，不给出位置。"),
            hint=say(
                "Only what a detector finds can be followed and counted: use a model of MMDetection.",
                "只有目标检测模型的结果可以跟踪和计数：请使用 MMDetection 的模型。",
            ),
        )
    return Follower(kind, threshold, counts, line, table)


def opened_table(csv: Any) -> CountTable | None:
    """Make the file of the counts, if one is wanted; raises as ``CountTable``."""
    return None if csv is None else CountTable(csv)


def counts_text(counts: Counts) -> str:
    """Say counts in a line: ``cat 2 in, 1 out; dog 3 in, 0 out``."""
    words = {"in": say("in", "进"), "out": say("out", "出"), "seen": say("seen", "个")}
    parts = (
        f"{one_line(name)} {', '.join(f'{value} {words[direction]}' for direction, value in values.items())}"
        for name, values in sorted(counts.items())
    )
    return "; ".join(parts)
