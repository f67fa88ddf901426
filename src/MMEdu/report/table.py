"""``per_class.csv``: what was measured of every class, for a spreadsheet.

Precision, recall, F1 and number of pictures of a classifier; average precision and number of objects of a detector.
"""

from __future__ import annotations

import csv
import io

from BaseDT import metrics
from MMEdu.report.boxes import EvaluatedBoxes
from MMEdu.report.evaluated import Evaluated


def text(evaluated: Evaluated) -> str:
    """Return the table as comma-separated values; shares are from 0 to 1."""
    matrix = metrics.confusion_matrix(evaluated.labels, evaluated.predictions, len(evaluated.classes))
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["class", "precision", "recall", "f1", "support"])
    for name, report in zip(evaluated.classes, metrics.per_class(matrix), strict=True):
        shares = (f"{share:.4f}" for share in (report.precision, report.recall, report.f1))
        writer.writerow([name, *shares, report.support])
    return table.getvalue()


def boxes_text(evaluated: EvaluatedBoxes) -> str:
    """Return the table of a detector: AP (overlaps 0.50 to 0.95), AP50 and the number of objects of each class.

    Shares are from 0 to 1; a class without an object has none.
    """
    measured = evaluated.measured
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["class", "AP", "AP50", "objects"])
    for name, ap, ap50, count in zip(evaluated.classes, measured.ap, measured.ap50, measured.counts, strict=True):
        shares = [f"{share:.4f}" if share >= 0 else "" for share in (float(ap), float(ap50))]
        writer.writerow([name, *shares, int(count)])
    return table.getvalue()
