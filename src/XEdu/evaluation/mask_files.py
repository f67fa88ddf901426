"""The files of a segmenter's evaluation, in the form of a training's report."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.report_files import write_picture, write_table
from XEdu.evaluation import mask_sheet
from XEdu.evaluation.class_files import MATPLOTLIB, as_csv, no_curves
from XEdu.evaluation.evaluated_masks import EvaluatedMasks
from XEdu.evaluation.words import rounded

MEANINGS = {
    "iou.png": ("IoU of each class", "各类别的 IoU"),
    "confusion_matrix.png": ("which pixels are taken for what", "像素混淆矩阵"),
    "masks.png": ("hits, misses and false areas", "分割正确、漏检与误检的区域"),
    "per_class.csv": ("IoU, precision and recall of each class", "各类别的 IoU、精确率与召回率"),
    "mistakes.csv": ("all pictures with wrong pixels, the worst first", "有错误像素的全部图片（最差的在前）"),
}
"""What each file shows, in English and Chinese."""
_COLUMNS = ("class", "IoU", "IoU_low", "IoU_high", "precision", "recall", "f1", "pixels", "predicted", "pictures")


def write(folder: Path, evaluated: EvaluatedMasks | None) -> tuple[list[Path], list[str]]:
    """Write the files; returns them, and why some are missing. A file that has nothing to show is not written, and one
    of an earlier report removed; None has nothing to show.
    """
    plotted = find_spec(MATPLOTLIB) is not None  # the light install does not have it
    bars, matrix = (None, None) if evaluated is None or not plotted else (_bars(evaluated), _confusion(evaluated))
    written = [
        write_picture(folder / "iou.png", bars),
        write_picture(folder / "confusion_matrix.png", matrix),
        write_picture(folder / "masks.png", None if evaluated is None else mask_sheet.draw(evaluated)),
        # Last: these are the files that another program, Excel, may hold open.
        write_table(folder / "per_class.csv", None if evaluated is None else class_table(evaluated)),
        write_table(folder / "mistakes.csv", None if evaluated is None else _mistakes(evaluated)),
    ]
    missing = [] if plotted else [no_curves("iou.png, confusion_matrix.png")]
    return [path for path in written if path is not None], missing


def _bars(evaluated: EvaluatedMasks) -> Pixels | None:
    from BaseDT.plot import iou_bars  # late: it is slow to load

    return iou_bars.draw(
        [report.iou for report in evaluated.reports],
        evaluated.classes,
        intervals=evaluated.intervals.iou,
        mean=evaluated.miou,
    )


def _confusion(evaluated: EvaluatedMasks) -> Pixels | None:
    from BaseDT.plot import confusion

    matrix, classes = evaluated.matrix, evaluated.classes
    if not matrix.any():
        return None
    if not matrix[:, -1].any():
        return confusion.draw(matrix[:, :-1], classes, counted="pixels")
    # Pixels without an answer have a column of their own, and no row: no pixel is of no class.
    square = np.pad(matrix, ((0, 1), (0, 0)))
    return confusion.draw(square, (*classes, fonts.picture_text("no class", "无类别")), counted="pixels")


def per_class(evaluated: EvaluatedMasks) -> list[dict[str, Any]]:
    """Return what there is to say of each class; None where nothing."""
    pictures = (evaluated.pixels > 0).sum(axis=0).tolist()
    rows = zip(evaluated.classes, evaluated.reports, evaluated.intervals.iou, pictures, strict=True)
    return [
        {
            "class": name,
            "IoU": rounded(report.iou),
            "IoU_interval": None if ends is None else [rounded(end) for end in ends],
            "precision": rounded(report.precision),
            "recall": rounded(report.recall),
            "f1": rounded(report.f1),
            "pixels": report.pixels,
            "predicted": report.predicted,
            "pictures": count,
        }
        for name, report, ends, count in rows
    ]


def per_picture(evaluated: EvaluatedMasks) -> list[dict[str, Any]]:
    """Return the pictures with a wrong pixel, the worst first."""
    right = evaluated.hits.sum(axis=1)
    rows = [
        {"file": str(path), "mIoU": miou, "pixel_accuracy": int(hits) / int(judged), "wrong": int(judged - hits)}
        for path, miou, hits, judged in zip(
            evaluated.paths, evaluated.picture_miou, right, evaluated.judged, strict=True
        )
        if judged > hits
    ]
    rows.sort(key=lambda row: (row["mIoU"], row["pixel_accuracy"]))
    return [{name: rounded(value) for name, value in row.items()} for row in rows]


def class_table(evaluated: EvaluatedMasks) -> str:
    """Return the table of the classes."""
    rows = [
        {**row, **dict(zip(("IoU_low", "IoU_high"), row["IoU_interval"] or (None, None), strict=True))}
        for row in per_class(evaluated)
    ]
    return as_csv(_COLUMNS, rows)


def _mistakes(evaluated: EvaluatedMasks) -> str | None:
    rows = per_picture(evaluated)
    return as_csv(("file", "mIoU", "pixel_accuracy", "wrong"), rows) if rows else None
