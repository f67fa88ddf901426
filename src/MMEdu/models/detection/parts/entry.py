"""What the entries of detectors have in common. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from BaseDT.preprocess import Preprocess
from MMEdu.models.detection.augment import Augment
from MMEdu.models.recipe import Recipe, Schedule

MEAN_GRAY = 114
"""About the mean colour of photographs: what pads a picture should say nothing."""


@dataclass(frozen=True)
class DetectorOptions:
    """What only detectors have.

    Attributes:
        two_stage: Whether it first proposes regions and then classifies them.
        masks: Whether it also predicts the outlines of objects.
    """

    two_stage: bool = False
    masks: bool = False

    @property
    def least_score(self) -> float:
        """Least score of a box that is reported, unless the user says otherwise: the documents' own."""
        return 0.7 if self.two_stage else 0.3


# 1333×800 takes a school PC a minute a picture: 512 is the default here, image_size changes it.
RCNN_INPUT = Preprocess(size=(512, 512), resize="letterbox", pad_value=MEAN_GRAY)
RCNN_RECIPE = Recipe(
    batch_size=2,
    schedule=Schedule("step", milestones=(8, 11), warmup_iters=100),
    augment=Augment(flip=0.5),
    bfloat16=True,
)
