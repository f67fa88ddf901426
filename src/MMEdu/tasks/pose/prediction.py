"""A loaded model of keypoints that predicts pictures. It runs as exported files do: same pixels, same points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from BaseDT import draw
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from BaseDT.results import KeypointsResult
from MMEdu.export import trained_model
from MMEdu.tasks.pose.arguments import PosePrediction
from MMEdu.tasks.pose.signature import signature
from MMEdu.weights.loaded_model import LoadedModel, sizes_refused
from XEdu.hub.given_boxes import checked_boxes
from XEdu.outputs import keypoints
from XEdu.runtime.model import Model

People = list[KeypointsResult]


@dataclass(frozen=True)
class PosePredictor:
    """Predicts the points of the persons of every picture; see ``engine.prediction_loop.PicturePredictor``.

    Attributes:
        model: The loaded network.
        threshold: Least score of a person.
        boxes: Where the persons of the one picture are; None: each picture is a person.
    """

    model: LoadedModel
    threshold: float
    boxes: list[tuple[float, float, float, float]] | None = None

    @cached_property
    def _opened(self) -> Model:
        return trained_model.opened(self.model, signature(self.model.entry, "ONNX"), self.model.entry.name)

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return self.model.preprocess.reading

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[People]:
        """Find the points of each picture's persons.

        Raises:
            ParameterInvalid: There are boxes, and several pictures (-305).
        """
        with sizes_refused(self.model):
            if self.boxes is None:
                results: list[People] = self._opened.predict(pictures, threshold=self.threshold, names=names)
                return results
            if len(pictures) != 1 or names != [None]:
                raise _several_pictures()
            return [keypoints.in_boxes(self._opened, pictures[0], self.boxes, self.threshold)]

    def remark(self, results: Sequence[People]) -> str:
        """Say so where nobody is sure enough: a model that has learned little is sure of nothing."""
        return keypoints.nobody_found_text(results, self.threshold)

    def drawn(self, picture: Pixels, result: People) -> Pixels:
        """Draw points and bones onto a copy of the picture."""
        return draw.keypoints(picture, result)


def predictor(model: LoadedModel, arguments: PosePrediction) -> PosePredictor:
    """Make the predictor of a loaded model.

    Raises:
        ParameterInvalid: The boxes are none (-305).
        CheckpointInvalid: What the checkpoint says of its points cannot be (-202).
    """
    threshold = keypoints.KIND.threshold if arguments.thr is None else arguments.thr
    boxes = None if arguments.boxes is None else checked_boxes(arguments.boxes)
    return PosePredictor(model, threshold, boxes)


def _several_pictures() -> ParameterInvalid:
    return ParameterInvalid(
        say("boxes= belong to one picture, and several were given.", "boxes= 只对应一张图片，而这里给出了多张。"),
        hint=say(
            "Call inference(image=…, boxes=…) for each picture.", "请对每张图片分别调用 inference(image=…, boxes=…)。"
        ),
    )
