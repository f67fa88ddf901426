"""Detection: pictures with boxes to batches, the losses of a detector, boxes back on the picture, COCO's mAP.

Torch-free until a task computes; a dataset can be checked without it.
"""

from __future__ import annotations

from MMEdu.tasks.detection.pictures import BoxedPictures
from MMEdu.tasks.detection.target import Found, Target, TargetTensors
from MMEdu.tasks.detection.task import DetectionTask
from MMEdu.tasks.detection.varied import VariedBoxedPictures

__all__ = ["BoxedPictures", "DetectionTask", "Found", "Target", "TargetTensors", "VariedBoxedPictures"]
