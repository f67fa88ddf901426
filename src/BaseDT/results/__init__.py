"""What a model predicts for a picture: frozen dataclasses, a file a kind, and the dictionaries that they turn into.

Everybody may make and read them; how a model is run, and how a result is drawn, stay out.
"""

from BaseDT.results.classification import ClassificationResult
from BaseDT.results.detection import DetectionResult
from BaseDT.results.keypoints import KeypointsResult
from BaseDT.results.multi_label import MultiLabelResult
from BaseDT.results.segmentation import Regions, SegmentationResult
from BaseDT.results.text import TextResult

__all__ = [
    "ClassificationResult",
    "DetectionResult",
    "KeypointsResult",
    "MultiLabelResult",
    "Regions",
    "SegmentationResult",
    "TextResult",
]
