"""A loaded segmenter that predicts pictures, and how its results are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import torch

from BaseDT import draw
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from BaseDT.results.segmentation import SegmentationResult, TargetClass, checked_class
from MMEdu.tasks.segmentation.arguments import SegmentationPrediction
from MMEdu.weights.loaded_model import LoadedModel
from XEdu.outputs.parts import label_maps
from XEdu.outputs.segmentation import about

Drawing: TypeAlias = Literal["tinted", "cut_out", "erased"]


@dataclass(frozen=True)
class MaskPredictor:
    """Predicts the class of each pixel; see ``engine.prediction_loop.PicturePredictor``.

    Attributes:
        model: The loaded network.
        threshold: Least probability of a pixel's class.
        target_class: The classes that are told and drawn; None: all but the background.
        drawing: What is drawn: the classes over the picture, these alone, or the picture without them.
    """

    model: LoadedModel
    threshold: float = 0.0
    target_class: TargetClass = None
    drawing: Drawing = "tinted"

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return self.model.preprocess.reading

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[SegmentationResult]:
        """Predict each picture (H×W×3 BGR)."""
        del names
        pixels = np.stack([self.model.preprocess.pixels(picture) for picture in pictures])
        with torch.inference_mode():
            logits = self.model.model(self.model.images(pixels)).float().cpu().numpy()
        return [self._result(row, picture) for row, picture in zip(logits, pictures, strict=True)]

    def _result(self, logits: label_maps.Planes, picture: Pixels) -> SegmentationResult:
        preprocess, classes = self.model.preprocess, self.model.classes
        values = label_maps.probabilities(label_maps.planes(logits, len(classes)))
        placement = preprocess.placement((picture.shape[0], picture.shape[1]))
        mask, scores = label_maps.label_map(values, placement, preprocess.size, self.threshold)
        return SegmentationResult(mask, classes, scores).only(self.target_class)

    def remark(self, results: Sequence[SegmentationResult]) -> str:
        """Say so where there is nothing but background."""
        return about(results, self.threshold)

    def drawn(self, picture: Pixels, result: SegmentationResult) -> Pixels:
        """Colour the classes of a copy of the picture, cut them out (H×W×4), or paint them out."""
        if self.drawing == "cut_out":
            return result.cut_out(picture)
        return draw.segmentation(picture, result) if self.drawing == "tinted" else result.erase(picture)


def predictor(model: LoadedModel, arguments: SegmentationPrediction) -> MaskPredictor:
    """Make the predictor of a loaded model.

    Raises:
        ParameterInvalid: There is no such class as ``target_class``, or two drawings are asked for (-305).
    """
    if arguments.cut_out and arguments.erase:
        raise ParameterInvalid(
            say("cut_out and erase are both asked for.", "同时设置了 cut_out 和 erase。"),
            hint=say("Leave one of them out.", "请去掉其中一个。"),
        )
    target = arguments.target_class
    if target is not None:  # named before a picture is read
        several = isinstance(target, (list, tuple, set, frozenset))
        target = [checked_class("target_class", item, model.classes) for item in (target if several else [target])]
    drawing: Drawing = "cut_out" if arguments.cut_out else "erased" if arguments.erase else "tinted"
    return MaskPredictor(model, arguments.thr or 0.0, target, drawing)
