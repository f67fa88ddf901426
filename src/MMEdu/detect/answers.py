"""What a loaded detector says about pictures, and how that is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from BaseDT import draw
from BaseDT.image import Pixels
from BaseDT.results import DetectionResult
from MMEdu.predictor import Predictor

_AT_MOST = 100


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
        return [
            self._results(rows.float().cpu().numpy(), picture)
            for rows, picture in zip(self._detect(pixels), pictures, strict=True)
        ]

    def _detect(self, pixels: npt.NDArray[np.uint8]) -> list[torch.Tensor]:
        model, wanted = self.predictor.model, self.thresholds
        more = {"rpn_threshold": wanted.proposal} if getattr(model, "two_stage", False) else {}
        with torch.inference_mode():
            found: list[torch.Tensor] = model.detect(  # type: ignore[operator]
                self.predictor.images(pixels), score_threshold=wanted.score, max_detections=_AT_MOST, **more
            )
        return found

    def _results(
        self, rows: np.ndarray[tuple[int, ...], np.dtype[np.float32]], picture: Pixels
    ) -> list[DetectionResult]:
        corners = self.predictor.preprocess.to_original(rows[:, :4], picture=(picture.shape[0], picture.shape[1]))
        classes = self.predictor.classes
        return [
            DetectionResult(label=int(row[5]), score=float(row[4]), box=(x1, y1, x2, y2), name=classes[int(row[5])])
            for row, (x1, y1, x2, y2) in zip(rows, corners.tolist(), strict=True)
        ]

    def drawn(self, picture: Pixels, result: list[DetectionResult]) -> Pixels:
        """Draw boxes, names and scores onto a copy of the picture."""
        return draw.detections(picture, result)
