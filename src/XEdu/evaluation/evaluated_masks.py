"""What a segmenter said of pictures whose every pixel is known, counted picture by picture: the input of its reports.

Evaluations and trainings fill a ``MaskTally``; whole masks are kept of the worst pictures alone, as small as they are
shown.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import metrics
from BaseDT.errors import XEduError
from BaseDT.metrics.segmentation import Intervals, PixelCounts, PixelReport, iou_intervals, pixel_confusion

Mask = npt.NDArray[np.uint8]

SHOWN_SIDE = 340
"""Longer side of the masks that are kept."""
_SHOWN_AT_MOST = 20


@dataclass(frozen=True, eq=False)
class ShownMasks:
    """The masks of one picture, made small.

    Attributes:
        path: The picture.
        truth: (h, w) numbers of classes, 255 where it is not judged.
        predicted: Likewise, 255 where the model gave no class.
        miou: Mean IoU of the classes that occur in the picture.
        wrong: Share of the judged pixels that are not right.
    """

    path: Path
    truth: Mask
    predicted: Mask
    miou: float
    wrong: float


@dataclass(frozen=True, eq=False)
class EvaluatedMasks:
    """An evaluation of N pictures of C classes.

    Attributes:
        classes: Names, C of them.
        paths: The picture files, N of them.
        matrix: Pixels by true class (row) and predicted one; in a last column those without an answer, (C, C + 1).
        hits: Right pixels of each picture and class, (N, C).
        pixels: Pixels that are of it.
        predicted: Pixels that were said to be.
        worst: The masks of the worst pictures, the worst first.
        bits: Of pictures of 16 bits, to show them as the model saw them; see ``BaseDT.image.read``.
    """

    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    matrix: PixelCounts
    hits: npt.NDArray[np.int64]
    pixels: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    worst: tuple[ShownMasks, ...] = ()
    bits: int = 16

    @cached_property
    def reports(self) -> list[PixelReport]:
        """Each class."""
        return metrics.pixel_reports(self.matrix)

    @property
    def judged(self) -> npt.NDArray[np.int64]:
        """Judged pixels of each picture, (N,)."""
        return np.asarray(self.pixels.sum(axis=1), np.int64)

    @property
    def miou(self) -> float | None:
        """Mean IoU of the classes that occur; None where none does."""
        return metrics.mean_iou(self.matrix)

    @cached_property
    def intervals(self) -> Intervals:
        """Between which values IoU and mean IoU may lie, by drawing pictures anew."""
        return iou_intervals(self.hits, self.pixels, self.predicted)

    @cached_property
    def picture_miou(self) -> tuple[float | None, ...]:
        """Mean IoU of the classes that occur in each picture; None of one without a judged pixel."""
        rows = zip(self.hits, self.pixels, self.predicted, strict=True)
        return tuple(_miou_of(*row) for row in rows)


@dataclass
class MaskTally:
    """Counts the pixels of pictures, one after the other.

    Attributes:
        classes: Names by number.
        bits: As in ``EvaluatedMasks``.
    """

    classes: Sequence[str]
    bits: int = 16
    _paths: list[Path] = field(default_factory=list, repr=False)
    _rows: list[tuple[npt.NDArray[np.int64], ...]] = field(default_factory=list, repr=False)
    _worst: list[tuple[tuple[float, float], int, ShownMasks]] = field(default_factory=list, repr=False)
    _matrix: PixelCounts | None = field(default=None, repr=False)

    def add(self, path: Path, truth: Mask, predicted: Mask) -> None:
        """Count the pixels of a picture.

        Args:
            path: The picture.
            truth: (H, W) uint8, numbers of classes; 255 is not judged.
            predicted: (H, W) uint8, likewise; 255 is no answer, and counts as a miss.

        Raises:
            ParameterInvalid: The masks do not fit each other, or the classes (-305).
        """
        counts = pixel_confusion(truth, predicted, len(self.classes), unanswered=True)
        self.add_counted(path, counts, lambda: (truth, predicted))

    def add_counted(self, path: Path, counts: PixelCounts, masks: Callable[[], tuple[Mask, Mask]]) -> None:
        """Count a picture whose pixels are counted already.

        Args:
            path: The picture.
            counts: (C, C + 1); see ``BaseDT.metrics.segmentation``.
            masks: Gives its true and its predicted mask; called where it is one of the worst. A picture whose mask
                cannot be read any more is counted, and not shown.
        """
        self._matrix = counts if self._matrix is None else self._matrix + counts
        hits, pixels = np.diagonal(counts).copy(), counts.sum(axis=1)
        said = counts.sum(axis=0)[: len(self.classes)]
        self._paths.append(path)
        self._rows.append((hits, pixels, said))
        miou = _miou_of(hits, pixels, said)
        if miou is not None:
            self._keep(path, miou, 1 - int(hits.sum()) / max(1, int(pixels.sum())), masks)

    def _keep(self, path: Path, miou: float, wrong: float, masks: Callable[[], tuple[Mask, Mask]]) -> None:
        """Keep the masks of a picture if it is among the worst."""
        rank = (-miou, wrong)  # the least of the heap is the best of the worst
        number = -len(self._paths)  # of equal ones the first stays
        if len(self._worst) == _SHOWN_AT_MOST and (rank, number) < self._worst[0][:2]:
            return
        try:
            truth, predicted = masks()
        except (XEduError, OSError):
            return
        heapq.heappush(self._worst, (rank, number, ShownMasks(path, _small(truth), _small(predicted), miou, wrong)))
        if len(self._worst) > _SHOWN_AT_MOST:
            heapq.heappop(self._worst)

    def evaluated(self) -> EvaluatedMasks:
        """Return what was counted."""
        classes = len(self.classes)
        stacked = np.array(self._rows, np.int64).reshape(-1, 3, classes)
        matrix = np.zeros((classes, classes + 1), np.int64) if self._matrix is None else self._matrix
        worst = sorted(self._worst, key=lambda item: item[:2], reverse=True)
        return EvaluatedMasks(
            classes=tuple(self.classes),
            paths=tuple(self._paths),
            matrix=matrix,
            hits=stacked[:, 0],
            pixels=stacked[:, 1],
            predicted=stacked[:, 2],
            worst=tuple(shown for *_, shown in worst),
            bits=self.bits,
        )


def _miou_of(
    hits: npt.NDArray[np.int64], pixels: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64]
) -> float | None:
    either = pixels + predicted - hits
    occurs = either > 0
    return float((hits[occurs] / either[occurs]).mean()) if occurs.any() else None


def _small(mask: Mask) -> Mask:
    scale = min(1.0, SHOWN_SIDE / max(mask.shape))
    if scale == 1.0:
        return mask.copy()
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
