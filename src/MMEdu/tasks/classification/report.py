"""What a classification training leaves to look at: curves, confusion matrix, numbers per class, the worst mistakes.

Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT import metrics
from BaseDT.image import Pixels
from BaseDT.plot import confusion, curves
from BaseDT.plot.report_files import write_picture, write_table
from MMEdu.tasks.classification import label_report, several_labels
from MMEdu.tasks.classification.calibration import calibrate, tempered
from MMEdu.tasks.classification.label_thresholds import suggested
from XEdu.evaluation import mistakes
from XEdu.evaluation.class_files import as_csv, per_class
from XEdu.evaluation.evaluated_classes import EvaluatedClasses
from XEdu.evaluation.evaluated_labels import EvaluatedLabels

if TYPE_CHECKING:
    from MMEdu.engine.plan import Outcome
    from MMEdu.tasks.classification.data import ClassificationData


MEANINGS = {
    "curves.png": ("loss and accuracy", "损失与准确率曲线"),
    "confusion_matrix.png": ("what is taken for what", "混淆矩阵"),
    "labels.png": ("found, missed, claimed wrongly of each label", "各标签的找到、漏掉与误报"),
    "worst_mistakes.png": ("the worst mistakes", "错得最离谱的图片"),
    "per_class.csv": ("precision and recall of each class", "各类别的精确率与召回率"),
}
"""What each file shows, in English and Chinese."""


def write_report(data: ClassificationData, outcome: Outcome, folder: Path) -> tuple[Path, ...]:
    """Draw what a run left into its folder; see ``tasks.spec.WriteReport``."""
    if data.answers.kind == several_labels.KIND:
        return label_report.write(folder, outcome.log, _labels(data, outcome))
    evaluated = None
    if outcome.predictions is not None and outcome.indices is not None:
        samples = data.val.samples
        labels = samples.labels[outcome.indices]
        evaluated = EvaluatedClasses(
            classes=data.dataset.classes,
            paths=tuple(samples.paths[i] for i in outcome.indices),
            labels=labels,
            # As ``inference`` with the best checkpoint gives them.
            scores=tempered(outcome.predictions, calibrate(outcome.predictions, labels).temperature),
            bits=data.preprocess.bits,
        )
    return write(folder, outcome.log, evaluated)


def _labels(data: ClassificationData, outcome: Outcome) -> EvaluatedLabels | None:
    """Return what the model said of the labels of the validation pictures, as ``inference`` reports them."""
    if outcome.predictions is None or outcome.indices is None or not len(outcome.indices):
        return None
    samples, scores = data.val.samples, outcome.predictions
    truth = samples.labels[outcome.indices].astype(bool)
    paths = tuple(samples.paths[i] for i in outcome.indices)
    thresholds = np.array(suggested(scores, truth))
    return EvaluatedLabels(data.classes, paths, truth, scores, thresholds, bits=data.preprocess.bits)


def write(folder: Path, log: Sequence[Mapping[str, Any]], evaluated: EvaluatedClasses | None) -> tuple[Path, ...]:
    """Write the report of a run into its folder, in place of that of an earlier run.

    ``curves.png`` needs a log with training lines; ``confusion_matrix.png`` and ``per_class.csv`` need an evaluation,
    ``worst_mistakes.png`` also mistakes. A file that has nothing to show is not written; one from before is removed.

    Args:
        folder: The run's ``save_fold``; made if missing.
        log: The lines of the run's log, also of a resumed one.
        evaluated: What the model said about the validation pictures, if there were any.

    Returns:
        The files that were written.

    Raises:
        DiskFull: There is no room for a file (-803); the old one is as it was.
        PathNotWritable: A file cannot be replaced (-104).
    """
    seen = evaluated if evaluated is not None and len(evaluated.labels) else None
    written = [
        write_picture(folder / "curves.png", curves.draw(log)),
        write_picture(folder / "labels.png", None),  # of an earlier run, on pictures with several labels
        write_picture(folder / "confusion_matrix.png", None if seen is None else _confusion(seen)),
        write_picture(folder / "worst_mistakes.png", None if seen is None else mistakes.draw(seen)),
        # Last: this is the file that another program, Excel, may hold open.
        write_table(folder / "per_class.csv", None if seen is None else per_class_table(seen)),
    ]
    return tuple(path for path in written if path is not None)


def _confusion(seen: EvaluatedClasses) -> Pixels:
    matrix = metrics.confusion_matrix(seen.labels, seen.predictions, len(seen.classes))
    return confusion.draw(matrix, seen.classes)


def per_class_table(evaluated: EvaluatedClasses) -> str:
    """Return the table as comma-separated values; shares are from 0 to 1, empty where there is nothing to share."""
    matrix = metrics.confusion_matrix(evaluated.labels, evaluated.predictions, len(evaluated.classes))
    return as_csv(("class", "precision", "recall", "f1", "support"), per_class(evaluated.classes, matrix))
