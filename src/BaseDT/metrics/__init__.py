"""How good predictions are, in numpy: accuracies and confusion matrices of classes, COCO's mAP of boxes and masks,
IoU of pixels, PCK and OKS of keypoints, identities of objects in films.

Evaluation and reports call it. Arrays come in; models, files and pictures stay out.
"""

from __future__ import annotations

from BaseDT.metrics.boxes import BoxMetrics, BoxTruth, coco_map
from BaseDT.metrics.classes import (
    ClassReport,
    Counts,
    Labels,
    MacroMetric,
    confusion_matrix,
    macro,
    per_class,
    top_k_accuracy,
)
from BaseDT.metrics.identities import idf1
from BaseDT.metrics.intervals import wilson
from BaseDT.metrics.keypoints import PointMetrics, PoseTruth, oks_ap, pck, sigmas_of
from BaseDT.metrics.segmentation import (
    PixelReport,
    iou_intervals,
    mean_accuracy,
    mean_iou,
    pixel_accuracy,
    pixel_confusion,
    pixel_reports,
)

__all__ = [
    "BoxMetrics",
    "BoxTruth",
    "ClassReport",
    "Counts",
    "Labels",
    "MacroMetric",
    "PixelReport",
    "PointMetrics",
    "PoseTruth",
    "coco_map",
    "confusion_matrix",
    "idf1",
    "iou_intervals",
    "macro",
    "mean_accuracy",
    "mean_iou",
    "oks_ap",
    "pck",
    "per_class",
    "pixel_accuracy",
    "pixel_confusion",
    "pixel_reports",
    "sigmas_of",
    "top_k_accuracy",
    "wilson",
]
