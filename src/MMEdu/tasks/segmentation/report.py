"""What a segmentation training leaves to look at: curves, what is taken for what, numbers per class.

Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT.metrics.segmentation import PixelCounts, pixel_reports
from BaseDT.plot import confusion, curves
from BaseDT.plot.report_files import write_picture, write_table
from XEdu.evaluation.class_files import as_csv

if TYPE_CHECKING:
    from MMEdu.engine.plan import Outcome
    from MMEdu.tasks.segmentation.data import SegmentationData
    from MMEdu.tasks.segmentation.evaluation import JudgedMask


MEANINGS = {
    "curves.png": ("loss and mIoU", "损失与 mIoU 曲线"),
    "confusion_matrix.png": ("which pixels are taken for what", "像素混淆矩阵"),
    "per_class.csv": ("IoU, precision and recall of each class", "各类别的 IoU、精确率与召回率"),
}
"""What each file shows, in English and Chinese."""


def write_report(data: SegmentationData, outcome: Outcome, folder: Path) -> tuple[Path, ...]:
    """Draw what a run left into its folder; see ``tasks.spec.WriteReport``."""
    rows = () if outcome.predictions is None else tuple(outcome.predictions)
    return write(folder, outcome.log, data.dataset.classes, rows)


def write(
    folder: Path, log: Sequence[Mapping[str, Any]], classes: Sequence[str], rows: Sequence[JudgedMask]
) -> tuple[Path, ...]:
    """Write the report of a run into its folder, in place of that of an earlier run.

    ``curves.png`` needs a log with training lines, the others need an evaluation. A file that has nothing to show is
    not written; one from before is removed.

    Args:
        folder: The run's ``save_fold``; made if missing.
        log: The lines of the run's log, also of a resumed one.
        classes: Names by label.
        rows: What was predicted for the validation pictures.

    Raises:
        DiskFull: There is no room for a file (-803); the old one is as it was.
        PathNotWritable: A file cannot be replaced (-104).
    """
    total = np.sum([row.counts for row in rows], axis=0) if rows else None
    matrix = None if total is None else confusion.draw(total[:, : len(classes)], classes, of_pixels=True)
    written = [
        write_picture(folder / "curves.png", curves.draw(log)),
        write_picture(folder / "confusion_matrix.png", matrix),
        # Last: this is the file that another program, Excel, may hold open.
        write_table(folder / "per_class.csv", None if total is None else per_class_table(classes, total)),
    ]
    return tuple(path for path in written if path is not None)


def per_class_table(classes: Sequence[str], counts: PixelCounts) -> str:
    """Return the table of a segmenter; shares are from 0 to 1, empty where there is nothing to share.

    Args:
        classes: Names by label.
        counts: (C, C + 1) of all pictures.
    """
    rows = [
        {
            "class": name,
            "IoU": report.iou,
            "precision": report.precision,
            "recall": report.recall,
            "f1": report.f1,
            "pixels": report.pixels,
        }
        for name, report in zip(classes, pixel_reports(counts), strict=True)
    ]
    return as_csv(("class", "IoU", "precision", "recall", "f1", "pixels"), rows)
