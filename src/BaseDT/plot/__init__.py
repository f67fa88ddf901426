"""Pictures of results: boxes on images, a training's curves, a confusion matrix (结果可视化).

Everybody may call it. matplotlib, an optional part, is imported here alone in the light packages, and only when curves
or a matrix are drawn.
"""

from __future__ import annotations

from typing import NoReturn

from BaseDT.missing_names import no_such_name
from BaseDT.plot.drawing import imshow_det_bboxes, plot_confusion_matrix, plot_log

__all__ = ["imshow_det_bboxes", "plot_confusion_matrix", "plot_log"]


def __getattr__(name: str) -> NoReturn:
    raise no_such_name(__name__, name)
