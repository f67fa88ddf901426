"""The files of a detector's evaluation, in the form of a training's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from BaseDT.language import say
from BaseDT.metrics.boxes import INSTALL
from BaseDT.plot.report_files import write_picture, write_table
from XEdu.evaluation import hits_and_misses
from XEdu.evaluation.class_files import MATPLOTLIB, as_csv, no_curves
from XEdu.evaluation.evaluated_boxes import EvaluatedBoxes

MEANINGS = {
    "precision_recall.png": ("precision against recall", "精确率-召回率曲线"),
    "detections.png": ("hits, misses and false alarms", "检测正确、漏检与误检"),
    "per_class.csv": ("average precision of each class", "各类别的平均精度（AP）"),
    "mistakes.csv": ("all pictures with misses or false alarms", "有漏检或误检的全部图片"),
}
"""What each file shows, in English and Chinese."""
_MAP_PACKAGE = "faster_coco_eval"
_COLUMNS = ("class", "AP", "AP50", "objects", "found", "false_alarms", "precision", "recall", "f1")


def write(
    folder: Path,
    evaluated: EvaluatedBoxes,
    per_class: Sequence[Mapping[str, Any]],
    worst: Sequence[Mapping[str, Any]],
) -> tuple[list[Path], list[str]]:
    """Write the files; returns them, and why some are missing. A file that has nothing to show is not written."""
    missing = [] if find_spec(MATPLOTLIB) else [no_curves("precision_recall.png")]
    if not missing and not find_spec(_MAP_PACKAGE):
        name = "precision_recall.png"
        missing = [say(f"{name} needs faster-coco-eval: {INSTALL}.", f"{name} 需要 faster-coco-eval：{INSTALL}。")]
    written = [
        _curve(folder / "precision_recall.png", evaluated),
        write_picture(folder / "detections.png", hits_and_misses.draw(evaluated)),
        write_table(folder / "per_class.csv", as_csv(_COLUMNS, per_class)),
        write_table(
            folder / "mistakes.csv", as_csv(("file", "found", "missed", "false_alarms"), worst) if worst else None
        ),
    ]
    return [path for path in written if path is not None], missing


def _curve(path: Path, evaluated: EvaluatedBoxes) -> Path | None:
    if find_spec(MATPLOTLIB) is None or find_spec(_MAP_PACKAGE) is None:  # the light install has neither
        return None
    from BaseDT.plot import precision_recall  # late: it is slow to load

    return write_picture(path, precision_recall.draw(evaluated.metrics, evaluated.classes))
