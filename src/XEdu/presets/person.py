"""``seg_person``: which pixels of a picture are persons, for one or a few before a camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess
from BaseDT.results.segmentation import SegmentationResult
from XEdu.outputs import kind as kinds
from XEdu.outputs.kind import OutputKind
from XEdu.presets.ready_made import Box, Frames
from XEdu.runtime.backend import Backend

CLASSES = ("background", "person")
Shares: TypeAlias = npt.NDArray[np.float32]
_INPUT = Preprocess(size=(256, 256), mean=(0.0,) * 3, std=(255.0,) * 3)
_CERTAIN = 0.5
_NEWEST = 0.6
"""Weight of the newest picture of a film: the edge of a person at rest flickers without."""


@dataclass(frozen=True)
class PersonMask:
    """The opened network."""

    backend: Backend
    missed: tuple[str, str]
    takes_boxes: bool = False

    @property
    def kind(self) -> OutputKind:
        """Of its results."""
        return kinds.find("segmentation")

    @property
    def classes(self) -> tuple[str, ...]:
        """The background and persons."""
        return CLASSES

    def checked_threshold(self, name: str, value: object) -> float:
        """Return the lowest probability of a person's pixel."""
        return _CERTAIN if value is None else self.kind.checked_threshold(name, value, None)

    def of(self, picture: Pixels, threshold: float, boxes: Sequence[Box] | None = None) -> SegmentationResult:
        """Return the mask of one picture."""
        del boxes
        return _result(self._shares(picture), picture, threshold)

    def frames(self) -> Frames:
        """Return what takes the pictures of one film; their masks are averaged a little."""
        before: list[tuple[Shares, tuple[int, ...]]] = []

        def take(picture: Pixels, _: float, threshold: float) -> SegmentationResult:
            shares, shape = self._shares(picture), picture.shape[:2]
            if before and before[0][1] == shape:
                shares = _NEWEST * shares + (1 - _NEWEST) * before[0][0]
            before[:] = [(shares, shape)]
            return _result(shares, picture, threshold)

        return take

    def _shares(self, picture: Pixels) -> Shares:
        """Return how likely a person is, (h, w) from 0 to 1, laid over the whole picture."""
        (output,) = self.backend.run({self.backend.inputs[0].name: _INPUT(picture)})
        return np.asarray(output.reshape(_INPUT.size), np.float32)


def _result(shares: Shares, picture: Pixels, threshold: float) -> SegmentationResult:
    height, width = picture.shape[:2]
    person = np.asarray(cv2.resize(shares, (width, height), interpolation=cv2.INTER_LINEAR))
    mask = (person >= threshold).astype(np.uint8)
    scores = tuple(
        float(values[mask == label].mean()) if (mask == label).any() else None
        for label, values in enumerate((1 - person, person))
    )
    return SegmentationResult(mask, CLASSES, scores)
