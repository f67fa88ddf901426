"""What a loaded detector says about pictures, and how that is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from BaseDT import draw
from BaseDT.geometry.boxes import with_area
from BaseDT.image import Pixels
from BaseDT.results import DetectionResult
from MMEdu.predictor import Predictor


@dataclass(frozen=True)
class Thresholds:
    """Which boxes are reported; higher is fewer.

    Attributes:
        score: Least score of a box.
        proposal: Least objectness of a proposal, where the model has such.
    """

    score: float
    proposal: float = 0.0


@dataclass(frozen=True)
class BoxAnswers:
    """A list of boxes for every picture; see ``inference.Answers``."""

    predictor: Predictor
    thresholds: Thresholds

    @property
    def reads_gray(self) -> bool:
        """Detectors see colours."""
        return self.predictor.preprocess.color == "gray"

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[list[DetectionResult]]:
        """Find the objects of each picture (H×W×3 BGR), best first."""
        del names
        preprocess = self.predictor.preprocess
        pixels = np.stack([preprocess.pixels(picture) for picture in pictures])
        found = zip(self._detect(pixels), pictures, strict=True)
        return [self._results(_array(rows), _array(masks), picture) for (rows, masks), picture in found]

    def _detect(self, pixels: npt.NDArray[np.uint8]) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
        model, entry, wanted = self.predictor.model, self.predictor.entry, self.thresholds
        options = {"score_threshold": wanted.score}  # how many at most is the network's own, as in exported files
        if entry.two_stage:
            options["rpn_threshold"] = wanted.proposal
        with torch.inference_mode():
            if entry.masks:
                pairs: list[tuple[torch.Tensor, torch.Tensor | None]] = model.segment(  # type: ignore[operator]
                    self.predictor.images(pixels), **options
                )
                return pairs
            return [(rows, None) for rows in model.detect(self.predictor.images(pixels), **options)]  # type: ignore[operator]

    def _results(
        self, rows: npt.NDArray[np.float32], masks: npt.NDArray[np.float32], picture: Pixels
    ) -> list[DetectionResult]:
        corners = self.predictor.preprocess.to_original(rows[:, :4], picture=(picture.shape[0], picture.shape[1]))
        classes = self.predictor.classes
        own = list(masks) if len(masks) else [None] * len(rows)
        there = with_area(corners).tolist()
        return [
            DetectionResult(int(row[5]), float(row[4]), (x1, y1, x2, y2), classes[int(row[5])], mask)
            for row, (x1, y1, x2, y2), mask, some in zip(rows, corners.tolist(), own, there, strict=True)
            if some
        ]

    def drawn(self, picture: Pixels, result: list[DetectionResult]) -> Pixels:
        """Draw boxes, names and scores onto a copy of the picture."""
        return draw.detections(picture, result)


def _array(tensor: torch.Tensor | None) -> npt.NDArray[np.float32]:
    values: npt.NDArray[np.float32] = np.empty(0, np.float32) if tensor is None else tensor.float().cpu().numpy()
    return values
