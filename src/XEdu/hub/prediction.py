"""What a workflow predicted: results with their pictures, for ``format_output``, ``show`` and ``save``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import TaskMismatch
from BaseDT.image import Pixels
from BaseDT.language import say
from XEdu.hub import pictures
from XEdu.hub.given_boxes import no_points_found
from XEdu.hub.source_snapshot import SourceSnapshot
from XEdu.outputs.kind import OutputKind, Result, kind_of

_LARGE = 224  # such pictures are never drawn larger


@dataclass(frozen=True)
class Prediction:
    """The results of one call.

    Attributes:
        results: One for each picture, or what a function of the user's returned.
        images: The pictures.
        many: Whether the user gave many pictures, be it only one.
        kind: Of the results; None where they are raw outputs, or a user's own.
        stacked: Whether the results are rows of one array: numbers that describe pictures.
        tiles: The drawn pictures of many as ``pictures.collect`` keeps them, where they were to be shown.
    """

    results: list[Result]
    images: list[SourceSnapshot]
    many: bool
    kind: OutputKind | None = None
    stacked: bool = False
    tiles: list[Pixels] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """File names of the pictures."""
        return [snapshot.name for snapshot in self.images]

    def value(self, lang: str = "zh") -> Any:
        """Return the results as plain data: of one picture the result itself, of many a list; rows as one array."""
        if self.stacked:
            return np.stack(self.results)
        values = [self._in_words(result, lang) for result in self.results]
        return values if self.many else values[0]

    def said(self, lang: str) -> Any:
        """Return what ``format_output`` says: the same, where a task has nothing else to say."""
        return self.value(lang)

    def keypoints(self) -> Any:
        """Return the points of a picture's objects as (N, K, 2); of many pictures a list of such arrays.

        Raises:
            TaskMismatch: The results have no points (-311).
        """
        if self.kind is None or self.kind.points is None:
            raise no_points_found()
        points = [self.kind.points(result) for result in self.results]
        return points if self.many else points[0]

    def drawn(self, *, enlarge: bool = True) -> Iterator[Pixels]:
        """Give the pictures with their results on them, one at a time: all of a folder might not fit into memory.

        Args:
            enlarge: Whether small ones become larger, to be looked at; otherwise all keep their sizes.

        Raises:
            XEduError: A picture has changed, or cannot be read any more.
        """
        for snapshot, result in zip(self.images, self.results, strict=True):
            kind = self.kind or kind_of(result)
            yield pictures.drawn(snapshot.read(), result, kind, enlarge=enlarge)

    def to_show(self) -> list[Pixels]:
        """Return the drawn pictures as ``pictures.collect`` keeps them.

        Raises:
            XEduError: A picture has changed, or cannot be read any more.
        """
        if self.tiles:
            return self.tiles
        tiles: list[Pixels] = []
        for picture in self.drawn():
            pictures.collect(tiles, picture)
        return tiles

    def to_look_at(self, images: Sequence[Pixels]) -> Sequence[Pixels]:
        """Return the user's pictures as they are shown and saved.

        Args:
            images: What was handed out small and not changed is drawn larger.
        """
        in_memory = all(snapshot.in_memory for snapshot in self.images)
        all_large = all(min(image.shape[:2]) >= _LARGE for image in images)
        if len(images) != len(self.images) or not in_memory or all_large:
            return images
        pairs = zip(images, self.drawn(enlarge=False), self.drawn(), strict=True)
        return [larger if np.array_equal(image, drawn) else image for image, drawn, larger in pairs]

    def features(self, upright: bool) -> npt.NDArray[np.float32]:
        """Return numbers to learn from, (N, F), of the parts of all results.

        Raises:
            TaskMismatch: The results have none (-311).
        """
        if self.kind is None or self.kind.features is None:
            raise TaskMismatch(
                say("The results have no keypoints, and so no features.", "结果中没有关键点，因此没有特征。"),
                hint=say("Use a task such as 'pose_hand21'.", "请使用 'pose_hand21' 等关键点任务。"),
            )
        rows = [self.kind.features(result, upright) for result in self.results]
        return np.concatenate([part for part in rows if len(part)] or rows[:1] or [np.zeros((0, 0), np.float32)])

    def _in_words(self, result: Result, lang: str) -> Any:
        """Return a result with plain numbers, its keys in a language; what is no result of ours stays as it is."""
        if self.kind is not None:
            return self.kind.in_words(result, lang)
        # A function of the user's may return results of ours, or lists of such.
        if (kind := kind_of(result)) is not None:
            return kind.in_words(result, lang)
        return [self._in_words(part, lang) for part in result] if isinstance(result, list) else result
