"""A detector's predictions for the validation pictures: the input of the report of a detection training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.coco import CocoImage
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.metrics import BoxMetrics, BoxTruth
from MMEdu.tasks.detection.evaluation import box_metrics
from MMEdu.tasks.detection.samples import BoxedPictures
from MMEdu.tasks.detection.targets import Detections


@dataclass(frozen=True, eq=False)
class EvaluatedBoxes:
    """An evaluation of N pictures of C classes.

    Attributes:
        classes: Names, C of them.
        images: The pictures with what is in them, N.
        detections: The model's predictions for them, N.
        truth: What is in them, as the measure takes it, N.

    Raises:
        ParameterInvalid: There are not N of each.
    """

    classes: tuple[str, ...]
    images: tuple[CocoImage, ...]
    detections: tuple[Detections, ...]
    truth: tuple[BoxTruth, ...]

    def __post_init__(self) -> None:
        if not len(self.images) == len(self.detections) == len(self.truth):
            raise ParameterInvalid(
                say(
                    f"an evaluation of {len(self.images)} pictures has {len(self.detections)} answers"
                    f" and {len(self.truth)} truths.",
                    f"评估有 {len(self.images)} 张图片，却有 {len(self.detections)} 个结果和 {len(self.truth)}"
                    " 个标注。",
                )
            )

    @classmethod
    def of(
        cls,
        pictures: BoxedPictures,
        classes: Sequence[str],
        predictions: npt.NDArray[Any],
        indices: npt.NDArray[np.int64],
    ) -> EvaluatedBoxes:
        """Put together what a validation left.

        Args:
            pictures: The validation pictures.
            classes: Names by label.
            predictions: A ``Detections`` for each of ``indices``.
            indices: Which pictures they belong to.
        """
        chosen = indices.tolist()
        images = tuple(pictures.images[index] for index in chosen)
        return cls(tuple(classes), images, tuple(predictions), tuple(pictures.truth(index) for index in chosen))

    @cached_property
    def metrics(self) -> BoxMetrics:
        """COCO's mAP of the boxes."""
        return box_metrics(self.detections, self.truth, len(self.classes))
