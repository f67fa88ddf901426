"""What a detection training leaves to look at: curves, precision and recall, hits and misses, numbers per class.

Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.plot import curves, precision_recall
from BaseDT.plot.report_files import write_picture, write_table
from MMEdu.tasks.detection.samples import BoxedPictures
from XEdu.evaluation import hits_and_misses
from XEdu.evaluation.class_files import as_csv
from XEdu.evaluation.evaluated_boxes import EvaluatedBoxes

if TYPE_CHECKING:
    from MMEdu.engine.plan import Outcome
    from MMEdu.tasks.detection.data import DetectionData


MEANINGS = {
    "curves.png": ("loss and mAP", "损失与 mAP 曲线"),
    "precision_recall.png": ("precision against recall", "精确率-召回率曲线"),
    "detections.png": ("hits, misses and false alarms", "检测正确、漏检与误检"),
    "per_class.csv": ("average precision of each class", "各类别的平均精度（AP）"),
}
"""What each file shows, in English and Chinese."""


def write_report(data: DetectionData, outcome: Outcome, folder: Path) -> tuple[Path, ...]:
    """Draw what a run left into its folder; see ``tasks.spec.WriteReport``."""
    evaluated = None
    if outcome.predictions is not None and outcome.indices is not None:
        evaluated = evaluated_boxes(data.val.samples, data.dataset.classes, outcome.predictions, outcome.indices)
    return write(folder, outcome.log, evaluated)


def evaluated_boxes(
    pictures: BoxedPictures, classes: Sequence[str], predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]
) -> EvaluatedBoxes:
    """Put together what a validation left.

    Args:
        pictures: The validation pictures.
        classes: Names by label.
        predictions: A ``Detections`` for each of ``indices``.
        indices: Which pictures they belong to.
    """
    chosen = indices.tolist()
    return EvaluatedBoxes(
        tuple(classes),
        tuple(pictures.images[index].path for index in chosen),
        tuple(detections.rows for detections in predictions),
        tuple(pictures.truth(index) for index in chosen),
        bits=pictures.preprocess.bits,
    )


def write(folder: Path, log: Sequence[Mapping[str, Any]], evaluated: EvaluatedBoxes | None) -> tuple[Path, ...]:
    """Write the report of a detection training into its folder, in place of that of an earlier run.

    ``curves.png`` needs a log with training lines; ``precision_recall.png``, ``detections.png`` (hits, misses and false
    alarms) and ``per_class.csv`` need an evaluation. What has nothing to show is not written; one from before is
    removed.

    Args:
        folder: The run's ``save_fold``; made if missing.
        log: The lines of the run's log, also of a resumed one.
        evaluated: The predictions for the validation pictures, if there were any.

    Returns:
        The files that were written.

    Raises:
        DiskFull: There is no room for a file (-803); the old one is as it was.
        PathNotWritable: A file cannot be replaced (-104).
    """
    evaluation = evaluated if evaluated is not None and evaluated.paths else None
    curve = None if evaluation is None else precision_recall.draw(evaluation.metrics, evaluation.classes)
    written = [
        write_picture(folder / "curves.png", curves.draw(log)),
        write_picture(folder / "precision_recall.png", curve),
        write_picture(folder / "detections.png", None if evaluation is None else hits_and_misses.draw(evaluation)),
        write_table(folder / "per_class.csv", None if evaluation is None else per_class_table(evaluation)),
    ]
    return tuple(path for path in written if path is not None)


def per_class_table(evaluated: EvaluatedBoxes) -> str:
    """Return the table of a detector: AP (overlaps 0.50 to 0.95), AP50 and the number of objects of each class.

    Shares are from 0 to 1; a class without an object has none.
    """
    metrics = evaluated.metrics
    rows = [
        {"class": name, "AP": _share(ap), "AP50": _share(ap50), "objects": int(count)}
        for name, ap, ap50, count in zip(evaluated.classes, metrics.ap, metrics.ap50, metrics.counts, strict=True)
    ]
    return as_csv(("class", "AP", "AP50", "objects"), rows)


def _share(value: float) -> float | None:
    return float(value) if value >= 0 else None
