"""A loaded detector that predicts pictures, and how its results are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from BaseDT import draw
from BaseDT.arguments import resolved_rejection
from BaseDT.geometry.boxes import with_area
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.results import DetectionResult
from MMEdu.tasks.detection.arguments import DetectionPrediction
from MMEdu.weights.loaded_model import LoadedModel
from XEdu.outputs.detection import nothing_found_text

_NetworkOutput = tuple[torch.Tensor, "torch.Tensor | None"]


@dataclass(frozen=True)
class BoxPredictor:
    """Predicts a list of boxes for every picture; see ``engine.prediction_loop.PicturePredictor``.

    Attributes:
        model: The loaded network.
        score_threshold: Least score of a box.
        rpn_threshold: Least objectness of a proposal; only models of two stages have such.
    """

    model: LoadedModel
    score_threshold: float
    rpn_threshold: float = 0.0

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return self.model.preprocess.reading

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[list[DetectionResult]]:
        """Detect the objects of each picture (H×W×3 BGR), best first."""
        del names
        preprocess = self.model.preprocess
        pixels = np.stack([preprocess.pixels(picture) for picture in pictures])
        detections = zip(self._detect(pixels), pictures, strict=True)
        return [self._results(_array(rows), _array(masks), picture) for (rows, masks), picture in detections]

    def _detect(self, pixels: npt.NDArray[np.uint8]) -> list[_NetworkOutput]:
        """Run the network: for each picture rows (k, 6) in pixels of its input, and masks (k, m, m) or None."""
        network, options = self.model.model, self.model.entry.options
        # How many boxes at most is the network's own, as in exported files.
        thresholds = {"score_threshold": self.score_threshold}
        if options.two_stage:
            thresholds["rpn_threshold"] = self.rpn_threshold
        images = self.model.images(pixels)
        with torch.inference_mode():
            if options.masks:
                pairs: list[_NetworkOutput] = network.segment(images, **thresholds)  # type: ignore[operator]
                return pairs
            return [(rows, None) for rows in network.detect(images, **thresholds)]  # type: ignore[operator]

    def _results(
        self, rows: npt.NDArray[np.float32], masks: npt.NDArray[np.float32], picture: Pixels
    ) -> list[DetectionResult]:
        """Map boxes onto the picture; one that lies in the padding of a letterbox is no result."""
        corners = self.model.preprocess.to_original(rows[:, :4], picture=(picture.shape[0], picture.shape[1]))
        classes = self.model.classes
        mask_of = list(masks) if len(masks) else [None] * len(rows)
        on_picture = with_area(corners).tolist()
        return [
            DetectionResult(int(row[5]), float(row[4]), (x1, y1, x2, y2), classes[int(row[5])], mask)
            for row, (x1, y1, x2, y2), mask, is_result in zip(rows, corners.tolist(), mask_of, on_picture, strict=True)
            if is_result
        ]

    def remark(self, results: Sequence[list[DetectionResult]]) -> str:
        """Say so where nothing is found at this threshold, and would be at the one that the validation suggests."""
        return "" if any(results) else nothing_found_text(self.score_threshold, self.model.threshold)

    def drawn(self, picture: Pixels, result: list[DetectionResult]) -> Pixels:
        """Draw boxes, names and scores onto a copy of the picture."""
        return draw.detections(picture, result)


def predictor(model: LoadedModel, arguments: DetectionPrediction) -> BoxPredictor:
    """Make the predictor of a loaded model.

    Args:
        model: The loaded network.
        arguments: Thresholds; ``thr`` is of any model, the others of those with two stages.

    Raises:
        ParameterInvalid: ``thr="auto"``, and the file suggests none (-305).
    """
    options = model.entry.options
    usual = arguments.rcnn_threshold if options.two_stage else options.least_score
    score = usual if arguments.thr is None else resolved_rejection("thr", arguments.thr, model.threshold)
    if not options.two_stage:
        return BoxPredictor(model, score)
    region = arguments.rpn_threshold
    # Who asks for less sure boxes means their regions, too: after an epoch none is as sure as the documented default.
    return BoxPredictor(model, score, min(region, score) if region == DetectionPrediction.rpn_threshold else region)


def _array(tensor: torch.Tensor | None) -> npt.NDArray[np.float32]:
    values: npt.NDArray[np.float32] = np.empty(0, np.float32) if tensor is None else tensor.float().cpu().numpy()
    return values
